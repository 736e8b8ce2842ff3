import { expect, it } from 'vitest';
import { Transcript } from './transcript.ts';

const MEGABYTE = new Uint8Array(1024 * 1024);

it('a transcript that became too long is empty, so that no part of it passes for the whole', () => {
  const transcript = new Transcript();
  for (let i = 0; i < 8; i++) transcript.note({ kind: 'write', address: i * MEGABYTE.length, bytes: MEGABYTE });
  expect(transcript.entries).toHaveLength(8);
  transcript.note({ kind: 'write', address: 0, bytes: MEGABYTE });
  transcript.note({ kind: 'erase', start: 0, end: 2048 });
  expect(transcript.entries).toEqual([]);
});

const read = (address: number, ...bytes: number[]) =>
  ({ kind: 'read', from: address, address, bytes: Uint8Array.from(bytes) }) as const;

it('reads that agree wherever they overlap show no deviation, and two that differ show one', () => {
  const transcript = new Transcript();
  transcript.note(read(2, 3, 4, 5));
  transcript.note(read(0, 1, 2, 3));
  expect(transcript.mayDeviate).toBe(false);
  transcript.note(read(4, 9));
  expect(transcript.mayDeviate).toBe(true);
});

it('something that was changed may always show a deviation', () => {
  const transcript = new Transcript();
  transcript.note({ kind: 'erase', start: 0, end: 2048 });
  expect(transcript.mayDeviate).toBe(true);
});

it('a transcript lasts from the first device whose requests it notes', () => {
  const transcript = new Transcript();
  expect(transcript.lastedMs(500)).toBe(0);
  transcript.begin(1000);
  transcript.begin(3000);
  expect(transcript.lastedMs(4000)).toBe(3000);
});
