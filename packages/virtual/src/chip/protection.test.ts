import { describe, expect, it } from 'vitest';
import { romRows, scenarioNameOf } from '../table/table.ts';
import { Chip } from './chip.ts';

function chipOf(scenario: string, ...state: ConstructorParameters<typeof Chip>[1][]): Chip {
  const row = romRows.find((each) => scenarioNameOf(each) === scenario);
  if (!row) throw new Error(scenario);
  return new Chip(row.profile, ...state);
}

const protectedSectors = (chip: Chip) =>
  chip.flash.sectors.map(({ index }) => index).filter((index) => chip.flash.isProtected(index));

const optionBytes = (chip: Chip, length: number) => [...(chip.read(chip.profile.options.start, length) ?? [])];

describe.each(romRows.map((row) => [scenarioNameOf(row), row] as const))('the option bytes of %s', (_, { profile }) => {
  it('say that it is read-protected, and let go of it', () => {
    const chip = new Chip(profile, { level: 1 });
    expect(chip.level).toBe(1);
    chip.unprotectOptions();
    chip.loadOptions();
    expect(chip.level).toBe(0);
    expect(chip.read(profile.options.start, profile.options.initial.length)).toEqual(
      Uint8Array.from(profile.options.initial),
    );
  });
});

describe('write protection', () => {
  it.each([
    // Pages of 1 KB go by four, pages of 2 KB by two; the last bit stands for all the rest (RM0091, RM0316, PM0075).
    ['stm32f042-rom', [5], [4, 5, 6, 7]],
    ['stm32f072-rom', [63], [62, 63]],
    ['stm32f105-rom', [4], [4, 5]],
    ['stm32f303xc-rom', [62], Array.from({ length: 66 }, (_, index) => 62 + index)],
    // One bit for each sector, but the last of F413 and all of F76x in two banks (RM0090, RM0430, RM0410).
    ['stm32f205-rom', [11], [11]],
    ['stm32f407-rom', [0, 7], [0, 7]],
    ['stm32f413-rom', [15], [14, 15]],
    ['stm32f722-rom', [3], [3]],
    ['stm32f767-rom-dual-bank', [13], [12, 13]],
  ])('of %s, sectors %j, covers %j and leaves the chip open', (scenario, asked, covered) => {
    const chip = chipOf(scenario, { writeProtected: asked });
    expect(protectedSectors(chip)).toEqual(covered);
    expect(chip.level).toBe(0);
  });

  it('is in the option bytes, each with its complement, on F0', () => {
    const chip = chipOf('stm32f072-rom', { level: 1, writeProtected: [2] });
    expect(optionBytes(chip, 10)).toEqual([0x00, 0xff, 0xff, 0, 0xff, 0, 0xff, 0, 0xfd, 0x02]);
  });
});

describe('read protection', () => {
  it('is level 2 with 0xCC on F0, and never on F1', () => {
    expect(chipOf('stm32f072-rom', { level: 2 }).level).toBe(2);
    expect(chipOf('stm32f105-rom', { level: 2 }).level).toBe(1);
  });

  it('is PRODUCT_STATE on H5: open with 0xED, closed with 0x72, locked with 0x5C (RM0481)', () => {
    expect(chipOf('stm32h563-rom').read(0x4002_2051, 1)).toEqual(Uint8Array.of(0xed));
    expect(chipOf('stm32h563-rom', { level: 1 }).read(0x4002_2051, 1)).toEqual(Uint8Array.of(0x72));
    expect(chipOf('stm32h563-rom', { level: 2 }).read(0x4002_2051, 1)).toEqual(Uint8Array.of(0x5c));
  });
});
