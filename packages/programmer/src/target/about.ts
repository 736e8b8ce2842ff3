/** What is known of a connected device: who answers, on which chip, and how certain that is. Data; it knows no protocol. */
import type { Chip } from '@sureflash/chips';

/**
 * `st-rom`: ST's ROM bootloader. `other-rom`: the ROM of another maker's chip. `cubemx-application`: an application with
 * STM32CubeMX's DFU class. `debug-port`: none, memory is reached through a debug probe. `custom`: anything else, such as a
 * bootloader of one's own.
 */
export type LoaderKind = 'st-rom' | 'other-rom' | 'cubemx-application' | 'debug-port' | 'custom';

/** What reading the chip itself has told. An absent field was not told. */
export interface ChipReadings {
  /** Every read is refused: read protection is on, and nothing more can be known. */
  readonly readProtected: boolean;
  readonly flashBytes?: number;
  /** Whether the serial number is the one that ST's loaders derive from the unique id. */
  readonly serialMatches?: boolean;
  /** Version of the ROM bootloader as AN2606 writes it: `V9.1`. */
  readonly bootloader?: string;
  readonly devId?: number;
  /** By the names of the reference manual: `nDBANK`. */
  readonly optionBits: Readonly<Record<string, 0 | 1>>;
  /** What could not be read, and why, one clause each. */
  readonly unknown: readonly string[];
}

export interface About {
  readonly kind: LoaderKind;
  /** One line for people: `STM32F105/107 in its ROM bootloader`. */
  readonly title: string;
  /** What `kind`, `chips` and `certain` rest on, one sentence without a full stop. */
  readonly because: string;
  /** Every chip of the table that fits; empty where the chip cannot be told. */
  readonly chips: readonly Chip[];
  /** Whether the device itself, or the user, has named the chip. A memory map that fits does not name it. */
  readonly certain: boolean;
  /** It is known by its USB ids or strings as a bootloader that somebody has finished. */
  readonly isKnown?: true;
  /** Whether the loader gives memory back, by its own word (bitCanUpload, DFU 1.1 §4.1.3); absent where it does not say. */
  readonly uploads?: boolean;
  /** Of a chip that is not ST's. */
  readonly maker?: string;
  /** Bytes that the loader takes or gives at once. */
  readonly blockSize?: number;
  /** The 96-bit unique id, 24 hex digits. */
  readonly uid?: string;
  /** Absent where the chip was not asked. */
  readonly readings?: ChipReadings;
  /** What stands between us and the chip: `ST-LINK V2J37M27`, and the supply of the chip in volts where it measures that. */
  readonly probe?: { readonly title: string; readonly volts?: number };
  /** Where the chip table was believed and not the device, one sentence each. */
  readonly differences: readonly string[];
}

/** Below it a chip does not start: power-down reset, 1.60 V at least (DS8626 §6.3.20). */
export const LEAST_SUPPLY_VOLTS = 1.6;

/** @returns the chip, when it is certain */
export function chipOf({ chips, certain }: Pick<About, 'chips' | 'certain'>): Chip | undefined {
  return certain ? chips[0] : undefined;
}

/** @returns a chip that it may be and whose times are known: good enough to estimate with */
export function likelyChip({ chips }: Pick<About, 'chips'>): Chip | undefined {
  return chips.find(({ timing }) => timing !== undefined);
}
