/** A virtual chip made from a row of the chip table: its sizes from the row, its registers from the model of its family. */
import type { Chip, FlashVariant } from '@sureflash/chips';
import { type ChipFacts, chipFamilies, type PartFacts } from '@sureflash/virtual';

/** Families whose members do not have the same controller. */
const FAMILY_OF_ROW: Readonly<Record<string, string>> = { stm32h7a3: 'H7A', stm32h7s3: 'H7RS' };
/** Where no row says where the flash size is, no debugger looks for it. */
const NO_PLACE = 0x0bfa_07a0;
/** Of rows that state no RAM: the board has some all the same. */
const SOME_RAM = [0x2000_0000, 0x4000] as const;

/** @returns why there is no board for a row */
export function whyNoBoard({ variants, family }: Chip): string | undefined {
  if (variants.length === 0) return 'no public source states its flash sizes';
  return chipFamilies.has(family) ? undefined : `there is no model of the registers of ${family}`;
}

/** @throws Error where `whyNoBoard` gives a reason */
export function chipFromRow(chip: Chip): ChipFacts {
  const variant = factoryVariant(chip);
  const model = chipFamilies.get(FAMILY_OF_ROW[chip.id] ?? chip.family);
  if (!variant || !model) throw new Error(`${chip.id}: ${whyNoBoard(chip)}`);
  const facts = model(partOf(chip, variant));
  return { ...facts, cells: { ...facts.cells, eraseMs: shortened(facts.cells.eraseMs) } };
}

/** So that a core that waits for the end of an erase costs a test little: it does the same for as long as it takes. */
const LONGEST_ERASE_MS = 4;
const shortened = (times: Readonly<Record<number, number>>): Record<number, number> =>
  Object.fromEntries(Object.entries(times).map(([bytes, ms]) => [bytes, Math.min(ms, LONGEST_ERASE_MS)]));

function partOf(
  { names, devId, ram, uidAddress, flashSizeAddress, id, eeprom = [] }: Chip,
  { banks }: FlashVariant,
): PartFacts {
  const extents = ram.map(({ start, end }) => [start, end - start] as const);
  const [first = SOME_RAM] = extents.filter(([start]) => start >= 0x2000_0000);
  return {
    name: names[0] ?? id.toUpperCase(),
    devId,
    banks: banks.map(({ runs }) => runs.map(({ count, size }) => [count, size] as const)),
    ram: [first, ...extents.filter((each) => each !== first)],
    uidAt: uidAddress ?? NO_PLACE - 0xa0,
    flashSizeAt: flashSizeAddress ?? NO_PLACE,
    eepromBytes: Math.max(0, ...eeprom.map(({ start, end }) => end - start)),
  };
}

/** The largest part as it leaves the factory: bits that divide the flash are 1 then (RM0410, RM0432, RM0438, RM0440, RM0444). */
function factoryVariant({ variants }: Chip): FlashVariant | undefined {
  const most = Math.max(...variants.map(({ bytes }) => bytes));
  const largest = variants.filter(({ bytes }) => bytes === most);
  return largest.find(({ option }) => option?.value === 1) ?? largest[0];
}
