import { describe, expect, it } from 'vitest';
import { Chip } from '../chip/chip.ts';
import type { Extent } from '../chip/chip-profile.ts';
import { listSectors } from '../flash/datasheet.ts';
import type { RomRow } from './row.ts';
import { romRows, scenarioNameOf } from './table.ts';

const named = romRows.map((row) => [scenarioNameOf(row), row] as const);

/**
 * First and last but one address of every sector of a layout string (UM0424 §10.3.2), without regard to what it allows.
 */
function sectorsOfLayout(layout: string): string[] {
  const [, ...parts] = layout.split('/');
  const sectors: string[] = [];
  for (let at = 0; at < parts.length; at += 2) {
    let address = Number(parts[at]);
    for (const run of (parts[at + 1] ?? '').split(',')) {
      const [, count, size, unit] = /^(\d+)\*(\d+)([ KBM]?)[a-g]$/.exec(run) ?? [];
      const bytes = Number(size) * (unit === 'K' ? 1024 : 1);
      for (let index = 0; index < Number(count); index += 1) {
        sectors.push(`${address}-${address + bytes}`);
        address += bytes;
      }
    }
  }
  return sectors;
}

const written = ({ start, bytes }: Extent): string => `${start}-${start + bytes}`;

/** Ranges of a layout string, its neighbouring sectors joined. */
function rangesOfLayout(layout: string): string[] {
  const ranges: [string, string][] = [];
  for (const sector of sectorsOfLayout(layout)) {
    const [start = '', end = ''] = sector.split('-');
    const last = ranges.at(-1);
    if (last?.[1] === start) last[1] = end;
    else ranges.push([start, end]);
  }
  return ranges.map((range) => range.join('-'));
}

const startingWith = ({ rom }: RomRow, text: string) => rom.layouts.filter((layout) => layout.startsWith(text));

/** Strings that real ROMs have wrong, by row and first word. */
const WRONG: Readonly<Record<string, string>> = {
  'stm32l552-rom': '@OTP',
  'stm32l552-rom-single-bank': '@OTP',
};

/** Serial numbers of captures, as real-life devices sent them. */
const CAPTURED: Readonly<Record<string, string>> = {
  'stm32f072-rom': '357236543131',
  'stm32f303xc-rom': '206B306A2034',
  'stm32f401xe-rom': '348435943539',
  'stm32f407-rom': '3061B4493536',
  'stm32f411-rom': '3377337E3539',
  'stm32f429-rom': '326433593336',
  'stm32g0b1-rom-128-kb': '206B327A5841',
  'stm32g431-rom': '208A31574253',
  'stm32h723-rom': '3560376F3431',
  'stm32h743-rom': '200364500000',
  'stm32l072-rom': '7FB4A4356231',
  'stm32l433-rom': '207E32823141',
  'stm32l552-rom': '205630584E43',
  'stm32u585-rom': '207136863530',
};

/** These ROMs send a text instead of what the recipe gives. */
const FIXED_SERIALS = ['stm32f105-rom', 'stm32f446-rom', 'stm32f722-rom'];

/** DBGMCU_IDCODE of M0, M3 and M4, M33, H7, and its mirror on the private bus. */
const DEBUG_REGISTERS = [0x4001_5800, 0xe004_2000, 0xe004_4000, 0x5c00_1000, 0xe00e_1000];

describe('the table of virtual ROMs', () => {
  it('has the 61 dies with USB DFU that AN2606 describes, each with one row that has no variant', () => {
    const plain = romRows.filter(({ variant }) => variant === undefined);
    expect(plain.length).toBe(61);
    expect(new Set(plain.map(({ line }) => line)).size).toBe(61);
    expect(new Set(named.map(([name]) => name)).size).toBe(romRows.length);
  });

  it('gives the serial numbers that were captured', () => {
    const serials = Object.fromEntries(named.map(([name, { rom }]) => [name, rom.serial]));
    expect(serials).toMatchObject(CAPTURED);
    expect(serials).toMatchObject({ 'stm32f105-rom': 'STM32', 'stm32f446-rom': 'STM32FxSTM32' });
  });

  it('makes up ids that differ', () => {
    const ids = romRows.filter(({ variant }) => variant === undefined).map(({ profile }) => profile.uid.words.join());
    expect(new Set(ids).size).toBe(ids.length);
  });
});

describe.each(named)('the virtual ROM of %s', (name, row) => {
  const { profile, rom } = row;
  const chip = new Chip(profile);

  it('announces the sectors that its flash has', () => {
    const cells = listSectors(profile.cells.regions).map(({ start, end }) => `${start}-${end}`);
    const strings = startingWith(row, '@Internal');
    expect(strings.length).toBeGreaterThan(0);
    expect(strings.map(sectorsOfLayout)).toEqual(strings.map(() => cells));
  });

  it('announces the other memories where they are, as far as it does', () => {
    const { options, moreOptions, otp, eeprom, feature } = profile;
    const first = { start: options.start, bytes: options.initial.length };
    const second = moreOptions && { start: moreOptions.start, bytes: moreOptions.initial.length };
    const [optionString = ''] = startingWith(row, '@Option');
    const both = [first, ...(second && optionString.split('/').length > 3 ? [second] : [])].map(written);
    const claims: [string, string[]][] = [
      ['@Option', both],
      ['@OTP', otp ? [written(otp)] : []],
      ['@DATA', eeprom ? [written(eeprom)] : []],
      ['@Device', feature ? [written({ start: feature.start, bytes: feature.initial.length })] : []],
    ];
    const wrong = claims.filter(([word, place]) =>
      startingWith(row, word).some((layout) => rangesOfLayout(layout).join() !== place.join()),
    );
    expect(wrong.map(([word]) => word)).toEqual(WRONG[name] === undefined ? [] : [WRONG[name]]);
  });

  it('has memories that do not overlap', () => {
    const flash = profile.cells.regions.map(({ start, sectorBytes }) => ({
      start,
      bytes: sectorBytes.reduce((sum, bytes) => sum + bytes, 0),
    }));
    const blocks = [profile.options, profile.moreOptions, profile.feature].flatMap((block) =>
      block ? [{ start: block.start, bytes: block.initial.length }] : [],
    );
    const extras = [profile.otp, profile.eeprom].flatMap((extent) => (extent ? [extent] : []));
    const all = [...flash, ...profile.ram, ...profile.systemMemory, ...blocks, ...extras];
    const sorted = all.toSorted((a, b) => a.start - b.start);
    const overlaps = sorted.filter(({ start }, index) => {
      const before = sorted[index - 1];
      return before !== undefined && before.start + before.bytes > start;
    });
    expect(overlaps).toEqual([]);
  });

  it('lets a host read its UID and its flash size, and its serial number is made from them', () => {
    const words = profile.uid.words.map((word, index) => [profile.uid.addresses?.[index], word] as const);
    const readable = words.filter(([address]) => address !== undefined);
    expect(readable.map(([address]) => wordAt(chip, address ?? 0))).toEqual(readable.map(([, word]) => word));
    const kilobytes = chip.flash.sectors.reduce((sum, { start, end }) => sum + end - start, 0) / 1024;
    const size = profile.flashSizeAddress === undefined ? kilobytes : halfWordAt(chip, profile.flashSizeAddress);
    expect(size).toBe(kilobytes);
    const [first, second, third] = profile.uid.words;
    const recipe =
      ((first + third) % 2 ** 32).toString(16).padStart(8, '0') + (second >>> 16).toString(16).padStart(4, '0');
    expect(rom.serial === recipe.toUpperCase()).toBe(!FIXED_SERIALS.includes(name));
  });

  it('shows no debug register', () => {
    expect(DEBUG_REGISTERS.map((address) => chip.read(address, 4))).toEqual(DEBUG_REGISTERS.map(() => undefined));
  });

  it('leaves the factory open, and keeps its bootloader to its own memories', () => {
    expect(chip.level).toBe(0);
    expect(profile.guard.encode(Uint8Array.from(profile.options.initial), 0, [])).toEqual(
      Uint8Array.from(profile.options.initial),
    );
    const kinds = [
      ...profile.bootloaderRam.map(({ start, bytes }) => chip.memoryAt(start, bytes)),
      ...profile.systemBytes.map(({ address, bytes }) => chip.memoryAt(address, bytes.length)),
    ];
    const expected = [...profile.bootloaderRam.map(() => 'ram'), ...profile.systemBytes.map(() => 'system')];
    expect(kinds).toEqual(expected);
    expect(profile.systemBytes.map(({ address, bytes }) => [...(chip.read(address, bytes.length) ?? [])])).toEqual(
      profile.systemBytes.map(({ bytes }) => bytes),
    );
  });

  it('knows how long each of its sectors takes to erase', () => {
    const sizes = new Set(chip.flash.sectors.map(({ start, end }) => end - start));
    expect([...sizes].filter((size) => profile.cells.eraseMs[size] === undefined)).toEqual([]);
  });
});

function wordAt(chip: Chip, address: number): number {
  const bytes = chip.read(address, 4) ?? new Uint8Array(4);
  return new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true);
}

function halfWordAt(chip: Chip, address: number): number {
  const [low = 0, high = 0] = chip.read(address, 2) ?? [];
  return low + 256 * high;
}
