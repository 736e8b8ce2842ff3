import { describe, expect, it } from 'vitest';
import { fakeIo, sureflash } from '../testing/harness.ts';

/** Records of 16 bytes, each at the same address: what a maker of large texts would write. */
function records(line: string, bytes: number): Uint8Array {
  const text = new TextEncoder().encode(line);
  const file = new Uint8Array(bytes);
  for (let at = 0; at < bytes; at += text.length) file.set(text.subarray(0, bytes - at), at);
  return file;
}

describe('a text that is built to take memory', () => {
  it.each([
    ['a.hex', ':10000000000102030405060708090A0B0C0D0E0F78\n'],
    ['a.s19', 'S1130000000102030405060708090A0B0C0D0E0F74\n'],
  ])('is refused by its size before it is read: %s', async (name, line) => {
    const io = fakeIo({ files: [[name, records(line, 33 * 1024 * 1024)]] });
    const { code, result } = await sureflash(`check ${name} --json`, io);
    expect([code, result['code']]).toEqual([5, 'cli/file']);
    expect(result['title']).toMatch(/bytes of text; at most 33554432 are read/);
  });
});
