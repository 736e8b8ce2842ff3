import { formatFirmware, MemoryImage, type Segment } from '@sureflash/image';
import { type Board, VirtualClock } from '@sureflash/virtual';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { connectSource, type OpenDevice } from '../device/open.ts';
import { createBoard, openBoard } from '../device/virtual-board.ts';
import { loadFirmware } from '../files/firmware-file.ts';
import { Context } from '../render/context.ts';
import { withReport } from '../report/reporting.ts';
import { example, type FakeIo, fakeIo, sureflash } from '../testing/harness.ts';
import { type ProgramChoices, programDevice } from './program-job.ts';

const BYTES = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
const io = () => fakeIo({ files: [['settings.bin', BYTES]] });

describe('sureflash program with a file for EEPROM or OTP', () => {
  it('writes the data EEPROM of an L0 without an erase, and proves it', async () => {
    const words = 'program settings.bin --at 0x08080000 --virtual stm32l072-rom --instant';
    const { code, out, err } = await sureflash(words, io());
    expect(code).toBe(0);
    expect(err).toMatch(/Plan +DATA Memory at 0x08080000\.\.0x08080008: write 8 B, without an erase/);
    expect(out).toBe('Verified     DATA Memory: 8 B written, 8 B read back and equal\n');
  });

  it('writes OTP only with its own option', async () => {
    const words = 'program settings.bin --at 0x1FFF7800 --virtual stm32f407-rom --instant';
    const refused = await sureflash(words, io());
    expect(refused.code).toBe(2);
    expect(refused.err).toContain('[plan/one-time]');
    const { code, err, out } = await sureflash(`${words} --one-time`, io());
    expect(code).toBe(0);
    expect(err).toContain('write 8 B, permanently');
    expect(out).toMatch(/^Verified +OTP Memory: 8 B written/);
  });

  it('has a plan that changes nothing', async () => {
    const words = 'plan settings.bin --at 0x1FFF7800 --virtual stm32f407-rom --instant';
    const { code, out } = await sureflash(words, io());
    expect(code).toBe(0);
    expect(out).toMatch(/^Plan +OTP Memory at 0x1FFF7800\.\.0x1FFF7808: write 8 B, permanently\n$/);
  });

  it('ends with one result where there is nothing for the flash', async () => {
    const words = 'program --json settings.bin --at 0x08080000 --virtual stm32l072-rom --instant';
    const { json, result } = await sureflash(words, io());
    expect(json.filter(({ type }) => type === 'result')).toHaveLength(1);
    expect(result).toMatchObject({ ok: true, outcome: 'programmed', memories: 'DATA Memory', bytesWritten: 8 });
  });

  it('tells of flash and EEPROM when a file has both, with one result for all of it at the end', async () => {
    const hex = [
      ':020000040800F2',
      ':080000000102030405060708D4',
      ':020000040808EA',
      ':040000000A0B0C0DCE',
      ':00000001FF',
    ].join('\n');
    const files = [['both.hex', hex]] as const;
    const words = 'program --json both.hex --force --virtual stm32l072-rom --instant';
    const { code, json, result } = await sureflash(words, fakeIo({ files }));
    expect(code).toBe(0);
    expect(json.find(({ type }) => type === 'memory')).toMatchObject({ memories: 'DATA Memory', bytesWritten: 4 });
    expect(json.filter(({ type }) => type === 'result')).toHaveLength(1);
    const memories = 'Internal Flash, DATA Memory';
    expect(result).toMatchObject({ ok: true, outcome: 'programmed', memories, bytesWritten: 12, verifiedBytes: 132 });
  });
});

const FLASH = 0x0800_0000;
const EEPROM = 0x0808_0000;
const OTP = 0x1fff_7800;
const clock = new VirtualClock();
afterEach(() => vi.restoreAllMocks());

const BLANK = new Uint8Array(BYTES.length).fill(0xff);

function fileOf(segments: readonly Segment[]): FakeIo {
  return fakeIo({ files: [['x.hex', formatFirmware(new MemoryImage(segments), 'intel-hex')]] });
}

const fileFor = (...addresses: readonly number[]): FakeIo =>
  fileOf(addresses.map((address) => ({ address, bytes: BYTES })));

interface Ended {
  readonly page: string;
  /** With which it ended, if it did. */
  readonly error: unknown;
}

/** @param spoil makes of the device what the test is about */
async function reportOn(
  board: Board,
  file: FakeIo,
  {
    spoil = (device) => device,
    options = {},
  }: { spoil?: (device: OpenDevice) => OpenDevice; options?: ProgramChoices } = {},
): Promise<Ended> {
  const context = new Context(file, {});
  const source = await openBoard(board, clock, 'virtual board');
  try {
    const error = await withReport(context, { report: 'r.html', inputs: ['x.hex'] }, async (reporting) => {
      const device = spoil(await connectSource(source, {}));
      const firmware = await loadFirmware(file, 'x.hex', {});
      await programDevice(context, device, { firmware, options: { oneTime: true, ...options }, reporting });
    }).catch((thrown: unknown) => thrown);
    return { page: new TextDecoder().decode(file.files.get('r.html')), error };
  } finally {
    await source[Symbol.asyncDispose]();
  }
}

/** The start of a program: no pattern. */
const RUNNING = Uint8Array.from({ length: 256 }, (_, i) => (i * i * 37 + (i >> 1) * 11) & 0xff);

/** An application whose reads give the same whatever the address. */
function stubbed(device: OpenDevice): OpenDevice {
  vi.spyOn(device.target, 'read').mockImplementation(async function* ({ start, end }) {
    for (let at = start; at < end; at += 256) yield { address: at, bytes: RUNNING.slice(0, Math.min(256, end - at)) };
  });
  const about = { ...device.about, kind: 'cubemx-application', title: 'an application' } as const;
  return { ...device, target: Object.assign(device.target, { about }), about };
}

describe('the report of program', () => {
  it('tells of the device, what was to be written to EEPROM, and its proof', async () => {
    const board = await createBoard(fakeIo(), 'stm32l072-rom', { clock });
    const { page, error } = await reportOn(board, fileFor(EEPROM));
    expect(error).toBeUndefined();
    expect(page).toContain('<h1>Verified: DATA Memory: 8 B written, 8 B read back and equal</h1>');
    expect(page).toContain('<dt>Device</dt><dd>STM32L072');
    expect(page).toContain('<dd>DATA Memory at 0x08080000..0x08080008: write 8 B, without an erase</dd>');
    expect(page).toMatch(/<h2>DATA Memory<\/h2>\n<p class="faint">1 sector from 0x08080000.*read back and equal/s);
    expect(page).toMatch(/<h2>Time<\/h2>.*Read back/s);
  });

  it('tells of both where the file has something for flash too', async () => {
    const board = await createBoard(fakeIo(), 'stm32l072-rom', { clock });
    const { page } = await reportOn(board, fileFor(FLASH, EEPROM));
    expect(page).toMatch(
      /<h1>Verified: .* written, 128 B read back and equal \(.*\); Verified: DATA Memory: 8 B written/,
    );
    expect(page).toMatch(/<h2>Flash<\/h2>.*<h2>DATA Memory<\/h2>/s);
  });
});

describe('a doubtful loader', () => {
  it.each([
    ['EEPROM alone', 'stm32l152xe-rom', [EEPROM]],
    ['flash and EEPROM', 'stm32l152xe-rom', [FLASH, EEPROM]],
    ['flash and OTP', 'stm32f407-rom', [FLASH, OTP]],
  ])('is refused before anything is written: %s', async (_, scenario, addresses) => {
    const board = await createBoard(fakeIo(), scenario, { clock });
    const before = addresses.map((address) => board.chip.read(address, BYTES.length));
    const writes = vi.spyOn(board.chip, 'write');
    const { error, page } = await reportOn(board, fileFor(...addresses), { spoil: stubbed });
    expect(error).toMatchObject({ code: 'plan/doubtful', diagnosis: { cause: 'stub-media' } });
    expect(page).toContain('plan/doubtful');
    expect(writes).not.toHaveBeenCalled();
    expect(addresses.map((address) => board.chip.read(address, BYTES.length))).toEqual(before);
  });
});

describe('program --leave', () => {
  it('of a file for EEPROM alone starts the program that is in the flash', async () => {
    const load = example('dashboard-v1.hex');
    const board = await createBoard(fakeIo(), 'stm32l072-rom', { clock, load });
    const left: number[] = [];
    const spoil = (device: OpenDevice): OpenDevice => {
      vi.spyOn(device.target, 'leave').mockImplementation(async (address) => void left.push(address));
      return device;
    };
    const file = fileFor(EEPROM);
    const { error } = await reportOn(board, file, { spoil, options: { leave: true } });
    expect(error).toBeUndefined();
    expect(left).toEqual([FLASH]);
    expect(file.out.text).toMatch(/^Verified .*\nStarted {6}the program at 0x08000000\n$/);
  });

  it('of a file for EEPROM alone says before it writes that the flash has no program', async () => {
    const board = await createBoard(fakeIo(), 'stm32l072-rom', { clock });
    const { error } = await reportOn(board, fileFor(EEPROM), { options: { leave: true } });
    expect(error).toMatchObject({ code: 'plan/nothing-to-start' });
    expect(board.chip.read(EEPROM, BYTES.length)).toEqual(new Uint8Array(BYTES.length));
  });
});

describe('the OTP part of a file', () => {
  it('is not written where the flash does not take its part', async () => {
    const board = await createBoard(fakeIo(), 'stm32f407-rom', { clock });
    board.chip.flash.protect([0]);
    const { error } = await reportOn(board, fileFor(FLASH, OTP));
    expect(error).toMatchObject({ code: 'verify/mismatch', facts: { address: FLASH } });
    expect(board.chip.read(OTP, BYTES.length)).toEqual(BLANK);
  });

  it.each([
    ['RAM', 0x2000_0000, 'plan/outside'],
    ['option bytes', 0x1fff_c000, 'preflight/danger'],
  ])('is not written where the file has bytes for %s, which do not go there', async (_, address, code) => {
    const board = await createBoard(fakeIo(), 'stm32f407-rom', { clock });
    const { page, error } = await reportOn(board, fileFor(FLASH, OTP, address));
    expect(error).toMatchObject({ code });
    expect(page).toContain(code);
    expect(board.chip.read(OTP, BYTES.length)).toEqual(BLANK);
  });

  it('is not written where the flash part is built for another chip', async () => {
    const board = await createBoard(fakeIo(), 'stm32f407-rom', { clock });
    const { image } = await loadFirmware(fakeIo(), example('dashboard-v2.elf'), {});
    const { error } = await reportOn(board, fileOf([...image.segments, { address: OTP, bytes: BYTES }]));
    expect(error).toMatchObject({ code: 'preflight/danger', diagnosis: { cause: 'wrong-chip' } });
    expect(board.chip.read(OTP, BYTES.length)).toEqual(BLANK);
  });
});
