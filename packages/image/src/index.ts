export { type ByteDifference, compareImages, type ImageComparison } from './compare.ts';
export { crc32 } from './crc32.ts';
export { detectFormat, FORMAT_TITLES, formatOfName } from './detect.ts';
export {
  type BinaryDetails,
  type DfuSuffix,
  type DfuseDetails,
  type DfuseElement,
  type DfuseOptions,
  type DfuseTarget,
  type DfuseTargetOptions,
  type ElfDetails,
  type ElfSegment,
  type Firmware,
  type FirmwareDetails,
  FORMAT_NAMES,
  type FormatName,
  type FormatOptions,
  type IntelHexDetails,
  type ParseOptions,
  type SrecDetails,
  type Uf2Details,
  type Uf2Family,
} from './firmware.ts';
export { formatFirmware } from './format.ts';
export { ImageError, type ImageErrorCode, type ImageErrorFacts } from './format-error.ts';
export { type ElfSection, type ElfSymbol, elfSections, elfSymbols } from './formats/elf-symbols.ts';
export { UF2_FAMILIES } from './formats/uf2-families.ts';
export { MemoryImage, type Range, rangeOf, type Segment } from './memory-image.ts';
export { parseFirmware } from './parse.ts';
export { sameBytes } from './same-bytes.ts';
