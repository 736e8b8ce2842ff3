import { expect, test } from 'vitest';
import { onePlace, shift, WRITES } from '../primitives/place.ts';
import type { Change, Recording } from '../recording/record.ts';
import { changesBeyond } from './changes-beyond.ts';

const START = 0x0800_0000;
const PAGE = 2048;
const sectors = Array.from({ length: 8 }, (_, i) => ({ start: START + i * PAGE, end: START + (i + 1) * PAGE }));
const page = (n: number): number => START + n * PAGE;
const write = (address: number, length = PAGE): Change => ({
  kind: 'write',
  base: address,
  number: 0,
  address,
  bytes: new Uint8Array(length),
});
const recording: Recording = {
  shape: { start: START, end: page(8), sectors, erasedValue: 0xff, cells: 'plain', writeSize: 2 },
  blockSize: PAGE,
  operations: [write(page(1)), write(page(2))],
};
const scratch = { start: page(1), end: page(3) };
const beyond = (model: Parameters<typeof changesBeyond>[1][number], operations: readonly Change[]) =>
  changesBeyond(recording, [model], { operations, restarts: false }, scratch);

test('a trial in the sectors of a run changes nothing that a run with displaced writes has not changed', () => {
  expect(beyond([shift(WRITES, 0x100)], [write(page(2))])).toEqual([]);
  expect(beyond([onePlace(WRITES, 5 * PAGE)], [write(page(2))])).toEqual([]);
});

test('a place is named that a trial would change for the first time, and that is not its own', () => {
  expect(beyond([shift(WRITES, PAGE)], [write(page(3), 256)])).toEqual([{ start: page(4), end: page(4) + 256 }]);
  expect(beyond([], [{ kind: 'erase', address: page(5), length: PAGE }])).toEqual([{ start: page(5), end: page(6) }]);
});
