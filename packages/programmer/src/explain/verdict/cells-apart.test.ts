import { expect, test } from 'vitest';
import { FLASH_START, pagedFlash } from '../../../testing/flash-shapes.ts';
import { lost } from '../primitives/part.ts';
import { ERASES, shift, WRITES } from '../primitives/place.ts';
import { constant } from '../primitives/source.ts';
import type { Operation } from '../recording/record.ts';
import { cellsApart } from './cells-apart.ts';

const PAGE = 2048;
const at = (offset: number, bytes: Uint8Array) => ({
  base: FLASH_START + offset,
  number: 0,
  address: FLASH_START + offset,
  bytes,
});
const erased = (offset: number): Operation => ({ kind: 'erase', address: FLASH_START + offset, length: PAGE });
const written = (offset: number, byte: number): Operation => ({
  kind: 'write',
  ...at(offset, new Uint8Array(PAGE).fill(byte)),
});
const gave = (offset: number, byte: number): Operation => ({
  kind: 'read',
  ...at(offset, new Uint8Array(PAGE).fill(byte)),
});
const apart = (operations: readonly Operation[], models: Parameters<typeof cellsApart>[1]) =>
  cellsApart({ shape: pagedFlash(8 * PAGE), blockSize: PAGE, operations }, models);

const SILENT = lost(WRITES);
const DEAF = lost(['erase', 'write']);
const BLANK_READS = constant(0xff);

test('of loaders whose reads all give erased bytes, flash holds the image where only the reads deviate', () => {
  const run = [erased(PAGE), written(PAGE, 0x3c), gave(PAGE, 0xff)];
  expect(apart(run, [[SILENT], [BLANK_READS]])).toEqual({ address: FLASH_START + PAGE, bytes: [0xff, 0x3c] });
});

test('what was read before tells what stands where nothing was erased', () => {
  const run = [gave(PAGE, 0xff), erased(PAGE), written(PAGE, 0x3c), gave(PAGE, 0xff)];
  const models = [[SILENT], [DEAF], [BLANK_READS]];
  expect(apart(run, models)).toEqual({ address: FLASH_START + PAGE, bytes: [0xff, 0xff, 0x3c] });
  expect(apart(run.slice(1, 3), models)?.bytes).toEqual([0xff, undefined, 0x3c]);
});

test('the address is taken at which most of them differ from the first', () => {
  const run = [erased(0), erased(PAGE), written(PAGE, 0x3c), written(0, 0xff)];
  const found = apart(run, [[SILENT], [BLANK_READS], [shift(WRITES, PAGE / 2)]]);
  expect(found).toEqual({ address: FLASH_START + PAGE + PAGE / 2, bytes: [0xff, 0x3c, 0x3c] });
});

test('where flash holds the same by all of them, or one knows nothing of it, there is none', () => {
  expect(apart([erased(PAGE)], [[], [BLANK_READS]])).toBeUndefined();
  expect(apart([erased(PAGE)], [[], [shift(ERASES, PAGE)]])).toBeUndefined();
  expect(apart([], [])).toBeUndefined();
});
