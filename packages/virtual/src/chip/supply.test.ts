import { describe, expect, it } from 'vitest';
import { romRowOf } from '../table/table.ts';
import { Chip } from './chip.ts';
import { paceOf } from './supply.ts';

const FLASH = 0x0800_0000;
const { profile } = romRowOf('STM32F407');

/** Milliseconds for 1000 bytes, for sector 0, and for all of the flash, with this range of the supply. */
function times(range: number): [program: number, sector: number, all: number] {
  const chip = new Chip(profile);
  chip.flash.usePace(paceOf(profile.cells, range));
  return [chip.flash.program(FLASH, new Uint8Array(1000), 0), chip.flash.erase(FLASH, 0), chip.flash.eraseAll(0)];
}

describe('the supply of an F407', () => {
  it.each([
    // As recorded of an F405; DS8626 has 16 µs for a byte and 400 ms for the sector.
    [0, 14.72, 370, 16_000],
    // DS8626: 16 µs for each program operation; erase times of table 40 by parallelism.
    [1, 8, 300, 11_000],
    [2, 8, 300, 11_000],
    [3, 4, 250, 8000],
    [4, 2, 250, 8000],
    [9, 14.72, 370, 16_000],
  ])('with range %i decides how long it takes to write and to erase', (range, program, sector, all) => {
    const [write, erase, mass] = times(range);
    expect(write).toBeCloseTo(program);
    expect([erase, mass]).toEqual([sector, all]);
  });

  it('is forgotten at a reset', () => {
    const chip = new Chip(profile);
    chip.write(0xffff_0000, Uint8Array.of(3, 0, 0, 0));
    chip.flash.usePace(paceOf(profile.cells, 3));
    chip.start();
    expect(chip.read(0xffff_0000, 1)).toEqual(Uint8Array.of(0));
    expect(chip.flash.erase(FLASH, 0)).toBe(370);
  });
});
