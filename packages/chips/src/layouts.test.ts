/** Maps that real ROMs announce, written out by hand from published captures, against the table. */
import { describe, expect, it } from 'vitest';
import { CHIPS, type Chip, findChipsBySectors, mapFitsChip, type Range } from './index.ts';

const KB = 1024;

/** `count*KB` terms from 0x08000000 on: `4*16, 1*64`. */
function sectors(map: string): Range[] {
  let start = 0x0800_0000;
  return map.split(', ').flatMap((term) => {
    const [count = 0, kb = 0] = term.split('*').map(Number);
    return Array.from({ length: count }, () => {
      const sector = { start, end: start + kb * KB };
      start = sector.end;
      return sector;
    });
  });
}

const candidates = (map: string): string[] => [...new Set(findChipsBySectors(sectors(map)).map(({ chip }) => chip.id))];
const chip = (id: string): Chip => {
  const found = CHIPS.find((each) => each.id === id);
  if (!found) throw new Error(`no chip ${id}`);
  return found;
};

describe('the map of a real ROM', () => {
  it.each([
    ['an F107, ROM V2.0', '128*2', [0x1fff_f800], ['stm32f105']],
    ['an F105, ROM V2.2', '128*2', [0x1fff_f800], ['stm32f105']],
    ['an F407 discovery board', '4*16, 1*64, 7*128', [0x1fff_c000], ['stm32f405']],
    ['a PureThermal board', '4*16, 1*64, 7*128', [0x1fff_c000], ['stm32f405', 'stm32f412']],
    ['an F4 with 512 KB', '4*16, 1*64, 3*128', [0x1fff_c000], ['stm32f401xe', 'stm32f411', 'stm32f446']],
    ['an F411', '4*16, 1*64, 3*128', [0x1fff_c000], ['stm32f411']],
    ['an F446', '4*16, 1*64, 3*128', [0x1fff_c000], ['stm32f446']],
    ['an F072', '64*2', [0x1fff_f800], ['stm32f072']],
    ['an F042', '32*1', [0x1fff_f800], ['stm32f042']],
    ['an F303xC', '128*2', [0x1fff_f800], ['stm32f303xc']],
    ['an F722', '4*16, 1*64, 3*128', [0x1fff_0000], ['stm32f722']],
    ['an F745 with 1 MB', '4*32, 1*128, 3*256', [], ['stm32f746']],
    ['an H743 with 2 MB', '16*128', [0x5200_201c], ['stm32h743']],
    ['an H723 with 1 MB', '8*128', [0x5200_201c], ['stm32h723']],
    ['an H7A3', '256*8', [0x5200_201c], ['stm32h7a3']],
    ['an H7R or H7S', '8*8', [0x5200_201c], ['stm32h7s3']],
    ['a G0B1 with 128 KB', '64*2', [], ['stm32g0b1']],
    ['a G431', '64*2', [0x1fff_7800], ['stm32g431']],
    ['an L433', '128*2', [0x1fff_7800], ['stm32l433']],
    ['an L452', '256*2', [0x1fff_7800], ['stm32l452']],
    ['an L4 with 512 KB', '256*2', [], ['stm32l452', 'stm32l476', 'stm32l496']],
    ['an L4R9 with 2 MB', '512*4', [0x1ff0_0000, 0x1ff0_1000], ['stm32l4r5']],
    ['an L5', '256*2', [0x4002_2040], ['stm32l552']],
    ['a U585 with 2 MB', '256*8', [0x4002_2040], ['stm32u575']],
    ['a U5 with 1 MB', '128*8', [], ['stm32u575']],
    ['a U59x with 4 MB', '512*8', [], ['stm32u595', 'stm32u5f9']],
    ['an H563 with 2 MB', '256*8', [], ['stm32h563']],
    ['a WB55 with 1 MB', '256*4', [], ['stm32wb55']],
    ['an L072 with 192 KB', '1536*0.125', [0x1ff8_0000], ['stm32l072']],
    ['an L151 with 256 KB', '1024*0.25', [0x1ff8_0000], ['stm32l152xc']],
  ] as const)('of %s leads to its chip', (_, map, optionBytes, ids) => {
    expect(candidates(map)).toEqual(expect.arrayContaining([...ids]));
    for (const id of ids)
      for (const address of optionBytes) expect([id, chip(id).optionBytes.includes(address)]).toEqual([id, true]);
  });

  it('leaves one chip in some cases only', () => {
    expect(candidates('16*128')).toEqual(['stm32h743']);
    expect(candidates('1536*0.125')).toEqual(['stm32l072', 'stm32l071']);
    expect(candidates('4*16, 1*64, 7*128')).toEqual([
      'stm32f205',
      'stm32f405',
      'stm32f427',
      'stm32f412',
      'stm32f469',
      'stm32f413',
    ]);
  });
});

describe('maps that are doubtful or wrong', () => {
  it('an F767 with 1 MB has one map with two banks and another with one, which is also that of an F746', () => {
    const dual = '4*16, 1*64, 3*128, 4*16, 1*64, 3*128';
    const found = findChipsBySectors(sectors(dual));
    expect(found.map(({ chip: { id }, variant }) => `${id}: ${variant.name}`)).toEqual([
      'stm32f427: 1 MB, dual bank (DB1M = 1)',
      'stm32f469: 1 MB, dual bank (DB1M = 1)',
      'stm32f767: 1 MB, dual bank (nDBANK = 0)',
    ]);
    expect(candidates('4*32, 1*128, 3*256')).toEqual(['stm32f746', 'stm32f767']);
    expect(mapFitsChip(sectors(dual), chip('stm32f767'))).toBe(true);
    expect(mapFitsChip(sectors(dual), chip('stm32f746'))).toBe(false);
  });

  it('an H7A3 with ROM V9.0 announces 256*2K: no map of its own', () => {
    expect(candidates('256*2')).not.toContain('stm32h7a3');
    expect(mapFitsChip(sectors('256*2'), chip('stm32h7a3'))).toBe(false);
    expect(mapFitsChip(sectors('256*8'), chip('stm32h7a3'))).toBe(true);
  });

  it('an H72x with ROM V9.1 announces more or less than it has: only 1 MB, 512 and 128 KB are its own', () => {
    for (const map of ['8*128', '4*128', '1*128']) expect(candidates(map)).toContain('stm32h723');
    expect(candidates('16*128')).not.toContain('stm32h723');
    expect(mapFitsChip(sectors('16*128'), chip('stm32h723'))).toBe(false);
  });

  it('the map that STM32CubeMX generates is that of an F42x with 2 MB, and of no F105, F407 or L476', () => {
    const map = '4*16, 1*64, 7*128, 4*16, 1*64, 7*128';
    expect(candidates(map)).toEqual(['stm32f427', 'stm32f469', 'stm32f767']);
    for (const id of ['stm32f105', 'stm32f405', 'stm32l476']) expect(mapFitsChip(sectors(map), chip(id))).toBe(false);
  });

  it('a shorter map can be that of a larger chip', () => {
    expect(mapFitsChip(sectors('1*2'), chip('stm32f105'))).toBe(true);
    expect(mapFitsChip(sectors('1*16'), chip('stm32f105'))).toBe(false);
  });

  it('no map contradicts a chip whose flash sizes nobody states', () => {
    expect(mapFitsChip(sectors('512*8'), chip('stm32h5e5'))).toBe(true);
  });
});
