import { isDeepStrictEqual } from 'node:util';
import { CHIPS, type Chip, findChipByName, type Range, sectorsOf } from '@sureflash/chips';
import { type Extent, listSectors, type RomRow, romRows, scenarioNameOf } from '@sureflash/virtual';
import { expect, it } from 'vitest';

/**
 * Two tables were written from the same documents by different hands: the programmer's, and the one behind the virtual
 * ROMs. Where they agree a slip of the pen is unlikely; where they differ on purpose the reason stands here.
 */
const DIFFERENCES: readonly { readonly row: string; readonly field: string; readonly why: string }[] = [
  {
    row: 'stm32f722-rom',
    field: 'system memory',
    why: 'AN2606 states one range; OTP and UID lie in the midst of it (captured string, RM0431)',
  },
  ...['sectors', 'RAM'].map((field) => ({
    row: 'stm32h5f5-rom',
    field,
    why: 'no public source states it; a virtual chip has to have some, the chip table does not',
  })),
  ...['sectors', 'RAM', 'bootloader RAM', 'system memory'].map((field) => ({
    row: 'stm32wba25-rom',
    field,
    why: 'no public source states it; a virtual chip has to have some, the chip table does not',
  })),
  {
    row: 'stm32wba65-rom',
    field: 'bootloader RAM',
    why: 'AN2606 states its beginning only; the model guesses its end',
  },
  ...['stm32u385-rom', 'stm32u3c5-rom'].map((row) => ({
    row,
    field: 'RAM',
    why: 'the chip table has no source for it; the model follows the product pages',
  })),
];

const named = romRows.map((row) => [scenarioNameOf(row), row] as const);

function chipOf({ name }: RomRow): Chip {
  const chip = findChipByName(name);
  if (!chip) throw new Error(`no chip ${name}`);
  return chip;
}

const hex = (value: number): string => `0x${value.toString(16)}`;
const written = ({ start, end }: Range): string => `${hex(start)}-${hex(end)}`;
const littleEndian = (bytes: readonly number[]): number => bytes.reduceRight((value, byte) => value * 256 + byte, 0);
const range = ({ start, bytes }: Extent): Range => ({ start, end: start + bytes });

/** In ascending order, neighbours joined. */
function joined(ranges: readonly Range[]): string[] {
  const result: { start: number; end: number }[] = [];
  for (const { start, end } of ranges.toSorted((a, b) => a.start - b.start)) {
    const last = result.at(-1);
    if (last && last.end >= start) last.end = Math.max(last.end, end);
    else result.push({ start, end });
  }
  return result.map(written);
}

/** What each table says about a row, field by field, in the same words. */
function accounts(
  { profile, rom }: RomRow,
  chip: Chip,
): readonly (readonly [field: string, virtual: unknown, chips: unknown])[] {
  const { cells, uid, options, moreOptions } = profile;
  const sectors = listSectors(cells.regions).map(written).join();
  const variants = chip.variants.map((variant) => sectorsOf(variant).map(written).join());
  const tells = profile.systemBytes.at(-1);
  const version = tells && { address: tells.address, value: littleEndian(tells.bytes) };
  const address = chip.bootloader.idAddress ?? chip.bootloaderVectors + 4;
  const known = chip.bootloader.versions.map(({ id, resetHandler }) => ({ address, value: id ?? resetHandler }));
  const [first = 0, second = 0, third = 0] = uid.addresses ?? [];
  return [
    ['DEV_ID', hex(profile.devId), hex(chip.devId)],
    ['sectors', variants.includes(sectors), true],
    ['write size', (chip.programSizes ?? [chip.writeSize]).includes(cells.programBytes), true],
    ['erased value', cells.erasedByte ?? 0xff, chip.erasedValue],
    ['cells', cells.kind, chip.cells],
    ['RAM', joined(profile.ram.map(range)), joined(chip.ram)],
    ['bootloader RAM', joined(profile.bootloaderRam.map(range)), joined(chip.bootloader.ram)],
    ['system memory', joined(profile.systemMemory.map(range)), joined(chip.systemMemory)],
    ['flash size address', profile.flashSizeAddress, chip.flashSizeAddress],
    ['UID address', uid.addresses?.[0], chip.uidAddress],
    ['UID offsets', uid.addresses ? [0, second - first, third - first] : [0, 4, 8], chip.uidOffsets ?? [0, 4, 8]],
    ['option bytes', [options.start, ...(moreOptions ? [moreOptions.start] : [])].map(hex), chip.optionBytes.map(hex)],
    ['EEPROM', profile.eeprom && written(range(profile.eeprom)), chip.eeprom?.[0] && written(chip.eeprom[0])],
    ['bootloader version', version === undefined || known.some((each) => isDeepStrictEqual(each, version)), true],
    ['bcdDevice', (chip.bootloader.bcdDevice ?? [rom.bcdDevice]).includes(rom.bcdDevice), true],
    ['connect', (chip.bootloader.connect ?? [{ ms: rom.connectMs }]).some(({ ms }) => ms === rom.connectMs), true],
  ];
}

function differences(name: string, row: RomRow) {
  return accounts(row, chipOf(row)).flatMap(([field, virtual, chips]) =>
    isDeepStrictEqual(virtual, chips) ? [] : [{ row: name, field, virtual, chips }],
  );
}

it.each(named)('%s is told alike by both tables, but for what is listed', (name, row) => {
  const found = differences(name, row);
  const listed = DIFFERENCES.filter((difference) => difference.row === name).map(({ field }) => field);
  expect(found.filter(({ field }) => !listed.includes(field))).toEqual([]);
  expect(found.map(({ field }) => field)).toEqual(listed);
});

it('every chip with USB DFU has a virtual ROM, and no virtual ROM another chip', () => {
  const chips = romRows.filter(({ variant }) => variant === undefined).map((row) => chipOf(row).id);
  expect(chips.toSorted()).toEqual(
    CHIPS.filter(({ usbDfu }) => usbDfu)
      .map(({ id }) => id)
      .toSorted(),
  );
});
