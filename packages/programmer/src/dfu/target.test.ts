import { describe, expect, it } from 'vitest';
import { QuickClock } from '../../testing/clocks.ts';
import { alternate, MemoryLoader } from '../../testing/memory-loader.ts';
import { connectDfu } from './connect.ts';
import type { LoaderKind } from './identify/identify.ts';
import { regionsOf } from './memory/geometry.ts';
import type { Pace } from './protocol/handling.ts';
import { DfuSession } from './protocol/session.ts';
import { DfuTarget } from './target.ts';

const FLASH = 0x0800_0000;
const OPTIONS = 0x0801_0000;

function targetOn(transferSize: number, loader: LoaderKind = 'st-rom', size = 0x1_0000, pace: Pace = 'queued') {
  const port = new MemoryLoader(FLASH, size + 64, [
    alternate(`@Internal Flash  /0x08000000/${size / 1024}*1Kg`, 0),
    alternate('@Option Bytes  /0x08010000/1*016 g', 1),
  ]);
  const clock = new QuickClock();
  const session = new DfuSession(port, {
    clock,
    quirks: { stallsEarlyPoll: false, staysBusyAfterErase: false },
    pace,
  });
  const identification = { loader, title: 'test', chips: [], certain: false, because: 'test' };
  const regions = regionsOf(port.alternates, []);
  return { port, target: new DfuTarget({ port, session, clock, identification, regions, transferSize }) };
}

const pattern = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => (i * 31 + (i >> 8)) & 0xff);

async function readAll(target: DfuTarget, start: number, end: number): Promise<number[]> {
  const bytes: number[] = [];
  for await (const chunk of target.read({ start, end })) {
    expect(chunk.address).toBe(start + bytes.length);
    bytes.push(...chunk.bytes);
  }
  return bytes;
}

const failing = async (work: Promise<unknown>): Promise<unknown> =>
  await work.then(
    () => 'no error',
    (error: unknown) => error,
  );

describe('writing', () => {
  it.each([
    [2048, ['DNLOAD 2 2048', 'DNLOAD 3 2048', 'DNLOAD 4 2048']],
    [1024, ['DNLOAD 2 1024', 'DNLOAD 3 1024', 'DNLOAD 4 1024', 'DNLOAD 5 1024', 'DNLOAD 6 1024', 'DNLOAD 7 1024']],
  ])('sends blocks of %i bytes behind one Set Address', async (size, blocks) => {
    const { port, target } = targetOn(size);
    await target.write(FLASH + 0x800, pattern(6144));
    expect(port.log).toEqual(['alternate 0', 'DNLOAD 0 21 8000800', ...blocks]);
    expect(port.memory.subarray(0x800, 0x2000)).toEqual(pattern(6144));
  });

  it('gives a shorter tail an address of its own, since loaders count in the size of the block', async () => {
    const { port, target } = targetOn(1024);
    const done: number[] = [];
    await target.write(FLASH, pattern(2080), { onBytes: (bytes) => done.push(bytes) });
    expect(port.log).toEqual([
      'alternate 0',
      'DNLOAD 0 21 8000000',
      'DNLOAD 2 1024',
      'DNLOAD 3 1024',
      'DNLOAD 0 21 8000800',
      'DNLOAD 2 32',
    ]);
    expect(done).toEqual([1024, 2048, 2080]);
    expect(port.memory.subarray(0, 2080)).toEqual(pattern(2080));
    expect(port.memory[2080]).toBe(0xff);
  });

  it('starts anew before the 16 bits of the block number run over', async () => {
    const size = 256 * 1024;
    const { port, target } = targetOn(2, 'custom', size);
    await target.write(FLASH, pattern(size));
    expect(port.log.filter((line) => line.startsWith('DNLOAD 0 21'))).toEqual([
      'DNLOAD 0 21 8000000',
      'DNLOAD 0 21 801fffc',
      'DNLOAD 0 21 803fff8',
    ]);
    expect(port.log).toContain('DNLOAD 65535 2');
    expect(port.memory.subarray(0, size)).toEqual(pattern(size));
  });

  it('is stopped between two blocks by the reason of the signal, unchanged', async () => {
    const { port, target } = targetOn(1024);
    const stop = new AbortController();
    const reason = { why: 'enough' };
    const onBytes = (done: number): void => {
      if (done === 2048) stop.abort(reason);
    };
    expect(await failing(target.write(FLASH, pattern(4096), { signal: stop.signal, onBytes }))).toBe(reason);
    expect(port.log.at(-1)).toBe('DNLOAD 3 1024');
    await target.settle();
    expect(port.state).toBe(2);
  });

  it('sends nothing when it is stopped before it begins', async () => {
    const { port, target } = targetOn(1024);
    expect(await failing(target.write(FLASH, pattern(8), { signal: AbortSignal.abort('no') }))).toBe('no');
    expect(port.log).toEqual([]);
  });

  it('refuses what is not memory of the device, and what begins in one region and ends past it', async () => {
    const { port, target } = targetOn(1024);
    for (const address of [FLASH - 4, OPTIONS + 12, 0xffff_fffc]) {
      expect(await failing(target.write(address, pattern(8)))).toMatchObject({ code: 'plan/outside' });
    }
    expect(port.log).toEqual([]);
  });
});

describe('reading', () => {
  it.each([2048, 1024])(
    'gives what the memory holds in blocks of %i bytes, from any address to any other',
    async (size) => {
      const { port, target } = targetOn(size);
      port.memory.set(pattern(0x1_0000));
      for (const [from, to] of [
        [0, 0x1_0000],
        [0, 1],
        [1, 2],
        [0xffff, 0x1_0000],
        [3, 4100],
        [0x7ff, 0x801],
        [5, 5 + 2049],
      ] as const) {
        expect(await readAll(target, FLASH + from, FLASH + to)).toEqual([...pattern(0x1_0000).subarray(from, to)]);
        expect(port.state).toBe(2);
      }
    },
  );

  it('never asks for a single byte: a ROM reads 2 at least (AN3156 §5.1)', async () => {
    const { port, target } = targetOn(1024);
    port.memory.set(pattern(4096));
    expect(await readAll(target, FLASH, FLASH + 1025)).toEqual([...pattern(4096).subarray(0, 1025)]);
    expect(port.log.filter((line) => line.startsWith('UPLOAD'))).toEqual(['UPLOAD 2 1024', 'UPLOAD 2 2']);
  });

  it('leaves dfuDNLOAD-IDLE before it uploads, and leaves the device at rest', async () => {
    const { port, target } = targetOn(1024);
    await readAll(target, FLASH, FLASH + 2048);
    expect(port.log).toEqual([
      'alternate 0',
      'DNLOAD 0 21 8000000',
      'ABORT',
      'UPLOAD 2 1024',
      'UPLOAD 3 1024',
      'ABORT',
    ]);
  });

  it('ends cleanly when the loop is left early', async () => {
    const { port, target } = targetOn(1024);
    for await (const chunk of target.read({ start: FLASH, end: FLASH + 8192 })) {
      expect(chunk.bytes).toHaveLength(1024);
      break;
    }
    // The block that is looked at, and those that were asked for meanwhile.
    expect(port.log.filter((line) => line.startsWith('UPLOAD'))).toHaveLength(3);
    expect(port.state).toBe(2);
  });

  it('is stopped between two blocks and leaves the device at rest', async () => {
    const { port, target } = targetOn(1024);
    const stop = new AbortController();
    const reading = async (): Promise<void> => {
      for await (const _ of target.read({ start: FLASH, end: FLASH + 8192 }, { signal: stop.signal }))
        stop.abort('stop');
    };
    expect(await failing(reading())).toBe('stop');
    expect(port.state).toBe(2);
  });

  it('leaves the device at rest when it is stopped before it begins', async () => {
    const { port, target } = targetOn(1024);
    await target.write(FLASH, pattern(4));
    const reading = target.read({ start: FLASH, end: FLASH + 4 }, { signal: AbortSignal.abort('stop') });
    expect(await failing(reading.next())).toBe('stop');
    expect(port.state).toBe(2);
  });

  it('does not take fewer bytes than it asked for', async () => {
    const { port, target } = targetOn(1024);
    const whole = port.controlIn.bind(port);
    port.controlIn = async (setup, length) => (await whole(setup, length)).subarray(0, 512);
    expect(await failing(readAll(target, FLASH, FLASH + 1024))).toMatchObject({
      code: 'dfu/short-read',
      facts: { address: FLASH, expected: 1024, found: 512 },
    });
  });
});

describe('alternates', () => {
  it('are selected only when another memory is meant', async () => {
    const { port, target } = targetOn(1024);
    await target.write(FLASH, pattern(4));
    await target.write(FLASH + 8, pattern(4));
    await readAll(target, OPTIONS, OPTIONS + 16);
    await readAll(target, OPTIONS, OPTIONS + 16);
    await target.write(FLASH, pattern(4));
    expect(port.log.filter((line) => line.startsWith('alternate'))).toEqual([
      'alternate 0',
      'alternate 1',
      'alternate 0',
    ]);
  });
});

describe('erasing', () => {
  it('reaches each sector through the alternate setting of its own memory', async () => {
    const names = ['@Internal Flash  /0x08000000/02*001Kg', '@External Flash  /0x90000000/02*001Kg'];
    const port = new MemoryLoader(
      FLASH,
      0x1000,
      names.map((name, i) => alternate(name, i)),
    );
    const target = connectDfu(port, { clock: new QuickClock() });
    await target.erase(target.geometry.flatMap(({ sectors }) => sectors)).catch(() => undefined);
    expect(port.log.filter((line) => /alternate|DNLOAD 0 41/.test(line))).toEqual([
      'alternate 0',
      'DNLOAD 0 41 8000000',
      'DNLOAD 0 41 8000400',
      'alternate 1',
      'DNLOAD 0 41 90000000',
      'DNLOAD 0 41 90000400',
    ]);
  });
});

describe('refusals', () => {
  it('errVENDOR of a ROM is read protection (AN3156 §5)', async () => {
    const { port, target } = targetOn(1024, 'st-rom');
    const [sector] = target.geometry[0]?.sectors ?? [];
    if (!sector) throw new Error('no sector');
    port.refusal = 11;
    expect(await failing(target.erase([sector]))).toMatchObject({
      code: 'device/read-protected',
      facts: { operation: 'erase', address: FLASH },
      cause: { code: 'dfu/status' },
    });
  });

  it('errVENDOR of anybody else is what the device says', async () => {
    const { port, target } = targetOn(1024, 'custom');
    port.refusal = 11;
    expect(await failing(target.write(FLASH, pattern(4)))).toMatchObject({
      code: 'dfu/status',
      facts: { status: 'errVENDOR' },
    });
  });
});

describe('a mass erase', () => {
  it('works on a device that starts in dfuERROR, as F4 ROMs do', async () => {
    const { port, target } = targetOn(2048);
    port.state = 10;
    port.status = 10;
    port.memory.fill(0);
    await target.eraseAll();
    expect(port.log).toEqual(['alternate 0', 'CLRSTATUS', 'DNLOAD 0 1', 'ABORT']);
    expect(port.memory.every((byte) => byte === 0xff)).toBe(true);
  });
});

describe('settle', () => {
  it('never throws, since what failed before is what counts', async () => {
    const { port, target } = targetOn(1024);
    port.controlIn = async () => await Promise.reject(new Error('dead'));
    await expect(target.settle()).resolves.toBeUndefined();
  });
});

describe('reading from a ROM that holds its polls, as it seems', () => {
  it('begins once more where the ROM was still busy when the first block was asked for', async () => {
    const { port, target } = targetOn(1024, 'st-rom', 0x1_0000, 'overlapping');
    port.memory.set(pattern(8192));
    for (const start of [0, 1024, 2048]) await readAll(target, FLASH + start, FLASH + start + 1024);
    port.slowPolls = 1;
    expect(await readAll(target, FLASH + 3072, FLASH + 8192)).toEqual([...pattern(8192).subarray(3072)]);
  });
});
