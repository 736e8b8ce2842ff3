import { describe, expect, it } from 'vitest';
import { CHIPS } from './chips.ts';
import { findChipByName } from './find.ts';
import { placeAt } from './places.ts';

describe('placeAt without a chip', () => {
  it.each([
    [0x0000_0000, 'flash-alias', 0x0800_0000],
    [0x0020_1000, 'flash-alias', 0x0800_1000],
    [0x0800_0000, 'flash', undefined],
    [0x0c00_4000, 'secure-flash', 0x0800_4000],
    [0x0e00_0000, 'secure-ram', undefined],
    [0x1000_0000, 'ram', undefined],
    [0x1fff_f800, 'system-memory', undefined],
    [0x2000_c000, 'ram', undefined],
    [0x3000_0000, 'ram', undefined],
    [0x4002_3c14, 'peripherals', undefined],
    [0x7000_0000, 'external-flash', undefined],
    [0x9000_0000, 'external-flash', undefined],
    [0xd000_0000, 'external-memory', undefined],
    [0xe000_ed08, 'core', undefined],
  ])('names what lies at %i', (address, kind, standsFor) => {
    expect(placeAt(address)).toMatchObject({ kind, ...(standsFor !== undefined && { standsFor }) });
  });
});

describe('placeAt on a chip', () => {
  it.each([
    ['STM32F407VG', 0x1fff_c000, 'option-bytes'],
    ['STM32F767ZI', 0x0000_0000, 'ram'],
    ['STM32F767ZI', 0x0020_0000, 'flash-alias'],
    ['STM32H743ZI', 0x3000_0000, 'ram'],
    ['STM32U585AI', 0x3000_0000, 'secure-ram'],
    ['STM32L152RE', 0x0808_0000, 'eeprom'],
    ['STM32F407VG', 0x0c00_0000, 'nothing'],
  ])('%s has at %i: %s', (name, address, kind) => {
    const chip = findChipByName(name);
    expect(chip).toBeDefined();
    expect(placeAt(address, chip).kind).toBe(kind);
  });

  it.each(CHIPS.map((chip) => [chip.id, chip] as const))(
    '%s has its own option bytes, RAM and bootloader where its row says',
    (_id, chip) => {
      for (const start of chip.optionBytes) expect(placeAt(start, chip).kind).toBe('option-bytes');
      for (const { start, end } of chip.ram) {
        expect(placeAt(start, chip).kind).toBe('ram');
        expect(placeAt(end - 1, chip).kind).toBe('ram');
      }
      expect(placeAt(0x0800_0000, chip).kind).toBe('flash');
    },
  );
});
