import { describe, expect, it } from 'vitest';
import { CHIPS, findChipByName, findChipsByDevId, findChipsBySectors, mapFitsChip, sectorsOf } from './index.ts';

describe('the chip table', () => {
  it.each(CHIPS.map((chip) => [chip.id, chip] as const))(
    '%s has sorted sectors without overlap, aligned to their size',
    (_, chip) => {
      for (const variant of chip.variants) {
        const sectors = sectorsOf(variant);
        expect(sectors.length).toBeGreaterThan(0);
        let end = 0;
        for (const sector of sectors) {
          expect(sector.start).toBeGreaterThanOrEqual(end);
          expect(sector.start % (sector.end - sector.start)).toBe(0);
          end = sector.end;
        }
      }
    },
  );

  it.each(CHIPS.map((chip) => [chip.id, chip] as const))(
    '%s states erase times for each of its sector sizes and a source',
    (_, chip) => {
      const sizes = new Set(chip.variants.flatMap((v) => v.banks.flatMap((b) => b.runs.map((r) => r.size))));
      for (const size of sizes) expect(chip.timing?.erase[size]).toBeDefined();
      expect(chip.sources.length).toBeGreaterThan(0);
    },
  );

  it('has unique ids and device ids', () => {
    expect(new Set(CHIPS.map((c) => c.id)).size).toBe(CHIPS.length);
    expect(new Set(CHIPS.map((c) => c.devId)).size).toBe(CHIPS.length);
  });

  it('adds up to the flash sizes that the variants are named for', () => {
    const size = (id: string, name: string): number | undefined => {
      const variant = CHIPS.find((c) => c.id === id)?.variants.find((v) => v.name === name);
      return variant && sectorsOf(variant).reduce((sum, s) => sum + s.end - s.start, 0);
    };
    expect(size('stm32f105', '256 KB')).toBe(262_144);
    expect(size('stm32f405', '1 MB')).toBe(1_048_576);
    expect(size('stm32f427', '2 MB')).toBe(2_097_152);
    expect(size('stm32l476', '1 MB')).toBe(1_048_576);
    expect(size('stm32h743', '2 MB')).toBe(2_097_152);
  });
});

describe('finding a chip', () => {
  it('takes part numbers in the forms that people type', () => {
    for (const text of ['STM32F105', 'stm32f107vct6', 'F105', '32F105RB'])
      expect(findChipByName(text)?.id).toBe('stm32f105');
    expect(findChipByName('STM32X999')).toBeUndefined();
  });

  it('takes the DEV_ID that the F105 bootloader names in its product string', () => {
    expect(findChipsByDevId(0x418).map((c) => c.id)).toEqual(['stm32f105']);
  });

  it('names the chips that come with a given map', () => {
    const chip = findChipByName('STM32F405');
    const variant = chip?.variants[1];
    if (!variant) throw new Error('no variant');
    expect(findChipsBySectors(sectorsOf(variant)).map((found) => found.chip.id)).toEqual(['stm32f405', 'stm32f427']);
  });

  it('knows that a map with 16 KB sectors is not an F105', () => {
    const f105 = findChipByName('F105');
    if (!f105) throw new Error('no chip');
    expect(mapFitsChip([{ start: 0x0800_0000, end: 0x0800_4000 }], f105)).toBe(false);
    expect(mapFitsChip([{ start: 0x0800_0000, end: 0x0800_0800 }], f105)).toBe(true);
  });
});
