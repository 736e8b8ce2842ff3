/**
 * What a parsed firmware file is: its format, the bytes to program, and what the format says beyond them. It does
 * nothing.
 */
import type { MemoryImage, Range } from './memory-image.ts';

/** Every format that is read and written. */
export const FORMAT_NAMES = ['elf', 'intel-hex', 'srec', 'binary', 'dfuse', 'uf2'] as const;

export type FormatName = (typeof FORMAT_NAMES)[number];

/** A firmware file, read and checked. */
export interface Firmware {
  readonly format: FormatName;
  /** Everything that is to be programmed; never empty. */
  readonly image: MemoryImage;
  /** The address at which execution starts, when the file gives one. Thumb code has bit 0 set, as in the file. */
  readonly entry?: number;
  /** Ranges of the image that the program does not need: filling that a linker put between sections. Ascending; ELF only. */
  readonly padding?: readonly Range[];
  /** `details.format` equals `format` and tells the members apart. */
  readonly details: FirmwareDetails;
}

export type FirmwareDetails = IntelHexDetails | SrecDetails | BinaryDetails | ElfDetails | DfuseDetails | Uf2Details;

export interface IntelHexDetails {
  readonly format: 'intel-hex';
  /** Number of data records (type 00). */
  readonly dataRecords: number;
  /** CS and IP of a start segment address record (type 03); `entry` is then CS × 16 + IP. */
  readonly startSegment?: { readonly cs: number; readonly ip: number };
}

export interface SrecDetails {
  readonly format: 'srec';
  /** Number of data records (S1, S2, S3). */
  readonly dataRecords: number;
  /** Text of the first header record (S0), each byte as one Latin-1 character, trailing NULs removed. */
  readonly header?: string;
}

export interface BinaryDetails {
  readonly format: 'binary';
  /** Present when the file ended in a correct DFU suffix, which is not part of the image. */
  readonly dfuSuffix?: DfuSuffix;
}

/** Identification at the end of a DFU file (DFU 1.1, appendix B). 0xFFFF means "any". */
export interface DfuSuffix {
  readonly vendor: number;
  readonly product: number;
  /** bcdDevice */
  readonly device: number;
  /** bcdDFU: 0x0100 for a plain DFU file, 0x011A for DfuSe. */
  readonly specification: number;
}

export interface ElfDetails {
  readonly format: 'elf';
  /** e_machine; 40 is ARM. */
  readonly machine: number;
  /** Every loadable (PT_LOAD) segment in file order, with those that only reserve memory. */
  readonly segments: readonly ElfSegment[];
  /**
   * Those with content whose physical address is RAM: a debugger can load them, flash cannot hold them, `image` lacks
   * them.
   */
  readonly ramSegments: readonly ElfSegment[];
}

/** A loadable segment (TIS ELF 1.2, program header). Sizes in bytes. */
export interface ElfSegment {
  /** Where the content is stored: the address to program. */
  readonly physicalAddress: number;
  /** Where it is when the program runs. */
  readonly virtualAddress: number;
  /** Place of the content in the file. */
  readonly fileOffset: number;
  /** Bytes of content; 0 for zero-initialised data (.bss). */
  readonly fileSize: number;
  readonly memorySize: number;
  /** Leading bytes that are the ELF file's own headers, which a linker may map: not programmed. */
  readonly headerSize: number;
  readonly readable: boolean;
  readonly writable: boolean;
  readonly executable: boolean;
}

export interface DfuseDetails extends DfuSuffix {
  readonly format: 'dfuse';
  readonly targets: readonly DfuseTarget[];
}

/** One target of a DfuSe file: what goes to one alternate setting (UM0391 §2.3). */
export interface DfuseTarget {
  readonly alternate: number;
  readonly name?: string;
  readonly elements: readonly DfuseElement[];
}

export interface DfuseElement {
  readonly address: number;
  /** Size in bytes. */
  readonly size: number;
  /** Place of its content in the file. */
  readonly fileOffset: number;
}

export interface Uf2Details {
  readonly format: 'uf2';
  /** Number of blocks in the file, with those that are not for flash. */
  readonly blocks: number;
  /** Families whose blocks are in the image, in file order. */
  readonly families: readonly Uf2Family[];
}

export interface Uf2Family {
  readonly id: number;
  /** Name of an STM32 family, when it is one. */
  readonly name?: string;
  /** Name of other chips, where the id is theirs: `RP2040`. */
  readonly foreign?: string;
}

export interface ParseOptions {
  /** The file's name: its ending decides only when the content does not. */
  readonly name?: string;
  /** Address of the first byte. A raw binary needs it; a file that carries its own addresses must start there. */
  readonly address?: number;
  /** Reads the file as this format, whatever it looks like. */
  readonly format?: FormatName;
  /** UF2: takes only the blocks of this family (and those without one) from a file for several. */
  readonly family?: number;
}

/** Each member says which formats use it; the others ignore it. */
export interface FormatOptions {
  /** ELF, Intel HEX, S-record: where execution starts. */
  readonly entry?: number;
  /** S-record: text of the header record. */
  readonly header?: string;
  /**
   * Binary: value of bytes that the image leaves open (default 0xFF). UF2: when given, completes every 256-byte page.
   */
  readonly fill?: number;
  /** UF2: family id, for instance from `UF2_FAMILIES`. Without it the blocks carry none. */
  readonly family?: number;
  /** DfuSe: identification and targets. */
  readonly dfuse?: DfuseOptions;
}

export interface DfuseOptions {
  /** Default 0x0483 (STMicroelectronics). */
  readonly vendor?: number;
  /** Default 0xDF11 (STM32 in DFU mode). */
  readonly product?: number;
  /** bcdDevice; default 0xFFFF (any). */
  readonly device?: number;
  /** Default: one target, alternate 0, with the whole image. Together they must take every byte of the image. */
  readonly targets?: readonly DfuseTargetOptions[];
}

export interface DfuseTargetOptions {
  readonly alternate: number;
  /** At most 254 Latin-1 characters. */
  readonly name?: string;
  /** The part of the image for this target; default all of it. */
  readonly range?: Range;
}
