import { describe, expect, it } from 'vitest';
import { QuickClock } from '../../testing/clocks.ts';
import {
  ABORT,
  addressHex,
  BUSY,
  DONE,
  erase,
  IDLE,
  operation,
  pointTo,
  setAddress,
  UPLOADING,
} from '../../testing/dfu-script.ts';
import { aboutTest } from '../../testing/memory-target.ts';
import { alternate, scriptedPort } from '../../testing/scripted-port.ts';
import type { LoaderKind } from '../target/about.ts';
import { regionsOf } from './memory/geometry.ts';
import type { Pace } from './protocol/handling.ts';
import { DfuSession } from './protocol/session.ts';
import { DfuTarget } from './target.ts';

const FLASH = 0x0800_0000;
const OPTIONS = 0x0801_0000;
/** The way to rest from what goes before. */
const FROM_READING = [UPLOADING, ABORT, IDLE];
const FROM_WRITING = [DONE, ABORT, IDLE];

interface Setting {
  readonly loader?: LoaderKind;
  readonly pace?: Pace;
  readonly names?: readonly string[];
}

/** A target with blocks of four bytes, on a device that follows `script`. */
function targetOn(script: readonly string[], { loader = 'st-rom', pace = 'queued', names }: Setting = {}) {
  const texts = names ?? ['@Internal Flash  /0x08000000/64*1Kg', '@Option Bytes  /0x08010000/1*016 g'];
  const clock = new QuickClock();
  const alternates = texts.map((name, i) => alternate(name, i));
  const selected: number[] = [];
  const scripted = scriptedPort(script, clock);
  const port = { ...scripted, alternates, selectAlternate: async (number: number) => void selected.push(number) };
  const session = new DfuSession(port, { clock, quirks: {}, pace });
  const about = aboutTest({ kind: loader, blockSize: 4 });
  const regions = regionsOf(alternates, []);
  const target = new DfuTarget({ port, session, clock, about, regions, transferSize: 4 });
  return { target, selected, left: scripted.left };
}

async function readAll(target: DfuTarget, start: number, end: number): Promise<number[]> {
  const bytes: number[] = [];
  for await (const chunk of target.read({ start, end })) bytes.push(...chunk.bytes);
  return bytes;
}

const failing = async (work: Promise<unknown>): Promise<unknown> =>
  await work.then(
    () => 'no error',
    (error: unknown) => error,
  );

describe('a write through DFU', () => {
  it('sends blocks behind one Set Address, and a shorter tail behind another', async () => {
    const { target, left } = targetOn([
      IDLE,
      ...setAddress(FLASH + 0x800),
      ...operation('DNLOAD 2 01020304'),
      ...operation('DNLOAD 3 05060708'),
      ...setAddress(FLASH + 0x808),
      ...operation('DNLOAD 2 090a'),
    ]);
    const done: number[] = [];
    const bytes = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
    await target.write(FLASH + 0x800, bytes, { onBytes: (count) => done.push(count) });
    expect(left).toEqual([]);
    expect(done).toEqual([4, 8, 10]);
  });

  it('refuses what begins in one region and ends past it, and sends nothing', async () => {
    const { target } = targetOn([]);
    for (const address of [FLASH - 4, OPTIONS + 12, 0xffff_fffc]) {
      expect(await failing(target.write(address, new Uint8Array(8)))).toMatchObject({ code: 'plan/outside' });
    }
  });
});

describe('a read through DFU', () => {
  it('leaves dfuDNLOAD-IDLE before it uploads, and leaves the device at rest', async () => {
    const script = [IDLE, ...pointTo(FLASH), 'UPLOAD 2 4 -> 01020304', 'UPLOAD 3 4 -> 05060708', ...FROM_READING];
    const { target, left } = targetOn(script);
    expect(await readAll(target, FLASH, FLASH + 8)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(left).toEqual([]);
  });

  it('never asks for a single byte: a ROM reads 2 at least (AN3156 §5.1)', async () => {
    const { target, left } = targetOn([
      IDLE,
      ...pointTo(FLASH),
      'UPLOAD 2 4 -> 01020304',
      ...FROM_READING,
      ...pointTo(FLASH + 3),
      'UPLOAD 2 2 -> 0405',
      ...FROM_READING,
    ]);
    expect(await readAll(target, FLASH, FLASH + 5)).toEqual([1, 2, 3, 4, 5]);
    expect(left).toEqual([]);
  });

  it('that is left early waits for the blocks that it has asked for', async () => {
    const uploads = ['UPLOAD 2 4 -> 01020304', 'UPLOAD 3 4 -> 05060708', 'UPLOAD 4 4 -> 090a0b0c'];
    const { target, left } = targetOn([IDLE, ...pointTo(FLASH), ...uploads, ...FROM_READING]);
    for await (const { bytes } of target.read({ start: FLASH, end: FLASH + 64 })) {
      expect(bytes).toEqual(Uint8Array.of(1, 2, 3, 4));
      break;
    }
    expect(left).toEqual([]);
  });

  it('that is stopped before it begins leaves the device at rest', async () => {
    const script = [IDLE, ...setAddress(FLASH), ...operation('DNLOAD 2 01020304'), ...FROM_WRITING];
    const { target, left } = targetOn(script);
    await target.write(FLASH, Uint8Array.of(1, 2, 3, 4));
    const reading = target.read({ start: FLASH, end: FLASH + 4 }, { signal: AbortSignal.abort('stop') });
    expect(await failing(reading.next())).toBe('stop');
    expect(left).toEqual([]);
  });

  it('does not take fewer bytes than it asked for', async () => {
    const { target } = targetOn([IDLE, ...pointTo(FLASH), 'UPLOAD 2 4 -> 0102', IDLE]);
    expect(await failing(readAll(target, FLASH, FLASH + 4))).toMatchObject({
      code: 'read/short',
      facts: { address: FLASH, expected: 4, found: 2 },
    });
  });

  it('begins once more where a ROM that held its polls so far was still busy at the ABORT', async () => {
    const fromReading = [ABORT, IDLE];
    const readOnce = [...pointTo(FLASH), 'UPLOAD 2 4 -> 01020304', ...fromReading];
    const tooSoon = [`DNLOAD 0 21${addressHex(FLASH)} -> ok`, BUSY, BUSY, 'ABORT -> STALL', 'UPLOAD 2 4 -> STALL'];
    // The poll that finds the Set Address done, and the one that asks why the UPLOAD was refused.
    const { target, left } = targetOn(
      [IDLE, ...readOnce, ...readOnce, ...readOnce, ...tooSoon, DONE, DONE, ...FROM_WRITING, ...readOnce],
      { pace: 'overlapping' },
    );
    for (let n = 0; n < 4; n++) expect(await readAll(target, FLASH, FLASH + 4)).toEqual([1, 2, 3, 4]);
    expect(left).toEqual([]);
  });
});

describe('the alternate settings of a DFU device', () => {
  it('are selected only when another memory is meant', async () => {
    const write = [...setAddress(FLASH), ...operation('DNLOAD 2 01020304')];
    const { target, selected, left } = targetOn([
      IDLE,
      ...write,
      ...write,
      ...FROM_WRITING,
      ...setAddress(OPTIONS),
      ...operation('DNLOAD 2 01020304'),
      ...FROM_WRITING,
      ...write,
    ]);
    for (const address of [FLASH, FLASH, OPTIONS, FLASH]) await target.write(address, Uint8Array.of(1, 2, 3, 4));
    expect(selected).toEqual([0, 1, 0]);
    expect(left).toEqual([]);
  });

  it('are selected for each sector that is erased', async () => {
    const names = ['@Internal Flash  /0x08000000/02*001Kg', '@External Flash  /0x90000000/02*001Kg'];
    const script = [
      IDLE,
      ...erase(0x0800_0000),
      ...erase(0x0800_0400),
      ...FROM_WRITING,
      ...erase(0x9000_0000),
      ...erase(0x9000_0400),
    ];
    const { target, selected, left } = targetOn(script, { names });
    await target.erase(target.geometry.flatMap(({ sectors }) => sectors));
    expect(selected).toEqual([0, 1]);
    expect(left).toEqual([]);
  });
});

/** Blocks are asked for ahead: the two behind the one that is refused are refused too. */
const refusedReads = (status: string): string[] => [
  ...pointTo(FLASH),
  ...Array.from({ length: 3 }, (_, i) => `UPLOAD ${i + 2} 4 -> STALL`),
  ...Array.from({ length: 4 }, () => `GETSTATUS -> ${status}0000000a00`),
  'CLRSTATUS -> ok',
  IDLE,
];
/** One is awaited, two are asked for ahead, and one more behind the first. */
const FOUR_UPLOADS = Array.from({ length: 3 }, (_, i) => `UPLOAD ${i + 2} 4 -> 01020304`);

describe('a refusal through DFU', () => {
  const refused = [`DNLOAD 0 41${addressHex(FLASH)} -> ok`, BUSY, 'GETSTATUS -> 0b0000000a00'];
  const toRest = ['GETSTATUS -> 0b0000000a00', 'CLRSTATUS -> ok', IDLE];

  async function eraseOn(loader: LoaderKind, script: readonly string[]): Promise<unknown> {
    const { target } = targetOn([IDLE, ...script], { loader });
    const [sector] = target.geometry[0]?.sectors ?? [];
    if (!sector) throw new Error('no sector');
    return await failing(target.erase([sector]));
  }

  it('with errVENDOR from a ROM is read protection (AN3156 §5)', async () => {
    const closed = refusedReads('0b');
    expect(await eraseOn('st-rom', [...refused, ...toRest, ...closed])).toMatchObject({
      code: 'device/read-protected',
      facts: { operation: 'erase', address: FLASH },
      cause: { code: 'dfu/status' },
    });
  });

  it('with errVENDOR from a ROM that lets its flash be read is no read protection', async () => {
    const read = [...pointTo(FLASH), ...FOUR_UPLOADS, ...FROM_READING];
    const error = await eraseOn('st-rom', [...refused, ...toRest, ...read]);
    expect(error).toMatchObject({ code: 'dfu/status', facts: { status: 'errVENDOR' } });
  });

  it('with errVENDOR from another loader is reported as it is', async () => {
    const tried = [...setAddress(FLASH), 'DNLOAD 2 ffffffff -> ok', ABORT, IDLE];
    const error = await eraseOn('custom', [...tried, ...refused]);
    expect(error).toMatchObject({ code: 'dfu/status', facts: { status: 'errVENDOR' } });
  });
});

describe('a mass erase through DFU', () => {
  it('works on a device that starts in dfuERROR, as F4 ROMs do', async () => {
    const script = ['GETSTATUS -> 0a0000000a00', 'CLRSTATUS -> ok', IDLE, ...operation('DNLOAD 0 41'), ...FROM_WRITING];
    const { target, left } = targetOn(script);
    await target.eraseAll();
    expect(left).toEqual([]);
  });
});

describe('the settling of a DFU target', () => {
  it('never throws, since the failure before it is the one that counts', async () => {
    const { target } = targetOn(['GETSTATUS -> GONE']);
    await expect(target.settle()).resolves.toBeUndefined();
  });
});
