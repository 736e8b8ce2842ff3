/** From the bytes of option bytes to their fields and back. It changes nothing but what it is asked to change. */
import type { NamedValue, OptionField, OptionLayout } from './layout.ts';

/** `unprogrammed`: erased, so that the chip takes its own default; `mismatch`: value and complement do not agree. */
export type FieldState = 'ok' | 'unprogrammed' | 'mismatch';

export interface DecodedField {
  readonly field: OptionField;
  readonly value: number;
  readonly state: FieldState;
}

/** The blocks in the order of the layout; one that the bootloader does not show is `undefined`. */
export type OptionBlocks = readonly (Uint8Array | undefined)[];

/** Every field that lies in what is there. */
export function decodeOptionBytes(layout: OptionLayout, blocks: OptionBlocks): DecodedField[] {
  return layout.fields.flatMap((field) => {
    const bytes = blocks[field.block];
    if (!bytes || !isWithin(layout, field, bytes)) return [];
    const units = field.units.map((at) => readUnit(bytes, at, layout.unit));
    return [{ field, value: extract(layout, field, units), state: stateOf(layout, field, bytes) }];
  });
}

/**
 * New blocks with these values; complements and program registers follow.
 * @throws RangeError for a field that is not in the blocks, or a value that has no room in it
 */
export function encodeOptionBytes(
  layout: OptionLayout,
  blocks: OptionBlocks,
  values: ReadonlyMap<string, number>,
): (Uint8Array | undefined)[] {
  const next = blocks.map((bytes) => bytes?.slice());
  for (const field of layout.fields) {
    const bytes = next[field.block];
    // What is written to a program register becomes the chip's: it begins as what the chip has.
    if (bytes && isWithin(layout, field, bytes)) copyCurrent(layout, field, bytes);
  }
  for (const [name, value] of values) {
    const field = layout.fields.find((each) => each.name === name);
    const bytes = field && next[field.block];
    if (!field || !bytes || !isWithin(layout, field, bytes)) throw new RangeError(`no option ${name}`);
    if (!Number.isInteger(value) || value < 0 || value >= 2 ** field.bits) {
      throw new RangeError(`${name} has no room for ${value}`);
    }
    insert(layout, { field, value, original: blocks[field.block] ?? bytes }, bytes);
  }
  return next;
}

/** The name of a value, where it has one. */
export function nameOfValue({ values, otherwise }: OptionField, value: number): string | undefined {
  return namedValue({ values }, value)?.name ?? otherwise;
}

export function namedValue({ values }: Pick<OptionField, 'values'>, value: number): NamedValue | undefined {
  return values.find((each) => each.value === value);
}

function copyCurrent({ unit }: OptionLayout, { units, programUnits }: OptionField, bytes: Uint8Array): void {
  programUnits?.forEach((at, index) => {
    const from = units[index] ?? at;
    bytes.copyWithin(at, from, from + unit);
  });
}

interface Insertion {
  readonly field: OptionField;
  readonly value: number;
  /** As it was before anything was changed. */
  readonly original: Uint8Array;
}

function insert(layout: OptionLayout, { field, value, original }: Insertion, bytes: Uint8Array): void {
  const { unit } = layout;
  const unitBits = unit * 8;
  for (let i = 0; i < field.bits; i++) {
    const place = field.bit + i;
    const index = Math.floor(place / unitBits);
    const one = Math.floor(value / 2 ** i) % 2 === 1;
    for (const at of [field.units[index], field.programUnits?.[index]]) {
      if (at !== undefined) setBit(bytes, at, place % unitBits, one);
    }
  }
  for (const at of field.units) {
    if (keepsComplement(layout, original, at)) {
      for (let i = 0; i < unit; i++) bytes[at + unit + i] = ~(bytes[at + i] ?? 0) & 0xff;
    }
  }
}

function setBit(bytes: Uint8Array, at: number, bit: number, one: boolean): void {
  const byte = at + (bit >> 3);
  const only = 1 << (bit & 7);
  bytes[byte] = one ? (bytes[byte] ?? 0) | only : (bytes[byte] ?? 0) & ~only;
}

function keepsComplement({ complement, unit }: OptionLayout, original: Uint8Array, at: number): boolean {
  if (complement === 'where-seen') return hasComplement(original, at, unit);
  return complement === 'always';
}

function hasComplement(bytes: Uint8Array, at: number, unit: number): boolean {
  for (let i = 0; i < unit; i++) {
    const [value, complement] = [bytes[at + i], bytes[at + unit + i]];
    if (value === undefined || complement === undefined || value + complement !== 0xff) return false;
  }
  return true;
}

function stateOf({ complement, unit }: OptionLayout, { units }: OptionField, bytes: Uint8Array): FieldState {
  if (complement !== 'always') return 'ok';
  if (units.every((at) => hasComplement(bytes, at, unit))) return 'ok';
  const erased = (at: number): boolean => bytes.subarray(at, at + 2 * unit).every((byte) => byte === 0xff);
  return units.every((at) => erased(at) || hasComplement(bytes, at, unit)) ? 'unprogrammed' : 'mismatch';
}

function extract({ unit }: OptionLayout, { bit, bits }: OptionField, units: readonly number[]): number {
  const whole = units.reduceRight((value, each) => value * 2 ** (unit * 8) + each, 0);
  return Math.floor(whole / 2 ** bit) % 2 ** bits;
}

function readUnit(bytes: Uint8Array, at: number, unit: number): number {
  let value = 0;
  for (let i = unit - 1; i >= 0; i--) value = value * 256 + (bytes[at + i] ?? 0);
  return value;
}

function isWithin({ unit, complement }: OptionLayout, { units, programUnits = [] }: OptionField, bytes: Uint8Array) {
  const room = complement === 'always' ? 2 * unit : unit;
  return [...units, ...programUnits].every((at) => at + room <= bytes.length);
}
