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
