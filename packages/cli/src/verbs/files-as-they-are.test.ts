import { formatFirmware, MemoryImage, parseFirmware, type Segment } from '@sureflash/image';
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

describe('a file that cannot be programmed', () => {
  const elf = (at: number, ...bytes: readonly number[]): Uint8Array => {
    const file = new Uint8Array(64);
    file.set([0x7f, 0x45, 0x4c, 0x46, 1, 1, 1]);
    file.set([2, 0, 40, 0], 16);
    file.set(bytes, at);
    return file;
  };
  const text = (content: string): Uint8Array => new TextEncoder().encode(content);

  it.each([
    ['a.bin', Uint8Array.of(0x50, 0x4b, 3, 4, 20, 0), 'Unpack it'],
    ['a.bin', text('<html>404</html>'), 'fetch it again'],
    ['a.bin', text('version https://git-lfs.github.com/spec/v1'), 'git lfs pull'],
    ['a.bin', Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 13, 10), '--format binary'],
    ['a.img', new Uint8Array(64), '--format binary --at ADDRESS'],
    ['a.elf', elf(18, 8), 'Arm, little-endian'],
    ['a.elf', elf(16, 1), 'Link it first'],
    ['a.elf', elf(4, 2), '64-bit computer'],
  ])('%s is told what to do about it (%#)', async (path, file, advice) => {
    const { code, err } = await sureflash(`check ${path}`, fakeIo({ files: [[path, file]] }));
    expect(code).toBe(5);
    expect(err).toContain(advice);
    expect(err).not.toContain('Build the file again');
  });

  it('and says nothing of its address is told the one that its vectors and its code fit', async () => {
    const image = parseFirmware(await fakeIo().readFile(example('dashboard-v1.elf'))).image.segments[0];
    const bytes = image?.bytes.slice() ?? new Uint8Array(0);
    const view = new DataView(bytes.buffer);
    for (let i = 1; i < 100; i++) {
      const vector = view.getUint32(4 * i, true);
      if (vector % 2 === 1) view.setUint32(4 * i, vector + 0x4000, true);
    }
    const { err } = await sureflash('check a.bin', fakeIo({ files: [['a.bin', bytes]] }));
    expect(err).toContain('--at 0x08004000, where its vectors and its code fit');
  });
});

describe('a file that says for what it is', () => {
  const image = new MemoryImage([FLASH]);

  it('is announced with it', async () => {
    const dfu = formatFirmware(image, 'dfuse', { dfuse: { vendor: 0x1209, product: 1 } });
    const uf2 = formatFirmware(image, 'uf2', { family: 0xe48b_ff56 });
    const io = () =>
      fakeIo({
        files: [
          ['a.dfu', dfu],
          ['a.uf2', uf2],
        ],
      });
    expect((await sureflash('check a.dfu', io())).err).toContain('a.dfu: DfuSe for 1209:0001, 4 KB');
    expect((await sureflash('check a.uf2', io())).err).toContain('a.uf2: UF2 for RP2040, 4 KB');
  });

  it('is refused by program where no chip that the device may have is meant', async () => {
    const io = fakeIo({ files: [['a.uf2', formatFirmware(image, 'uf2', { family: 0x00ff_6919 })]] });
    const { code, err } = await sureflash('program a.uf2 --virtual stm32f407-rom --instant', io);
    expect(code).toBe(5);
    expect(err).toContain('it is for STM32L4, and the chip is an STM32F405');
  });
});
