import { describe, expect, it } from 'vitest';
import { CHIPS } from '../chips.ts';
import { placeOfOptionBit } from './layouts.ts';

describe('placeOfOptionBit', () => {
  it('knows every option bit that a row names', () => {
    const missing = CHIPS.flatMap((chip) =>
      chip.variants
        .filter(({ option }) => option && !placeOfOptionBit(chip, option.name))
        .map(({ option }) => `${chip.id} ${option?.name}`),
    );
    expect(missing).toEqual([]);
  });

  it.each([
    // community.st.com td-p/410209: 0x1FFF0008 holds 0x2000DFFF where nDBANK is 0.
    ['stm32f767', 'nDBANK', [0xff, 0xaa, 0, 0x55, 0, 0, 0, 0, 0xff, 0xdf, 0, 0x20], 0],
    // FLASH_OPTR as RM0440 states it after reset on a dual-bank part, 0xFFEFF8AA: DBANK is 1.
    ['stm32g474', 'DBANK', [0xaa, 0xf8, 0xef, 0xff], 1],
  ])('finds in the option bytes of an %s the bit %s', (id, name, bytes, value) => {
    const chip = CHIPS.find((each) => each.id === id);
    const place = chip && placeOfOptionBit(chip, name);
    expect(((bytes[place?.byte ?? -1] ?? 0) >> (place?.bit ?? 0)) & 1).toBe(value);
  });

  it('knows no others', () => {
    const [chip] = CHIPS;
    expect(chip && placeOfOptionBit(chip, 'nDBANK')).toBeUndefined();
  });
});
