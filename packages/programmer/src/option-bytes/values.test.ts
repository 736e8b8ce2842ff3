import { CHIPS, optionLayoutOf } from '@sureflash/chips';
import { describe, expect, it } from 'vitest';
import { allowedValues, optionValueText, parseOptionValue } from './values.ts';

function fieldOf(id: string, name: string) {
  const chip = CHIPS.find((each) => each.id === id);
  const field = chip && optionLayoutOf(chip)?.fields.find((each) => each.name === name);
  if (!field) throw new Error(name);
  return field;
}

describe('values of options', () => {
  it.each([
    ['stm32f405', 'RDP', '0', 0xaa],
    ['stm32f405', 'RDP', 'level 1', 0xbb],
    ['stm32f405', 'RDP', 'LEVEL-2', 0xcc],
    ['stm32f405', 'RDP', '0x00', 0],
    ['stm32f105', 'RDP', '0', 0xa5],
    // There is no level 2 on F1, and nobody means the byte.
    ['stm32f105', 'RDP', '2', undefined],
    ['stm32f405', 'RDP', '0x1FF', undefined],
    ['stm32f405', 'BOR_LEV', '2.1V', 2],
    ['stm32f405', 'BOR_LEV', '3', 3],
    ['stm32f405', 'BOR_LEV', '4', undefined],
    ['stm32f405', 'nWRP', '0xffe', 0xffe],
    ['stm32f405', 'nWRP', '12x', undefined],
    ['stm32f405', 'nWRP', '-1', undefined],
    ['stm32h563', 'PRODUCT_STATE', 'tz-closed', 0xc6],
  ])('%s: %s=%s is %s', (id, name, text, value) => {
    expect(parseOptionValue(fieldOf(id, name), text)).toBe(value);
  });

  it('are read back by the text that is shown', () => {
    const layouts = CHIPS.flatMap((chip) => optionLayoutOf(chip) ?? []);
    const lost = layouts.flatMap(({ id, fields }) =>
      fields.flatMap((field) =>
        field.values
          .filter(({ name, value }) => parseOptionValue(field, name) !== value)
          .map(({ name }) => `${id} ${name}`),
      ),
    );
    // Two levels of H5 have one voltage.
    expect(new Set(lost)).toEqual(new Set(['h5 2.1 V', 'h503 2.1 V']));
  });

  it.each([
    ['stm32f405', 'RDP', 0xaa, 'level 0 (0xAA)'],
    ['stm32f405', 'RDP', 0x12, 'level 1 (0x12)'],
    ['stm32f746', 'BOOT_ADD0', 0x80, '0x0080 (0x00200000)'],
    ['stm32u575', 'NSBOOTADD1', 0x17_f200, '0x017F200 (0x0BF90000)'],
    ['stm32f405', 'nWRP', 0xffe, '0xFFE'],
    ['stm32g431', 'PB4_PUPEN', 1, '1'],
  ])('%s: %s, %i, is shown as %s', (id, name, value, text) => {
    expect(optionValueText(fieldOf(id, name), value)).toBe(text);
  });

  it('say which there are', () => {
    expect(allowedValues(fieldOf('stm32f405', 'BOR_LEV'))).toEqual(['2.7-V', '2.4-V', '2.1-V', 'off']);
    expect(allowedValues(fieldOf('stm32f405', 'nWRP'))).toEqual(['0 to 0xFFF']);
  });
});
