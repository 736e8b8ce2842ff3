import { formatFirmware, MemoryImage, type Segment } from '@sureflash/image';
import { describe, expect, it } from 'vitest';
import { example, fakeIo, sureflash } from '../testing/harness.ts';

const program = new Uint8Array(4096).fill(0x46);
new DataView(program.buffer).setUint32(0, 0x2001_0000, true);
new DataView(program.buffer).setUint32(4, 0x0800_0201, true);
const FLASH: Segment = { address: 0x0800_0000, bytes: program };
const RAM: Segment = { address: 0x2000_c000, bytes: new Uint8Array(132).fill(3) };
const hexOf = (...segments: readonly Segment[]): Uint8Array => formatFirmware(new MemoryImage(segments), 'intel-hex');
const BOARD = '--virtual stm32f407-rom --instant --force';

describe('a file with a piece for RAM', () => {
  it.each(['convert a.hex a.elf', 'merge a.hex b.hex a.elf'])(
    'is told of when %s loses it for who reads it again',
    async (line) => {
      const io = fakeIo({
        files: [
          ['a.hex', hexOf(FLASH, RAM)],
          ['b.hex', hexOf({ address: 0x0801_0000, bytes: program })],
        ],
      });
      const { code, err } = await sureflash(line, io);
      expect(code).toBe(0);
      expect(err).toContain('132 B of the content lie in RAM');
    },
  );

  it('is not told of where nothing is lost', async () => {
    const io = fakeIo({ files: [['a.hex', hexOf(FLASH, RAM)]] });
    expect((await sureflash('convert a.hex a.s19', io)).err).not.toContain('lie in RAM');
    expect(
      (await sureflash('convert a.hex a.bin --overwrite', fakeIo({ files: [['a.hex', hexOf(FLASH)]] }))).err,
    ).not.toContain('RAM');
  });
});

describe('a part of a file', () => {
  it('is told of with what it leaves out', async () => {
    const io = fakeIo({ files: [['a.hex', hexOf(FLASH)]] });
    const { err } = await sureflash(`program a.hex --only 0x08000000+3K ${BOARD}`, io);
    expect(err).toContain('--only leaves 1 KB of the file out.');
  });
});

describe('an ELF file whose symbols cannot be read', () => {
  it.each(['check', 'plan'])('is taken by %s as one without symbols', async (name) => {
    const elf = (await fakeIo().readFile(example('dashboard-v2.elf'))).slice();
    const view = new DataView(elf.buffer);
    const [headers, size, count] = [view.getUint32(32, true), view.getUint16(46, true), view.getUint16(48, true)];
    for (let i = 0; i < count; i++) {
      const at = headers + i * size;
      if (view.getUint32(at + 4, true) === 2) view.setUint32(at + 16, 0x100_0000, true);
    }
    const board = name === 'plan' ? ' --virtual stm32f105-rom --instant' : '';
    const { code, err } = await sureflash(`${name} a.elf${board}`, fakeIo({ files: [['a.elf', elf]] }));
    expect(err).not.toContain('symbol table');
    expect(code).toBe(0);
  });
});
