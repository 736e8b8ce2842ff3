import { expect, test } from 'vitest';
import { expectRight } from '../check/expect.ts';
import type { Operation, Shape } from '../recording/record.ts';
import { groundOf, stepsOf } from '../recording/steps.ts';
import { holdsForeign, see } from './seen.ts';

const SHAPE: Shape = {
  start: 0,
  end: 1024,
  sectors: [{ start: 0, end: 1024 }],
  cells: 'plain',
  writeSize: 2,
  erasedValue: 0xff,
};
const OLD = 0x3c;
const ASKED = 0x5a;

const bytesOf = (value: number): Uint8Array => new Uint8Array(64).fill(value);
const read = (value: number): Operation => ({ kind: 'read', base: 0, number: 0, address: 0, bytes: bytesOf(value) });
const write = (value: number): Operation => ({ kind: 'write', base: 0, number: 0, address: 0, bytes: bytesOf(value) });

function isForeign(operations: readonly Operation[]): boolean {
  const ground = groundOf(SHAPE, 64, operations);
  const steps = stepsOf(operations, SHAPE, 64);
  return holdsForeign(see(ground, steps, expectRight(ground, steps).reads));
}

test('only bytes that no lost or misplaced erase or write can leave are foreign', () => {
  const isForeignAfter = (value: number): boolean =>
    isForeign([read(OLD), { kind: 'erase', address: 0, length: 1024 }, write(ASKED), read(value)]);
  for (const possible of [OLD, ASKED, 0xff, OLD & ASKED]) expect(isForeignAfter(possible)).toBe(false);
  for (const foreign of [0, 0x5b, OLD ^ ASKED]) expect(isForeignAfter(foreign)).toBe(true);
});

test('nothing is foreign where it is not known what stood there, or where two writes meet', () => {
  const erase: Operation = { kind: 'erase', address: 0, length: 1024 };
  expect(isForeign([erase, write(ASKED), read(0x5b)])).toBe(false);
  expect(isForeign([read(OLD), erase, write(ASKED), write(0x5b), read(0x18)])).toBe(false);
});
