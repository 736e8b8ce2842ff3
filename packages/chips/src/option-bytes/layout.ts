/** What a table of option bytes says. Offsets count bytes from the start of their block, as the bootloader shows it. */

/** A value that has a name: `level 0`, `boot from bank 2`. */
export interface NamedValue {
  readonly value: number;
  readonly name: string;
  /** What becomes of the chip with it, where that is not easily undone. */
  readonly caution?: string;
  /** Nothing takes it back. */
  readonly forEver?: true;
}

export interface OptionField {
  /** As the reference manual writes it. */
  readonly name: string;
  /** What it is about, a few words. */
  readonly about: string;
  /** Which of the blocks, in the order of `Chip.optionBytes`. */
  readonly block: number;
  /** The storage units that it lies in, the least significant first. */
  readonly units: readonly number[];
  /** Where the register to be written lies that goes with a status register at `units` (H5, H7: _CUR and _PRG). */
  readonly programUnits?: readonly number[];
  /** First bit, counted through the units. */
  readonly bit: number;
  readonly bits: number;
  readonly values: readonly NamedValue[];
  /** Name of every value that has none of its own: RDP level 1. */
  readonly otherwise?: string;
  /** The value stands for the address value × 2^addressShift. */
  readonly addressShift?: number;
  /** Only the maker, or another core, changes it. */
  readonly readOnly?: true;
}

interface Protection {
  /** There is protection beside it that the table does not have, or that no loader shows. */
  readonly incomplete?: true;
}

/** Bits that stand for a number of sectors, or for a number of bytes of flash, one after the other. */
export interface ProtectionBits extends Protection {
  readonly kind: 'bits';
  /** In the order of the flash. */
  readonly fields: readonly string[];
  /** The value of a bit that protects. */
  readonly protects: 0 | 1;
  /** Of flash for each bit; without it a bit stands for sectors. */
  readonly bytesPerBit?: number;
  /** How many sectors a bit stands for, by the value of a field; one where absent. */
  readonly sectorsPerBit?: { readonly field: string; readonly counts: Readonly<Record<number, number>> };
  /** In a flash of two banks each has half of the bits. */
  readonly perBank?: true;
  /** The last bit stands for all flash behind it too. Without it what lies beyond the bits is not told. */
  readonly lastCoversRest?: true;
  /** With this value the bits mean something else (PCROP). */
  readonly unless?: { readonly field: string; readonly value: number };
}

/** Areas from a first page to a last one, counted in their bank; none where the first lies behind the last. */
export interface ProtectionAreas extends Protection {
  readonly kind: 'areas';
  readonly areas: readonly { readonly bank: number; readonly start: string; readonly end: string }[];
}

/** Flash that a bootloader does not change: proprietary code, secure pages, the flash of another core. */
export interface ClosedArea {
  /** What it is, as people say: `PCROP1A`. */
  readonly name: string;
  readonly bank: number;
  /** The field with the first unit, and the one with the last; without it the area reaches to the end of the flash. */
  readonly start: string;
  readonly end?: string;
  /** Bytes of a unit, counted from the start of the bank; `sector` where the sectors of the bank are counted. */
  readonly unitBytes: number | 'sector';
  /** It is closed with this value of a field only. */
  readonly only?: { readonly field: string; readonly value: number };
  /** Equal ends stand for the whole bank. */
  readonly equalIsAll?: true;
}

export interface OptionLayout {
  /** Unique: `f0`, `l4-dual`. */
  readonly id: string;
  /** First address of each block, as `Chip.optionBytes`. */
  readonly blocks: readonly number[];
  /** Bytes of a storage unit: what has one complement. */
  readonly unit: 1 | 2 | 4;
  /** Whether each unit is followed by its complement; `where-seen`: where the chip shows one. */
  readonly complement: 'always' | 'where-seen' | 'never';
  readonly fields: readonly OptionField[];
  /** Name of the field that closes the chip, and the value of an open one. */
  readonly readProtection: { readonly field: string; readonly open: number };
  readonly writeProtection?: ProtectionBits | ProtectionAreas;
  /** Bits of their own that stand for proprietary code, beside those for write protection. */
  readonly codeBits?: ProtectionBits;
  readonly closed?: readonly ClosedArea[];
  readonly source: string;
}
