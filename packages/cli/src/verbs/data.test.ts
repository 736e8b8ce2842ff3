import { UsbIpServer } from '@sureflash/usbip';
import { type Board, RealClock } from '@sureflash/virtual';
import { afterEach, describe, expect, it } from 'vitest';
import { createBoard } from '../device/virtual-board.ts';
import { type Ended, example, fakeIo, sureflash } from '../testing/harness.ts';

const FLASH = 0x0800_0000;
const LOADED = `--virtual stm32f105-rom --instant --load ${example('dashboard-v2.hex')}`;

let server: UsbIpServer | undefined;
afterEach(async () => await server?.close());

/** A command on a board that outlives it. */
async function onBoard(words: string, name = 'stm32f105-rom'): Promise<{ ended: Ended; board: Board }> {
  const clock = new RealClock();
  const board = await createBoard(fakeIo(), name, { clock, load: example('dashboard-v2.hex') });
  server = new UsbIpServer({ ports: new Map([['1-1', board]]), clock });
  const { host, port } = await server.listen({ port: 0 });
  return { ended: await sureflash(`${words} --usbip ${host}:${port}/1-1`), board };
}

describe('sureflash write', () => {
  it('puts words at an address, keeps the rest of their sector and proves both', async () => {
    const clock = new RealClock();
    const before = (
      await createBoard(fakeIo(), 'stm32f105-rom', { clock, load: example('dashboard-v2.hex') })
    ).flash.peek(FLASH, 0x2_0000);
    const { ended, board } = await onBoard('write 0x08001004 0x12345678 0x0000CAFE');
    expect(ended.err).toContain('8 B at 0x08001004..0x0800100C: 0x12345678 0x0000CAFE');
    expect(ended.out).toMatch(/^Written {6}0x08001004\.\.0x0800100C: 1 sector erased and written anew, 2 KB read back/);
    expect(ended.code).toBe(0);
    before.set([0x78, 0x56, 0x34, 0x12, 0xfe, 0xca, 0, 0], 0x1004);
    expect(board.flash.peek(FLASH, 0x2_0000)).toEqual(before);
  });

  it('says so where the words stand there already', async () => {
    const { out, code } = await sureflash(`write 0x0803F000 0xFF --width 8 ${LOADED}`);
    expect(out).toMatch(/^Unchanged {4}0x0803F000\.\.0x0803F001 holds it already/);
    expect(code).toBe(0);
  });

  it('sends who aims at option bytes to the verb for them', async () => {
    const { err, code } = await sureflash(`write 0x1FFFF800 0xA5 --width 8 ${LOADED}`);
    expect(err).toMatch(/option bytes: they are set by name/);
    expect(err).toContain('sureflash option-bytes set NAME=VALUE');
    expect(code).toBe(2);
  });

  it('writes OTP only when it is told to', async () => {
    const on = '--virtual stm32f407-rom --instant';
    expect(await sureflash(`write 0x1FFF7800 0x11 --width 8 ${on}`)).toMatchObject({ code: 2 });
    const { out, code } = await sureflash(`write 0x1FFF7800 0x11 --width 8 --one-time ${on}`);
    expect(out).toMatch(/^Written/);
    expect(code).toBe(0);
  });

  it('refuses what the option bytes close', async () => {
    const { err, code } = await sureflash(
      `write 0x08002000 0x0 --virtual stm32f105-rom-wrp --instant --load ${example('dashboard-v2.hex')}`,
    );
    expect(err).toContain('the option bytes write-protect sectors 4 to 7');
    expect(code).toBe(8);
  });

  it('knows who meant a file', async () => {
    const { err, code } = await sureflash('write firmware.elf');
    expect(err).toContain('To program a file: sureflash program FILE');
    expect(code).toBe(2);
  });
});

describe('sureflash fill', () => {
  it('puts one value over a range and nothing beside it', async () => {
    const { ended, board } = await onBoard('fill 0x08000410+8 0xA1B2 --width 16');
    expect(ended.code).toBe(0);
    expect([...board.flash.peek(FLASH + 0x410, 8)]).toEqual([0xb2, 0xa1, 0xb2, 0xa1, 0xb2, 0xa1, 0xb2, 0xa1]);
  });

  it('refuses a range that is not a whole number of words', async () => {
    const { err, code } = await sureflash(`fill 0x08000000+7 1 --width 16 ${LOADED}`);
    expect(err).toContain('7 B are not a whole number of words of 16 bits');
    expect(code).toBe(2);
  });
});

describe('sureflash blank-check', () => {
  it('ends with 0 on an erased chip', async () => {
    const { out, code } = await sureflash('blank-check --virtual stm32f105-rom --instant');
    expect(out).toMatch(/^Blank {8}256 KB read, every byte of it erased/);
    expect(code).toBe(0);
  });

  it('ends with 7 and names the sectors that hold something', async () => {
    const { err, code } = await sureflash(`blank-check ${LOADED}`);
    expect(err).toMatch(/Not blank: 0x08000000 holds 0x00; 59 sectors hold/);
    expect(err).toContain('Sectors: 0-58');
    expect(code).toBe(7);
  });

  it('looks at a range alone', async () => {
    expect(await sureflash(`blank-check 0x0801F000+4K ${LOADED}`)).toMatchObject({ code: 0 });
    expect(await sureflash(`blank-check 0x0801D000+4K ${LOADED}`)).toMatchObject({ code: 7 });
  });
});

describe('sureflash read without a file', () => {
  it('shows a hex dump on standard output, and the rest beside it', async () => {
    const { out, err, code } = await sureflash(`read 0x08000000+32 ${LOADED}`);
    expect(out.split('\n')).toEqual([
      expect.stringMatching(/^0x08000000 {2}([0-9A-F]{2} ){8} ([0-9A-F]{2} ){8} \|.{16}\|$/),
      expect.stringMatching(/^0x08000010 {2}/),
      '',
    ]);
    expect(err).toMatch(/^Read {9}32 B at 0x08000000\.\.0x08000020/m);
    expect(code).toBe(0);
  });

  it('leaves lines out that repeat the one above, but never the last', async () => {
    const { out } = await sureflash(`read 0x0803F000+4K ${LOADED}`);
    const blank = 'FF FF FF FF FF FF FF FF  FF FF FF FF FF FF FF FF  |................|';
    expect(out).toBe(`0x0803F000  ${blank}\n*\n0x0803FFF0  ${blank}\n`);
  });

  it('shows a range that begins and ends within a line, with nothing where nothing was read', async () => {
    const { out } = await sureflash(`read 0x0803F00E+4 ${LOADED}`);
    expect(out).toBe(
      [
        '0x0803F000  -- -- -- -- -- -- -- --  -- -- -- -- -- -- FF FF  |              ..|',
        '0x0803F010  FF FF -- -- -- -- -- --  -- -- -- -- -- -- -- --  |..              |',
        '',
      ].join('\n'),
    );
  });

  it('takes a memory by its name, and gives the bytes as JSON', async () => {
    const { result } = await sureflash('read --region otp --virtual stm32f407-rom --instant --json');
    expect(result).toMatchObject({ ok: true, bytes: 528, data: [{ address: 0x1fff_7800 }] });
  });

  it('takes the range and the file in either order', async () => {
    const { io, code } = await sureflash(`read copy.bin 0x08000000+16 ${LOADED}`);
    expect(io.files.get('copy.bin')?.length).toBe(16);
    expect(code).toBe(0);
  });

  it.each([
    ['read', /does not say where/],
    ['read a.bin b.bin', /one file too many/],
    ['read 0x08000000+16 0x08000000+32', /two ranges/],
    ['read 0x08000000+16 --format srec', /needs a file/],
  ])('refuses "%s"', async (words, message) => {
    const { err, code } = await sureflash(`${words} ${LOADED}`);
    expect(err).toMatch(message);
    expect(code).toBe(2);
  });
});
