import { expect, test } from 'vitest';
import { clearCells, eraseCells, programUnits, unknownCells } from './cells.ts';

const limits = { size: 64, unit: 8, erasedValue: 0xff, isAlone: true, isEcc: true, known: [] };

function span(isEcc = true) {
  const [first] = unknownCells([[0, 16]], { ...limits, isEcc });
  if (!first) throw new Error('no cells');
  return first;
}

test('clearing bits of an unknown byte makes the cleared ones known and leaves the others open', () => {
  const cells = span();
  clearCells(cells, [0, 1], 0, () => 0b1010_0000);
  expect([cells.value[0], cells.unknown[0]]).toEqual([0, 0b1010_0000]);
});

test('an erase makes every bit known', () => {
  const cells = span();
  eraseCells(cells, 0, 8, 0xff);
  expect([...cells.value.subarray(0, 9)]).toEqual([255, 255, 255, 255, 255, 255, 255, 255, 0]);
  expect(cells.unknown[7]).toBe(0);
  expect(cells.unknown[8]).toBe(0xff);
});

test('an erased unit takes its bytes, and a second write into it nothing', () => {
  const cells = span();
  const write = (byte: number) => programUnits(cells, [0, 8], 0, { byteAt: () => byte, unit: 8, erased: 0xff });
  eraseCells(cells, 0, 8, 0xff);
  write(0x55);
  write(0x11);
  expect(cells.value[3]).toBe(0x55);
});

test('an ECC unit that was programmed with erased bytes takes nothing more, a plain one does', () => {
  for (const [isEcc, expected] of [
    [true, 0xff],
    [false, 0x11],
  ] as const) {
    const cells = span(isEcc);
    eraseCells(cells, 0, 8, 0xff);
    for (const byte of [0xff, 0x11]) programUnits(cells, [0, 8], 0, { byteAt: () => byte, unit: 8, erased: 0xff });
    expect(cells.value[0]).toBe(expected);
  }
});

test('a unit that may be erased stays open where the write and its refusal differ', () => {
  const cells = span();
  programUnits(cells, [0, 8], 0, { byteAt: () => 0x0f, unit: 8, erased: 0xff });
  expect(cells.unknown[0]).toBe(0xff);
});

test('where no memory is, reads are taken to give erased bytes', () => {
  const [beyond] = unknownCells([[60, 72]], { ...limits, unit: 1 });
  expect(beyond?.unknown[0]).toBe(0xff);
  expect([beyond?.unknown[4], beyond?.value[4]]).toEqual([0, 0xff]);
});
