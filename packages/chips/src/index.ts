export { bootloaderEntryOf } from './bootloader/entries.ts';
export type {
  BlockFacts,
  BootloaderEntry,
  ClockFacts,
  CoreName,
  EntryRefusal,
  FamilyFacts,
  Peripheral,
  PortFacts,
  RegisterFacts,
  RemapFacts,
} from './bootloader/entry.ts';
export { type ControllerKind, type FlashController, flashControllerOf } from './bootloader/flash-controllers.ts';
export {
  type Bank,
  type Bootloader,
  type BootloaderVersion,
  type Chip,
  type DataEeprom,
  type DoubtfulField,
  type EraseTime,
  type FlashTiming,
  type FlashVariant,
  MISSES_QUICK_PACKETS,
  type OptionBit,
  type OtherChip,
  type Range,
  type SectorRun,
  type UsbSupply,
} from './chip.ts';
export { CHIPS, OTHER_CHIPS } from './chips.ts';
export {
  type ChipVariant,
  findChipByName,
  findChipsByDevId,
  findChipsByName,
  findChipsBySectors,
  findOtherChipByName,
  flashVariantsByCode,
  mapFitsChip,
  sectorsByBank,
  sectorsOf,
} from './find.ts';
export {
  type DecodedField,
  decodeOptionBytes,
  encodeOptionBytes,
  type FieldState,
  namedValue,
  nameOfValue,
  type OptionBlocks,
} from './option-bytes/codec.ts';
export type { NamedValue, OptionField, OptionLayout, ProtectionAreas, ProtectionBits } from './option-bytes/layout.ts';
export {
  type OptionBitPlace,
  optionLayoutOf,
  optionWriteResets,
  placeOfOptionBit,
  sharedOptionLayout,
} from './option-bytes/layouts.ts';
export { isOpen, readProtectionName, untoldSectors, writeProtectedSectors } from './option-bytes/protection.ts';
export { type Place, type PlaceKind, placeAt } from './places.ts';
export { idCodeAddress } from './registers.ts';
export { dfuChipsOfFamily, familyFromVectors, readVectorTable, type VectorTable } from './vectors.ts';
