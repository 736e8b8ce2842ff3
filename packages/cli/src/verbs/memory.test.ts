import { UsbIpServer } from '@sureflash/usbip';
import { type Board, RealClock } from '@sureflash/virtual';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createBoard } from '../device/virtual-board.ts';
import { type Ended, example, type FakeIo, fakeIo, sureflash } from '../testing/harness.ts';

const ON_ROM = '--virtual stm32f105-rom --instant';
const FLASH = 0x0800_0000;
const files = new Map<string, Uint8Array>();

beforeAll(async () => {
  for (const version of ['v1', 'v2']) {
    const { io } = await sureflash(`convert ${example(`dashboard-${version}.elf`)} ${version}.bin`, fakeIo());
    for (const [path, bytes] of io.files) files.set(path, bytes);
  }
});

function ioWithFiles(): FakeIo {
  return fakeIo({ files });
}

const onBoard = async (words: string): Promise<Ended> =>
  await sureflash(`${words} ${ON_ROM} --load v2.bin`, ioWithFiles());

describe('sureflash read', () => {
  it('gives what a board holds, in the format of the ending', async () => {
    const { code, io, out } = await onBoard('read copy.hex --range 0x08000000+117K');
    expect(code).toBe(0);
    expect(out).toMatch(/^Read {9}117 KB at 0x08000000..0x0801D400 to copy.hex, Intel HEX/);
    expect(new TextDecoder().decode(io.files.get('copy.hex'))).toMatch(/^:02000004/);
  });

  it.each([
    ['option-bytes', 16],
    ['option', 16],
    ['otp', 528],
    ['device-feature', 4],
  ])('takes the memory named %s', async (name, bytes) => {
    const { code, io } = await sureflash(`read o.bin --region ${name} --virtual stm32f407-rom --instant`, fakeIo());
    expect(code).toBe(0);
    expect(io.files.get('o.bin')?.length).toBe(bytes);
  });
});

describe('sureflash erase', () => {
  let server: UsbIpServer | undefined;
  afterEach(async () => await server?.close());

  /** A command on a board that outlives it. @returns how it ended, and what the board held before and after */
  async function eraseOnBoard(words: string): Promise<{ ended: Ended; before: Uint8Array; after: Uint8Array }> {
    const clock = new RealClock();
    const board: Board = await createBoard(ioWithFiles(), 'stm32f105-rom', { clock, load: 'v2.bin' });
    server = new UsbIpServer({ ports: new Map([['1-1', board]]), clock });
    const { host, port } = await server.listen({ port: 0 });
    const held = (): Uint8Array => board.flash.peek(FLASH, 0x4_0000);
    const before = held();
    const ended = await sureflash(`${words} --usbip ${host}:${port}/1-1`, ioWithFiles());
    return { ended, before, after: held() };
  }

  it('takes sectors by their numbers', async () => {
    const { ended, before, after } = await eraseOnBoard('erase --sectors 0-2,7');
    expect(ended.code).toBe(0);
    expect(ended.err).toContain('Plan         erase 4 sectors, 8 KB at 0x08000000..0x08001800, 0x08003800..0x08004000');
    expect(ended.out).toMatch(/^Erased {7}4 sectors, 8 KB, read back and blank/);
    expect([...after]).toEqual([...before.fill(0xff, 0, 0x1800).fill(0xff, 0x3800, 0x4000)]);
  });

  it('keeps what a sector holds beside a range', async () => {
    const { ended, before, after } = await eraseOnBoard('erase --range 0x08000100+4K');
    expect(ended.code).toBe(0);
    expect(ended.err).toContain(
      'erase 1 sector and a part of 2 sectors, 4 KB at 0x08000100..0x08001100; the bytes beside',
    );
    expect(ended.out).toMatch(/^Erased {7}1 sector and a part of 2 sectors, 4 KB, read back and blank/);
    expect([...after]).toEqual([...before.fill(0xff, 0x100, 0x1100)]);
  });

  it('takes every sector that the range touches where it is told to', async () => {
    const { ended, before, after } = await eraseOnBoard('erase --range 0x08000100+4K --keep none');
    expect(ended.code).toBe(0);
    expect(ended.err).toContain('Plan         erase 3 sectors, 6 KB at 0x08000000..0x08001800');
    expect([...after]).toEqual([...before.fill(0xff, 0, 0x1800)]);
  });

  it('takes the last page, and only that', async () => {
    const { ended, before, after } = await eraseOnBoard('erase --range 0x0803F800+2K');
    expect(ended.code).toBe(0);
    expect([...after]).toEqual([...before.fill(0xff, 0x3f800)]);
  });

  it('refuses what lies beyond the flash, and touches nothing', async () => {
    const { ended, before, after } = await eraseOnBoard('erase --range 0x08040000+2K');
    expect(ended.code).toBe(5);
    expect(ended.err).toContain('0x08040000 to 0x080407FF does not lie in the flash');
    expect(after).toEqual(before);
  });
});

describe('sureflash compare', () => {
  it('holds a file against a device', async () => {
    expect(await onBoard('compare v2.bin --at 0x08000000')).toMatchObject({
      code: 0,
      out: 'Equal        117.1 KB, byte for byte\n',
    });
  });

  it('lets the content of a file decide whether it takes an address', async () => {
    const bin = files.get('v2.bin') ?? new Uint8Array();
    const io = fakeIo({ files: [...files, ['v2.raw', bin], ['image.bin', bin]] });
    const board = `${ON_ROM} --load image.bin`;
    for (const words of ['v2.raw image.bin', `v2.raw ${example('dashboard-v2.elf')}`, `image.bin ${board}`]) {
      expect(await sureflash(`compare ${words} --at 0x08000000`, io)).toMatchObject({ code: 0 });
    }
    const elf = await sureflash(`compare ${example('dashboard-v2.elf')} v2.raw --at 0x08004000`, io);
    expect(elf).toMatchObject({ code: 7 });
    expect(elf.out).toContain('0x080001E8..0x08004000  only in');
  });

  it('shows the first differences with what stands around them, marked', async () => {
    const { code, out, err } = await onBoard('compare v1.bin --at 0x08000000');
    expect(code).toBe(7);
    expect(out.split('\n').slice(0, 3)).toEqual([
      '  0x08000800  31 2E 34 2E 30 00 00 00 00 00 00 00 00 00 00 00  v1.bin',
      '              31 2E 34 2E 31 00 00 00 00 00 00 00 00 00 00 00  virtual stm32f105-rom',
      '                          ^^',
    ]);
    expect(err).toMatch(/v1\.bin and virtual stm32f105-rom differ: \d+ bytes in \d+ places\. \[cli\/different\]/);
  });
});

describe('sureflash checksum', () => {
  it('of a file and of the device that holds it are the same', async () => {
    const range = '--range 0x08000000+1K';
    const [file, device] = [
      await sureflash(`checksum v2.bin --at 0x08000000 ${range} --json`, ioWithFiles()),
      await onBoard(`checksum ${range} --json`),
    ];
    expect(file.result['checksums']).toEqual(device.result['checksums']);
  });

  it('is the known one of a known text', async () => {
    const io = fakeIo({ files: [['nine.bin', '123456789']] });
    const { result } = await sureflash('checksum nine.bin --at 0 --format binary --json', io);
    expect(result['checksums']).toEqual([
      {
        start: 0,
        end: 9,
        crc32: '0xCBF43926',
        sha256: '15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225',
      },
    ]);
  });
});

describe('sureflash leave', () => {
  it('does not claim to have started a program in blank flash', async () => {
    const { code, err } = await sureflash(`leave ${ON_ROM}`);
    expect(code).toBe(6);
    expect(err).toContain('There is no program at 0x08000000: the flash is blank there. [plan/nothing-to-start]');
  });

  it('starts the program that is there', async () => {
    const { code, out } = await onBoard('leave');
    expect(code).toBe(0);
    expect(out).toBe('Left         the bootloader has handed over to the program at 0x08000000\n');
  });
});
