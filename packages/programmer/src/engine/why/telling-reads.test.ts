import { findChipByName } from '@sureflash/chips';
import { expect, it } from 'vitest';
import { deviceWith, MemoryTarget, regionOf } from '../../../testing/memory-target.ts';
import type { Device } from '../../target/device.ts';
import { lookOnceMore, readAcross, readKnownOutside } from './telling-reads.ts';
import { Transcript, transcribed } from './transcript.ts';

const START = 0x0800_0000;
const BLOCK = 1024;
const chip = findChipByName('STM32F105');

function deviceAnswering(outside: Uint8Array | undefined): Device {
  const target = new MemoryTarget([regionOf({ start: START, sizes: Array(64).fill(2048) })]);
  return deviceWith(Object.assign(target, { readOutside: async () => await Promise.resolve(outside) }));
}

it('the flash size register counts as known where it holds a size in which the chip is made', async () => {
  const address = 0x1fff_f7e0;
  const size = Uint8Array.of(0, 1);
  expect(await readKnownOutside(deviceAnswering(size), chip)).toEqual([{ address, bytes: size }]);
});

it.each([
  ['erased bytes', Uint8Array.of(0xff, 0xff)],
  ['one byte', Uint8Array.of(0)],
  ['a refusal', undefined],
])('nothing outside the flash counts as known where the answer is %s', async (_, answer) => {
  expect(await readKnownOutside(deviceAnswering(answer), chip)).toEqual([]);
});

it('nothing is read outside the flash of a chip that nobody knows', async () => {
  expect(await readKnownOutside(deviceAnswering(Uint8Array.of(0, 1)), undefined)).toEqual([]);
});

it('the longest run of writes is read once more from its end to its start, across the borders of blocks', async () => {
  const transcript = new Transcript();
  const { target } = transcribed(deviceAnswering(undefined), transcript);
  transcript.note({ kind: 'write', address: START, bytes: new Uint8Array(64) });
  transcript.note({ kind: 'write', address: START + 4096, bytes: new Uint8Array(16 * BLOCK) });
  await readAcross(target, transcript.entries, BLOCK);
  // A read may come in several chunks.
  const starts = transcript.entries.flatMap((entry) =>
    entry.kind === 'read' && entry.address === entry.from ? [entry.from - START - 4096] : [],
  );
  expect(starts).toEqual([12 * BLOCK + 13, 8 * BLOCK + 13, 4 * BLOCK + 13, 13]);
});

it('what was looked at before the first change, and not since, is read once more', async () => {
  const transcript = new Transcript();
  const { target } = transcribed(deviceAnswering(undefined), transcript);
  // In chunks, as a loader with small blocks gives them.
  const look = (from: number, length: number) => {
    for (let at = 0; at < length; at += 64)
      transcript.note({ kind: 'read', from, address: from + at, bytes: new Uint8Array(64) });
  };
  look(START, 128);
  look(START + 0x8000, 128);
  look(START + 0x8000, 128);
  look(START + 0x4000, 4096);
  transcript.note({ kind: 'erase', start: START + 0x1000, end: START + 0x2000 });
  look(START, 2048);
  const before = transcript.entries.length;
  await lookOnceMore(target, transcript.entries);
  const read = transcript.entries.slice(before).flatMap((entry) => (entry.kind === 'read' ? [entry] : []));
  expect(new Set(read.map(({ from }) => from))).toEqual(new Set([START + 0x8000]));
  expect(read.reduce((sum, { bytes }) => sum + bytes.length, 0)).toBe(128);
});

it('where nothing was changed nothing is read once more', async () => {
  const transcript = new Transcript();
  const { target } = transcribed(deviceAnswering(undefined), transcript);
  transcript.note({ kind: 'read', from: START, address: START, bytes: new Uint8Array(128) });
  await lookOnceMore(target, transcript.entries);
  expect(transcript.entries).toHaveLength(1);
});
