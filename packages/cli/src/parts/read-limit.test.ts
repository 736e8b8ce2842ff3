import { describe, expect, it } from 'vitest';
import { fakeIo, sureflash } from '../testing/harness.ts';
import { refuseTooMuch } from './read-limit.ts';

const MB = 1024 * 1024;

describe('what is read at once', () => {
  it('has at most 16 MB in all, and the first part is named', () => {
    expect(() => refuseTooMuch([{ start: 0x9000_0000, end: 0x9000_0000 + 16 * MB }])).not.toThrow();
    const two = [
      { start: 0x9000_0000, end: 0x9000_0000 + 16 * MB },
      { start: 0x9800_0000, end: 0x9800_0001 },
    ];
    expect(() => refuseTooMuch(two)).toThrow(
      expect.objectContaining({ code: 'cli/usage', remedy: ['Read it in parts, such as 0x90000000..0x91000000.'] }),
    );
  });

  it.each([
    'read 0x0..0xFFFFFFFF o.bin',
    'checksum --range 0x0..0xFFFFFFFF',
    'checksum a.bin --at 0 --range 0x0..0xFFFFFFFF',
  ])('is bounded in "%s"', async (words) => {
    const io = fakeIo({ files: [['a.bin', Uint8Array.of(1, 2, 3, 4)]] });
    const board = words.includes('a.bin') ? '' : ' --virtual stm32f105-rom --instant';
    const { err, code } = await sureflash(`${words}${board}`, io);
    expect(err).toMatch(/more than the 16 MB that are read at once/);
    expect(code).toBe(2);
  });
});
