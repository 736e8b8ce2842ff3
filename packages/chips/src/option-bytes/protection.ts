/** What decoded option bytes protect: the level of read protection, and sectors against writing. */
import type { Range } from '../chip.ts';
import { type DecodedField, nameOfValue } from './codec.ts';
import type { ClosedArea, OptionLayout, ProtectionAreas, ProtectionBits } from './layout.ts';

/** Whether the chip is open; `undefined` where the field is not there. */
export function isOpen(layout: OptionLayout, fields: readonly DecodedField[]): boolean | undefined {
  const { field, open } = layout.readProtection;
  const found = fields.find((each) => each.field.name === field);
  return found && found.state === 'ok' && found.value === open;
}

/** Name of the level that read protection has: `level 1`, `open`. */
export function readProtectionName(layout: OptionLayout, fields: readonly DecodedField[]): string | undefined {
  const found = fields.find((each) => each.field.name === layout.readProtection.field);
  return found && nameOfValue(found.field, found.value);
}

/**
 * Which sectors are write-protected, by their index in the whole flash.
 * @param banks the sectors of the flash, bank by bank
 */
export function writeProtectedSectors(
  layout: OptionLayout,
  fields: readonly DecodedField[],
  banks: readonly (readonly Range[])[],
): number[] {
  const isProtected = verdictOf({ layout, fields, banks });
  return chosen(banks, (place) => isProtected(place) === true);
}

/**
 * Sectors of which the decoded fields do not tell whether they can be written, by their index in the whole flash: a field
 * is not shown or not valid, the table does not hold all of the protection, TrustZone is on, or proprietary code may keep
 * its sectors from being written (PCROP). Those that are known to be protected are not among them.
 * @param banks the sectors of the flash, bank by bank
 */
export function untoldSectors(
  layout: OptionLayout,
  fields: readonly DecodedField[],
  banks: readonly (readonly Range[])[],
): number[] {
  const decoded = { layout, fields, banks };
  const isProtected = verdictOf(decoded);
  const isCode = layout.codeBits && byBits(layout.codeBits, decoded);
  const closed =
    layout.writeProtection?.incomplete || mayHaveTrustZone(decoded) ? banks.keys() : banksWithCode(decoded);
  const closedBanks = new Set(closed);
  return chosen(banks, (place) => {
    const verdict = isProtected(place);
    const mayBeCode = isCode !== undefined && isCode(place) !== false;
    return verdict === undefined || (!verdict && (mayBeCode || closedBanks.has(place.bank)));
  });
}

/** A sector that a bootloader cannot change, and by which option. */
export interface ClosedSector {
  readonly index: number;
  /** `WRP`, `PCROP1A`, `SFSA`. */
  readonly by: string;
}

/**
 * Every sector that the option bytes close against a bootloader, by its index in the whole flash: write protection,
 * proprietary code, secure pages, the flash of another core. What is not shown or not valid closes nothing here: see `untoldSectors`.
 * @param banks the sectors of the flash, bank by bank
 */
export function closedSectors(
  layout: OptionLayout,
  fields: readonly DecodedField[],
  banks: readonly (readonly Range[])[],
): ClosedSector[] {
  const decoded = { layout, fields, banks };
  const protectedOnes = new Set(writeProtectedSectors(layout, fields, banks));
  const byCode = layout.closed?.flatMap((area) => closedBy(area, decoded)) ?? [];
  return [
    ...[...protectedOnes].map((index) => ({ index, by: 'WRP' })),
    ...proprietaryBits(decoded).map((index) => ({ index, by: 'PCROP' })),
    ...codeBits(decoded).map((index) => ({ index, by: 'PCROP' })),
    ...byCode,
  ]
    .filter(({ index }, i, all) => all.findIndex((each) => each.index === index) === i)
    .sort((a, b) => a.index - b.index);
}

function closedBy(
  { name, bank, start, end, unitBytes, only, equalIsAll }: ClosedArea,
  decoded: Decoded,
): ClosedSector[] {
  const values = valuesOf(decoded);
  if (only && values.get(only.field) !== only.value) return [];
  const [first, last] = [values.get(start), end === undefined ? Number.POSITIVE_INFINITY : values.get(end)];
  if (first === undefined || last === undefined || first > last) return [];
  const isWhole = equalIsAll && first === last;
  return chosen(decoded.banks, ({ sector, bank: own, page }) => {
    if (!isOfBank(decoded, bank, own)) return false;
    if (unitBytes === 'sector') return isWhole || (page >= first && page <= last);
    const base = decoded.banks[own]?.[0]?.start ?? 0;
    const [from, to] = [base + first * unitBytes, base + (last + 1) * unitBytes];
    return isWhole || (sector.start < to && sector.end > from);
  }).map((index) => ({ index, by: name }));
}

/** With SPRMOD = 1 a bit that is set stands for proprietary code (RM0090). */
function proprietaryBits(decoded: Decoded): number[] {
  const { writeProtection: protection } = decoded.layout;
  if (protection?.kind !== 'bits' || !protection.unless) return [];
  const { unless, ...rest } = protection;
  if (valuesOf(decoded).get(unless.field) !== unless.value) return [];
  const isCode = byBits({ ...rest, protects: protection.protects === 0 ? 1 : 0 }, decoded);
  return chosen(decoded.banks, (place) => isCode(place) === true);
}

/** Bits of their own stand for proprietary code (RM0431). */
function codeBits(decoded: Decoded): number[] {
  const { codeBits: bits } = decoded.layout;
  if (!bits) return [];
  const isCode = byBits(bits, decoded);
  const found = chosen(decoded.banks, (place) => isCode(place) === true);
  // All of the flash: bytes that were never programmed may look the same, and nothing is refused on a guess.
  return found.length === decoded.banks.flat().length ? [] : found;
}

interface Decoded {
  readonly layout: OptionLayout;
  readonly fields: readonly DecodedField[];
  readonly banks: readonly (readonly Range[])[];
}

/** Where a sector stands: in the whole flash, and in its bank. */
interface Place {
  readonly sector: Range;
  readonly index: number;
  readonly bank: number;
  readonly page: number;
}

function chosen(banks: Decoded['banks'], isChosen: (place: Place) => boolean): number[] {
  let index = -1;
  return banks.flatMap((sectors, bank) =>
    sectors.flatMap((sector, page) => {
      index++;
      return isChosen({ sector, index, bank, page }) ? [index] : [];
    }),
  );
}

/** Whether a sector is write-protected; `undefined` where what would tell it is not shown or not valid. */
type Verdict = (place: Place) => boolean | undefined;

function verdictOf(decoded: Decoded): Verdict {
  const { writeProtection } = decoded.layout;
  if (!writeProtection) return () => undefined;
  return writeProtection.kind === 'areas' ? byAreas(writeProtection, decoded) : byBits(writeProtection, decoded);
}

/** Of the fields that are valid. */
function valuesOf({ fields }: Decoded): ReadonlyMap<string, number> {
  return new Map(fields.filter(({ state }) => state === 'ok').map(({ field, value }) => [field.name, value]));
}

function byBits(protection: ProtectionBits, decoded: Decoded): Verdict {
  const { unless, perBank, bytesPerBit, lastCoversRest, sectorsPerBit } = protection;
  const values = valuesOf(decoded);
  if (unless && values.get(unless.field) !== 1 - unless.value) return () => undefined;
  const perBit = sectorsPerBit ? sectorsPerBit.counts[values.get(sectorsPerBit.field) ?? -1] : 1;
  if (perBit === undefined) return () => undefined;
  const bits = bitsOf(protection, decoded);
  const groups = perBank ? decoded.banks : [decoded.banks.flat()];
  const share = bits.length / groups.length;
  return ({ sector, index, bank, page }) => {
    const [group, count] = perBank ? [bank, page] : [0, index];
    const start = groups[group]?.[0]?.start ?? 0;
    const bit = Math.floor(bytesPerBit === undefined ? count / perBit : (sector.start - start) / bytesPerBit);
    const own = lastCoversRest ? Math.min(bit, share - 1) : bit;
    return own < share ? bits[group * share + own] : undefined;
  };
}

/** Whether each bit protects, in the order of the flash. */
function bitsOf({ fields: names, protects }: ProtectionBits, decoded: Decoded): (boolean | undefined)[] {
  const values = valuesOf(decoded);
  return names.flatMap((name) => {
    const value = values.get(name);
    const { bits } = decoded.layout.fields.find((each) => each.name === name) ?? { bits: 0 };
    return Array.from({ length: bits }, (_, bit) =>
      value === undefined ? undefined : Math.floor(value / 2 ** bit) % 2 === protects,
    );
  });
}

function byAreas({ areas }: ProtectionAreas, decoded: Decoded): Verdict {
  const values = valuesOf(decoded);
  return ({ bank, page }) => {
    const own = areas.filter((area) => isOfBank(decoded, area.bank, bank));
    const verdicts = own.map(({ start, end }) => {
      const [first, last] = [values.get(start), values.get(end)];
      return first === undefined || last === undefined ? undefined : page >= first && page <= last;
    });
    if (verdicts.includes(true)) return true;
    return own.length === 0 || verdicts.includes(undefined) ? undefined : false;
  };
}

/** In a flash of one bank what is said of a second one counts for all of it (RM0440, with DBANK = 0). */
function isOfBank({ banks }: Decoded, stated: number, bank: number): boolean {
  return banks.length === 1 || stated === bank;
}

/** Secure sectors take no writes from a bootloader that is not secure, whatever else is said of them (RM0438, RM0456). */
function mayHaveTrustZone(decoded: Decoded): boolean {
  return decoded.layout.fields.some(({ name }) => name === 'TZEN') && valuesOf(decoded).get('TZEN') !== 0;
}

/** `PCROP1_STRT` with `PCROP1_END`, `PROT_AREA_START2` with `PROT_AREA_END2`, and the like. */
const CODE_AREA = /^(?:PCROP|PROT_AREA|SEC_AREA).*?(STRT|START)/;

/** Banks that hold an area of proprietary or secure code, or may: it is not shown, or its complement does not agree. */
function banksWithCode(decoded: Decoded): number[] {
  const { layout, banks } = decoded;
  const stated = layout.fields.flatMap(({ name }) => {
    const start = CODE_AREA.exec(name)?.[1];
    if (start === undefined || !mayHoldCode(decoded, name, name.replace(start, 'END'))) return [];
    return [Number(/\d/.exec(name)?.[0] ?? 1) - 1];
  });
  return [...banks.keys()].filter((bank) => stated.some((each) => isOfBank(decoded, each, bank)));
}

/** An area that was never programmed is none; one that is in disorder protects everything (RM0440). */
function mayHoldCode({ fields }: Decoded, start: string, end: string): boolean {
  const [first, last] = [start, end].map((name) => fields.find(({ field }) => field.name === name));
  if (!first || !last || first.state === 'mismatch' || last.state === 'mismatch') return true;
  return first.state === 'ok' && last.state === 'ok' && first.value <= last.value;
}
