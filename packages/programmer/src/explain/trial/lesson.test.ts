import { expect, test } from 'vitest';
import { FLASH_START, flashOf } from '../../../testing/flash-shapes.ts';
import type { Range } from '../../target/geometry.ts';
import type { Recording, Shape } from '../recording/record.ts';
import { lesson } from './lesson.ts';

const START = FLASH_START;
const KB = 1024;

/** RM0008 §3.3.3: 256 KB in pages of 2 KB. RM0090 §3.4: four sectors of 16 KB, one of 64 KB, then some of 128 KB. */
const PAGES = Array.from({ length: 128 }, () => 2 * KB);
const SECTORS = [16, 16, 16, 16, 64, 128, 128, 128].map((size) => size * KB);

const recordingOf = (shape: Shape): Recording => ({ shape, blockSize: 2 * KB, operations: [] });

test.each<[string, number[], Range, number]>([
  ['pages of 2 KB', PAGES, { start: START + 4 * KB, end: START + 100 * KB }, 2],
  ['sectors from 16 to 128 KB', SECTORS, { start: START, end: START + 128 * KB }, 2],
  ['one large sector', SECTORS, { start: START + 128 * KB, end: START + 256 * KB }, 2],
  ['units of 16 bytes', PAGES, { start: START + 4 * KB, end: START + 100 * KB }, 16],
  ['units of 32 bytes', SECTORS, { start: START, end: START + 256 * KB }, 32],
])('it changes nothing outside the place it was given: %s', (_, lengths, scratch, writeSize) => {
  const operations = lesson(scratch, recordingOf({ ...flashOf(lengths), writeSize }));
  const changes = operations.flatMap((each) => (each.kind === 'erase' ? [each] : []));
  const writes = operations.flatMap((each) => (each.kind === 'write' ? [each] : []));
  expect(changes.length).toBeGreaterThan(0);
  expect(writes.length).toBeGreaterThan(0);
  for (const { address, length } of changes) {
    expect(address).toBeGreaterThanOrEqual(scratch.start);
    expect(address + length).toBeLessThanOrEqual(scratch.end);
  }
  for (const { address, bytes } of writes) {
    expect(address).toBeGreaterThanOrEqual(scratch.start);
    expect(address + bytes.length).toBeLessThanOrEqual(scratch.end);
    expect([address % writeSize, bytes.length % writeSize]).toEqual([0, 0]);
    for (const at of [address, address + bytes.length - 1])
      expect(changes.some((erase) => at >= erase.address && at < erase.address + erase.length)).toBe(true);
  }
});

test('what an erase leaves is read before anything is written there', () => {
  const operations = lesson({ start: START, end: START + 64 * KB }, recordingOf(flashOf(PAGES)));
  for (const [at, erase] of operations.entries()) {
    if (erase.kind !== 'erase') continue;
    const looks = operations.findIndex(
      (each, i) =>
        i > at && each.kind === 'read' && each.address >= erase.address && each.address < erase.address + erase.length,
    );
    const write = operations.findIndex(
      (each, i) =>
        i > at &&
        each.kind === 'write' &&
        each.address < erase.address + erase.length &&
        each.address + each.bytes.length > erase.address,
    );
    expect(looks).toBeGreaterThan(at);
    expect(looks).toBeLessThan(write < 0 ? operations.length : write);
  }
});

test('some blocks hold one value, and places differ in one address line', () => {
  const operations = lesson({ start: START, end: START + 96 * KB }, recordingOf(flashOf(PAGES)));
  const writes = operations.flatMap((each) => (each.kind === 'write' ? [each] : []));
  expect(writes.some(({ bytes }) => new Set(bytes).size === 1)).toBe(true);
  expect(writes.some(({ bytes }) => new Set(bytes).size > 64)).toBe(true);
  const erased = new Set(operations.flatMap((each) => (each.kind === 'erase' ? [each.address - START] : [])));
  for (const line of [0x4000, 0x8000, 0x1_0000])
    expect([...erased].some((at) => at < line && erased.has(at + line))).toBe(true);
});
