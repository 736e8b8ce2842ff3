/** What decoded option bytes protect: the level of read protection, and sectors against writing. */
import type { Range } from '../chip.ts';
import { type DecodedField, nameOfValue } from './codec.ts';
import type { OptionLayout, ProtectionAreas, ProtectionBits } from './layout.ts';

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
  { writeProtection }: OptionLayout,
  fields: readonly DecodedField[],
  banks: readonly (readonly Range[])[],
): number[] {
  if (!writeProtection) return [];
  const values = new Map(fields.filter(({ state }) => state === 'ok').map(({ field, value }) => [field.name, value]));
  if (writeProtection.kind === 'areas') return chosen(banks, coveredByAreas(writeProtection, values));
  const { unless, perBank, fields: names } = writeProtection;
  if (unless && values.get(unless.field) === unless.value) return [];
  const divided = perBank && banks.length === names.length;
  if (!divided) return chosen(banks, coveredByBits({ ...writeProtection, fields, names }, banks.flat()));
  const byBank = banks.map((bank, i) =>
    coveredByBits({ ...writeProtection, fields, names: names.slice(i, i + 1) }, bank),
  );
  return chosen(banks, (place) => byBank[place.bank]?.({ ...place, index: place.page }) ?? false);
}

/**
 * Sectors of which the decoded fields do not tell whether they are write-protected, by their index in the whole flash: a
 * field is not shown or not valid, or proprietary code may keep its sectors from being written (PCROP).
 * @param banks the sectors of the flash, bank by bank
 */
export function untoldSectors(
  { writeProtection }: OptionLayout,
  fields: readonly DecodedField[],
  banks: readonly (readonly Range[])[],
): number[] {
  if (!writeProtection) return chosen(banks, () => true);
  const values = new Map(fields.filter(({ state }) => state === 'ok').map(({ field, value }) => [field.name, value]));
  const isTold = (name: string): boolean => values.has(name);
  const code = codeAreas(values);
  const hasCode = (bank: number): boolean => code.includes('all') || code.includes(bank);
  if (writeProtection.kind === 'areas') {
    const { areas } = writeProtection;
    const toldBank = (bank: number): boolean =>
      areas.some((area) => area.bank === bank) &&
      areas.every((area) => area.bank !== bank || (isTold(area.start) && isTold(area.end)));
    return chosen(banks, ({ bank }) => !toldBank(bank) || hasCode(bank));
  }
  const { unless, perBank, fields: names } = writeProtection;
  if (unless && values.get(unless.field) !== 1 - unless.value) return chosen(banks, () => true);
  const divided = perBank && banks.length === names.length;
  return chosen(banks, ({ bank }) => {
    const needed = divided ? names.slice(bank, bank + 1) : names;
    return !needed.every(isTold) || hasCode(bank);
  });
}

/** `PCROP1_STRT` with `PCROP1_END`, `PROT_AREA_START2` with `PROT_AREA_END2`, and the like. */
const CODE_AREA = /^(?:PCROP|PROT_AREA|SEC_AREA).*?(STRT|START)/;

/** Banks that hold an area of proprietary or secure code. */
function codeAreas(values: ReadonlyMap<string, number>): (number | 'all')[] {
  return [...values].flatMap(([name, first]) => {
    const start = CODE_AREA.exec(name)?.[1];
    const last = start === undefined ? undefined : values.get(name.replace(start, 'END'));
    if (last === undefined || first > last) return [];
    const bank = /\d/.exec(name)?.[0];
    return [bank === undefined ? 'all' : Number(bank) - 1];
  });
}

/** Where a sector stands: in the whole flash, and in its bank. */
interface Place {
  readonly sector: Range;
  readonly index: number;
  readonly bank: number;
  readonly page: number;
}

type Covered = (place: Place) => boolean;

function chosen(banks: readonly (readonly Range[])[], covers: Covered): number[] {
  let index = -1;
  return banks.flatMap((sectors, bank) =>
    sectors.flatMap((sector, page) => {
      index++;
      return covers({ sector, index, bank, page }) ? [index] : [];
    }),
  );
}

interface Bits extends Omit<ProtectionBits, 'fields'> {
  readonly fields: readonly DecodedField[];
  readonly names: readonly string[];
}

function coveredByBits(
  { fields, names, protects, bytesPerBit, sectorsPerBit }: Bits,
  sectors: readonly Range[],
): Covered {
  const known = names.flatMap((name) => fields.find(({ field }) => field.name === name) ?? []);
  // Bytes that are not valid protect nothing that can be told.
  const bits = known.flatMap(({ field, value, state }) =>
    Array.from({ length: field.bits }, (_, bit) => state === 'ok' && Math.floor(value / 2 ** bit) % 2 === protects),
  );
  const start = sectors[0]?.start ?? 0;
  const countField = sectorsPerBit && fields.find(({ field }) => field.name === sectorsPerBit.field);
  const perBit = (countField && sectorsPerBit?.counts[countField.value]) ?? 1;
  return ({ sector, index }) => {
    const bit = bytesPerBit === undefined ? index / perBit : (sector.start - start) / bytesPerBit;
    // The last bit stands for all that is left.
    return bits[Math.min(Math.floor(bit), bits.length - 1)] ?? false;
  };
}

function coveredByAreas({ areas }: ProtectionAreas, values: ReadonlyMap<string, number>): Covered {
  return (place) =>
    areas.some(({ bank, start, end }) => {
      const [first, last] = [values.get(start), values.get(end)];
      if (place.bank !== bank || first === undefined || last === undefined) return false;
      return place.page >= first && place.page <= last;
    });
}
