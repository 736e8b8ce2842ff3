import { CHIPS, type Chip, type FlashVariant, sectorsOf } from '@sureflash/chips';
import { describe, expect, it } from 'vitest';
import { possibleVariants } from '../../target/variants.ts';
import { correctedMap, isFiner } from './variant.ts';

const KB = 1024;

function chipOf(id: string): Chip {
  const chip = CHIPS.find((each) => each.id === id);
  if (!chip) throw new Error(`no chip ${id}`);
  return chip;
}

function uniform(count: number, size: number): { start: number; end: number }[] {
  return Array.from({ length: count }, (_, i) => ({
    start: 0x0800_0000 + i * size,
    end: 0x0800_0000 + (i + 1) * size,
  }));
}

function variantOf(id: string, name: string): FlashVariant {
  const variant = chipOf(id).variants.find((each) => each.name === name);
  if (!variant) throw new Error(`no variant ${name}`);
  return variant;
}

const sectorsNamed = (id: string, name: string) => sectorsOf(variantOf(id, name));

describe('possibleVariants', () => {
  it('are those of the size and the option bit that were read', () => {
    const f767 = chipOf('stm32f767');
    expect(possibleVariants(f767, {})).toHaveLength(4);
    expect(possibleVariants(f767, { flashBytes: 1024 * KB })).toHaveLength(2);
    expect(
      possibleVariants(f767, { flashBytes: 1024 * KB, optionBits: { nDBANK: 0 } }).map(({ name }) => name),
    ).toEqual(['1 MB, dual bank (nDBANK = 0)']);
    expect(possibleVariants(f767, { flashBytes: 3 })).toEqual([]);
  });
});

describe('correctedMap', () => {
  it('is decided by what was read, whatever the map says', () => {
    const found = correctedMap(chipOf('stm32f105'), uniform(128, 2 * KB), { flashBytes: 64 * KB });
    expect(found?.sectors).toEqual(uniform(32, 2 * KB));
  });

  it('has no difference to tell of where the map says the same', () => {
    const sectors = uniform(32, 2 * KB);
    expect(correctedMap(chipOf('stm32f105'), sectors, { flashBytes: 64 * KB })).toEqual({ sectors });
  });

  it('is left to a map that the chip can have', () => {
    expect(correctedMap(chipOf('stm32f105'), uniform(128, 2 * KB), {})).toBeUndefined();
    const dual = sectorsNamed('stm32f767', '2 MB, dual bank (nDBANK = 0)');
    expect(correctedMap(chipOf('stm32f767'), dual, {})).toBeUndefined();
  });

  it('has as many sectors as a map that the chip cannot have, and names both', () => {
    const found = correctedMap(chipOf('stm32h7a3'), uniform(256, 2 * KB), {});
    expect(found?.sectors).toEqual(sectorsNamed('stm32h7a3', '2 MB'));
    expect(found?.difference).toBe(
      'its map announces 256 × 2 KB; the flash of this STM32H7A3 has 256 × 8 KB (2 MB), and that is what is used',
    );
  });

  it('is the largest where no variant has as many', () => {
    const found = correctedMap(chipOf('stm32h723'), uniform(16, 128 * KB), {});
    expect(found?.sectors).toEqual(uniform(8, 128 * KB));
  });

  it('is unknown for a chip whose sizes are not known', () => {
    expect(correctedMap({ ...chipOf('stm32f105'), variants: [] }, uniform(4, KB), {})).toBeUndefined();
  });

  it.each([
    ['stm32g474', 256, '512 KB, dual bank (DBANK = 1)', '256 KB, dual bank (DBANK = 1)'],
    ['stm32g474', 256, '512 KB, single bank (DBANK = 0)', '256 KB, single bank (DBANK = 0)'],
    ['stm32g474', 512, '128 KB, dual bank (DBANK = 1)', '512 KB, dual bank (DBANK = 1)'],
    ['stm32l4r5', 1024, '2 MB, dual bank (DBANK = 1)', '1 MB, dual bank (DBANK = 1)'],
    ['stm32l552', 512, '256 KB', '512 KB, single bank (DBANK = 0)'],
    ['stm32f767', 1024, '2 MB, single bank (nDBANK = 1)', '1 MB, single bank (nDBANK = 1)'],
    ['stm32f427', 1024, '2 MB', '1 MB, single bank (DB1M = 0)'],
  ])('of %s with %i KB follows its map (%s) where the option bit was not read', (id, kb, announced, expected) => {
    const found = correctedMap(chipOf(id), sectorsNamed(id, announced), { flashBytes: kb * KB });
    expect(found?.sectors).toEqual(sectorsNamed(id, expected));
    expect(found?.difference).toMatch(/; that it is not .*(single|dual) bank.*, its map alone says$/);
  });

  it('stays as announced, as far as the flash goes, where the map is none of those that are left', () => {
    const found = correctedMap(chipOf('stm32f767'), uniform(32, 64 * KB), { flashBytes: 1024 * KB });
    expect(found?.sectors).toEqual(uniform(16, 64 * KB));
    expect(found?.difference).toBe(
      'its map announces 32 × 64 KB; which of 1 MB, single bank (nDBANK = 1) or 1 MB, dual bank (nDBANK = 0) ' +
        'this STM32F767 is could not be read: of the map 16 × 64 KB are used',
    );
  });

  it('never makes sectors smaller than announced where the bank bit of a known size was not read', () => {
    const chips = CHIPS.filter(({ usbDfu }) => usbDfu);
    const guesses = chips.flatMap((chip) =>
      chip.variants.flatMap((variant) => {
        const announced = sectorsOf(variant);
        return [...new Set(chip.variants.map(({ bytes }) => bytes))].flatMap((flashBytes) => {
          const several = possibleVariants(chip, { flashBytes }).length > 1;
          const found = several ? correctedMap(chip, announced, { flashBytes }) : undefined;
          return found ? [{ chip: chip.id, announced: variant.name, flashBytes, ...found }] : [];
        });
      }),
    );
    expect(guesses.length).toBeGreaterThan(10);
    const finer = guesses.filter(({ chip, announced, sectors }) => isFiner(sectors, sectorsNamed(chip, announced)));
    expect(finer).toEqual([]);
  });
});

describe('isFiner', () => {
  it('is one small sector in the place of a larger one', () => {
    expect(isFiner(uniform(4, 2 * KB), uniform(1, 8 * KB))).toBe(true);
    expect(isFiner(uniform(1, 8 * KB), uniform(4, 2 * KB))).toBe(false);
    expect(isFiner(uniform(2, 8 * KB), uniform(9, 8 * KB))).toBe(false);
  });
});
