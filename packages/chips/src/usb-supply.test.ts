import { describe, expect, it } from 'vitest';
import { CHIPS } from './chips.ts';

const WITH_DEVICE_FEATURE = ['F2', 'F4', 'F7'];
const rows = CHIPS.filter(({ family, usbDfu }) => usbDfu && WITH_DEVICE_FEATURE.includes(family));

describe('the supply of USB', () => {
  it.each(rows.map((chip) => [chip.id, chip] as const))('of %s is stated with its datasheet', (_, { usbSupply }) => {
    expect(usbSupply?.source).toMatch(/^DS\d{4,5}\b.{20}/);
    expect(usbSupply?.leastVolts).toBe(usbSupply?.pin === 'VDD' ? 2.7 : 3);
  });

  it('is VDD itself on F2, F401, F405, F411 and F42x, and no other', () => {
    const onVdd = rows.filter(({ usbSupply }) => usbSupply?.pin === 'VDD').map(({ id }) => id);
    expect(onVdd.toSorted()).toEqual([
      'stm32f205',
      'stm32f401xc',
      'stm32f401xe',
      'stm32f405',
      'stm32f411',
      'stm32f427',
    ]);
  });

  it('is stated for chips only whose ROM is told the supply', () => {
    const others = CHIPS.filter((chip) => chip.usbSupply && !rows.includes(chip));
    expect(others.map(({ id }) => id)).toEqual([]);
  });
});
