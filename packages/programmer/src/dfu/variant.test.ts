import { CHIPS, type Chip, sectorsOf } from '@sureflash/chips';
import { describe, expect, it } from 'vitest';
import { differenceOf, trueVariant, variantsLeft } from './variant.ts';

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

describe('variantsLeft', () => {
  it('are those of the size and the option bit that were read', () => {
    const f767 = chipOf('stm32f767');
    expect(variantsLeft(f767, {})).toHaveLength(4);
    expect(variantsLeft(f767, { flashBytes: 1024 * KB })).toHaveLength(2);
    expect(variantsLeft(f767, { flashBytes: 1024 * KB, optionBits: { nDBANK: 0 } }).map(({ name }) => name)).toEqual([
      '1 MB, dual bank (nDBANK = 0)',
    ]);
    expect(variantsLeft(f767, { flashBytes: 3 })).toEqual([]);
  });
});

describe('trueVariant', () => {
  it('is decided by what was read, whatever the map says', () => {
    const chip = chipOf('stm32f105');
    expect(trueVariant(chip, uniform(128, 2 * KB), { flashBytes: 64 * KB })?.name).toBe('64 KB');
  });

  it('is left to a map that the chip can have', () => {
    expect(trueVariant(chipOf('stm32f105'), uniform(128, 2 * KB), {})).toBeUndefined();
    expect(trueVariant(chipOf('stm32f767'), sectorsOf(chipOf('stm32f767').variants[1] ?? never()), {})).toBeUndefined();
  });

  it('has as many sectors as a map that the chip cannot have', () => {
    expect(trueVariant(chipOf('stm32h7a3'), uniform(256, 2 * KB), {})?.bytes).toBe(2048 * KB);
  });

  it('is the largest where no variant has as many', () => {
    expect(trueVariant(chipOf('stm32h723'), uniform(16, 128 * KB), {})?.bytes).toBe(1024 * KB);
  });

  it('is unknown for a chip whose sizes are not known', () => {
    expect(trueVariant({ ...chipOf('stm32f105'), variants: [] }, uniform(4, KB), {})).toBeUndefined();
  });
});

function never(): never {
  throw new Error('no such variant');
}

describe('differenceOf', () => {
  it('is nothing where map and table agree', () => {
    const chip = chipOf('stm32f105');
    const [variant = never()] = chip.variants;
    expect(differenceOf(chip, sectorsOf(variant), variant)).toBeUndefined();
  });

  it('names both divisions', () => {
    const chip = chipOf('stm32h7a3');
    const variant = chip.variants.find(({ bytes }) => bytes === 2048 * KB) ?? never();
    expect(differenceOf(chip, uniform(256, 2 * KB), variant)).toBe(
      'its map announces 256 × 2 KB; the flash of this STM32H7A3 has 256 × 8 KB (2 MB), and that is what is used',
    );
  });
});
