import { describe, expect, it } from 'vitest';
import { QuickClock } from '../../../testing/clocks.ts';
import { scriptedPort } from '../../../testing/scripted-port.ts';
import type { UsbPort } from '../../ports/usb.ts';
import type { Pace, QuirkFlags } from './handling.ts';
import { DfuSession } from './session.ts';

const BUSY = 'GETSTATUS -> 000000000400';
const DONE = 'GETSTATUS -> 000000000500';
const IDLE = 'GETSTATUS -> 000000000200';
const ERASE = 'DNLOAD 0 4100000008 -> ok';
const FLASH = 0x0800_0000;
const ERASE_TIMES = { limitMs: 10_000, typicalMs: 1_000 };

interface Setting {
  readonly quirks?: Partial<QuirkFlags>;
  readonly pace?: Pace;
}

/** A session on a device that follows `script`, and whether it got through all of it. */
function sessionOn(script: readonly string[], { quirks = {}, pace = 'queued' }: Setting = {}) {
  const clock = new QuickClock();
  const port = scriptedPort(script, clock);
  const flags = { stallsEarlyPoll: false, staysBusyAfterErase: false, ...quirks };
  const session = new DfuSession(port, { clock, quirks: flags, pace });
  return { session, clock, left: port.left };
}

const failing = async (work: Promise<unknown>): Promise<unknown> =>
  await work.then(
    () => 'no error',
    (error: unknown) => error,
  );

describe('requests that are queued', () => {
  it('get the time of those in front of them, and their own', async () => {
    const limits: number[] = [];
    const { port, end } = standingPort((timeoutMs) => limits.push(timeoutMs));
    const session = new DfuSession(port, { clock: new QuickClock(), quirks: {}, pace: 'overlapping' });
    const both = [session.erase(FLASH, ERASE_TIMES), session.erase(FLASH + 0x800, ERASE_TIMES)];
    expect(limits).toEqual([5_000, 15_000, 25_000, 30_000, 40_000, 50_000]);
    end();
    await Promise.allSettled(both);
  });

  it('count as held only where the operation ended well, at its second poll', async () => {
    const held = async (script: readonly string[], pace: Pace = 'overlapping'): Promise<boolean> => {
      const clock = new QuickClock();
      const port = scriptedPort(script, clock);
      const session = new DfuSession(port, { clock, quirks: {}, pace });
      for (let n = 0; n < 3; n++) await session.erase(FLASH, ERASE_TIMES).catch(() => undefined);
      return session.pipeline.mayFollow('erase');
    };
    const three = (...lines: string[]): string[] => [...lines, ...lines, ...lines];
    expect(await held(three(ERASE, BUSY, DONE))).toBe(true);
    expect(await held(three(ERASE, BUSY, DONE), 'queued')).toBe(false);
    expect(await held(three(ERASE, BUSY, BUSY, DONE))).toBe(false);
    expect(await held(three(ERASE, BUSY, 'GETSTATUS -> 040000000a00'))).toBe(false);
    expect(await held([ERASE, BUSY, DONE, ERASE, BUSY, DONE, ERASE, BUSY, BUSY, DONE])).toBe(false);
  });
});

/** A port on which nothing ends until it is told to; then everything fails. */
function standingPort(onTransfer: (timeoutMs: number) => void): { port: UsbPort; end: () => void } {
  const waiting: ((reason: unknown) => void)[] = [];
  const transfer = async ({ timeoutMs }: { timeoutMs: number }): Promise<never> => {
    onTransfer(timeoutMs);
    return await new Promise<never>((_, reject) => waiting.push(reject));
  };
  const port: UsbPort = {
    ...scriptedPort([]),
    controlIn: async (_, __, options) => await transfer(options),
    controlOut: async (_, __, options) => await transfer(options),
  };
  return {
    port,
    end: () => {
      for (const reject of waiting) reject(new Error('over'));
    },
  };
}

describe('an operation of a DfuSe session', () => {
  it('is a DNLOAD, the GETSTATUS that starts it and the one that tells how it went', async () => {
    const { session, left } = sessionOn(['DNLOAD 0 2100400008 -> ok', BUSY, DONE]);
    await session.setAddress(0x0800_4000);
    expect(left).toEqual([]);
  });

  it('sends addresses with their lowest byte first, and none for a mass erase', async () => {
    const { session, left } = sessionOn(['DNLOAD 0 41ffffffff -> ok', BUSY, DONE, 'DNLOAD 0 41 -> ok', BUSY, DONE]);
    await session.erase(0xffff_ffff, ERASE_TIMES);
    await session.massErase(35_000);
    expect(left).toEqual([]);
  });

  it('polls at once and lets the device hold the poll', async () => {
    const { session, clock } = sessionOn([ERASE, 'GETSTATUS -> 00f401000400', 'GETSTATUS -> 800 ms 000000000500']);
    expect(await session.erase(FLASH, ERASE_TIMES)).toBe('done');
    expect(clock.sleeps).toEqual([]);
    expect(clock.now()).toBe(800);
  });

  it('waits the advertised 500 ms before the second poll when it is polite', async () => {
    const { session, clock } = sessionOn([ERASE, 'GETSTATUS -> 00f401000400', DONE], { pace: 'polite' });
    await session.erase(FLASH, ERASE_TIMES);
    expect(clock.sleeps).toEqual([500]);
  });

  it('waits the advertised time between polls where a device does not hold them', async () => {
    const busy = 'GETSTATUS -> 006400000400';
    const { session, clock } = sessionOn([ERASE, busy, busy, busy, DONE]);
    await session.erase(FLASH, ERASE_TIMES);
    expect(clock.sleeps).toEqual([100, 100]);
  });

  it('asks again after a stalled early poll, with longer and longer pauses, where the device is known for it', async () => {
    const script = [ERASE, 'GETSTATUS -> 000a00000400', 'GETSTATUS -> STALL', 'GETSTATUS -> STALL', DONE];
    const { session, clock } = sessionOn(script, { quirks: { stallsEarlyPoll: true } });
    expect(await session.erase(FLASH, ERASE_TIMES)).toBe('done');
    expect(clock.sleeps).toEqual([10, 20]);
  });

  it('fails at a stalled early poll of any other device', async () => {
    const { session } = sessionOn([ERASE, BUSY, 'GETSTATUS -> STALL']);
    expect(await failing(session.erase(FLASH, ERASE_TIMES))).toMatchObject({ code: 'usb/stall' });
  });

  it('does not ask a device that only stalls for longer than the operation may take', async () => {
    const script = [ERASE, BUSY, 'GETSTATUS -> STALL xN'];
    const { session, clock } = sessionOn(script, { quirks: { stallsEarlyPoll: true } });
    expect(await failing(session.erase(FLASH, ERASE_TIMES))).toMatchObject({ code: 'usb/stall' });
    expect(clock.now()).toBe(10_000);
  });

  it.each([
    ['nothing', '000000000400'],
    ['100 ms', '006400000400'],
    ['4.6 hours', '00ffffff0400'],
  ])(
    'is stuck after its limit when a device that advertises %s stays busy, and the device is freed',
    async (_, busy) => {
      const polls = Array.from({ length: 20_000 }, () => `GETSTATUS -> ${busy}`);
      const { session, clock, left } = sessionOn([ERASE, ...polls]);
      const script = left.slice();
      const failed = failing(session.erase(FLASH, ERASE_TIMES));
      // The script has no CLRSTATUS: that it is asked for shows the moment of giving up.
      expect(String(await failed)).toContain('the code asked "CLRSTATUS"');
      expect(script.length).toBeGreaterThan(left.length);
      expect(clock.now()).toBeLessThanOrEqual(10_100);
      expect(clock.now()).toBeGreaterThanOrEqual(10_000);
    },
  );

  it('frees a stuck device with CLRSTATUS twice: the first makes dfuERROR, the second dfuIDLE', async () => {
    const hour = 'GETSTATUS -> 00ffffff0400';
    const { session, left } = sessionOn([
      ERASE,
      // Its own time is not believed, and the pauses between the polls double.
      ...Array.from({ length: 9 }, () => hour),
      'CLRSTATUS -> ok',
      'GETSTATUS -> 0e0000000a00',
      'CLRSTATUS -> ok',
    ]);
    const error = await failing(session.erase(FLASH, ERASE_TIMES));
    expect(error).toMatchObject({ code: 'dfu/stuck', facts: { operation: 'erase', afterMs: 10_000, address: FLASH } });
    expect(left).toEqual([]);
  });

  it('frees a device that is known to stay busy after an erase as soon as the erase usually ends, and says so', async () => {
    const busy = 'GETSTATUS -> 00f401000400';
    const script = [ERASE, busy, busy, busy, busy, 'CLRSTATUS -> ok', 'GETSTATUS -> 0e0000000a00', 'CLRSTATUS -> ok'];
    const { session, clock, left } = sessionOn(script, { quirks: { staysBusyAfterErase: true } });
    expect(await session.erase(FLASH, ERASE_TIMES)).toBe('freed');
    expect(clock.now()).toBe(1_000);
    expect(left).toEqual([]);
  });

  it('reports dfuERROR with its status and the address', async () => {
    const { session } = sessionOn([ERASE, BUSY, 'GETSTATUS -> 010000000a00']);
    expect(await failing(session.erase(FLASH, ERASE_TIMES))).toMatchObject({
      code: 'dfu/status',
      facts: { operation: 'erase', status: 'errTARGET', state: 'dfuERROR', address: FLASH },
    });
  });

  it('keeps the number of a status that nobody knows', async () => {
    const { session } = sessionOn([ERASE, BUSY, 'GETSTATUS -> c80000000a00']);
    expect(await failing(session.erase(FLASH, ERASE_TIMES))).toMatchObject({ facts: { status: 'unknown (200)' } });
  });

  it('calls an answer that no specification allows by its name', async () => {
    const { session } = sessionOn([ERASE, BUSY, 'GETSTATUS -> 000000000900']);
    expect(await failing(session.erase(FLASH, ERASE_TIMES))).toMatchObject({
      code: 'dfu/protocol',
      facts: { expected: 'dfuDNLOAD-IDLE', found: 'dfuUPLOAD-IDLE' },
    });
  });
});

describe('toIdle', () => {
  it.each([
    ['dfuIDLE without a request', [IDLE]],
    ['dfuDNLOAD-IDLE with ABORT', [DONE, 'ABORT -> ok', IDLE]],
    ['dfuUPLOAD-IDLE with ABORT', ['GETSTATUS -> 000000000900', 'ABORT -> ok', IDLE]],
    ['dfuDNLOAD-SYNC with ABORT', ['GETSTATUS -> 000000000300', 'ABORT -> ok', IDLE]],
    ['dfuMANIFEST-SYNC with ABORT', ['GETSTATUS -> 000000000600', 'ABORT -> ok', IDLE]],
    ['the dfuERROR in which F4 ROMs start with CLRSTATUS', ['GETSTATUS -> 0a0000000a00', 'CLRSTATUS -> ok', IDLE]],
    ['dfuDNBUSY by waiting', [BUSY, DONE, 'ABORT -> ok', IDLE]],
    [
      'state 15, into which an UPLOAD bug brings ST its class, with CLRSTATUS twice',
      ['GETSTATUS -> 000000000f00', 'CLRSTATUS -> ok', 'GETSTATUS -> 0e0000000a00', 'CLRSTATUS -> ok', IDLE],
    ],
    [
      'an endless dfuDNBUSY with CLRSTATUS twice',
      [BUSY, BUSY, BUSY, BUSY, 'CLRSTATUS -> ok', 'GETSTATUS -> 0e0000000a00', 'CLRSTATUS -> ok', IDLE],
    ],
  ])('comes from %s', async (_, script) => {
    const { session, left } = sessionOn(script);
    await session.toIdle();
    expect(left).toEqual([]);
  });

  it('does not ask a device again that the last answer has left in dfuIDLE', async () => {
    const { session, left } = sessionOn([
      IDLE,
      'UPLOAD 2 4 -> d3104bde',
      'GETSTATUS -> 000000000900',
      'ABORT -> ok',
      IDLE,
    ]);
    await session.toIdle();
    await session.toIdle();
    await session.readBlock(2, 4, { address: FLASH, checked: false });
    await session.toIdle();
    expect(left).toEqual([]);
  });

  it('asks again what the device told a second ago', async () => {
    const { session, clock, left } = sessionOn([IDLE, DONE, 'ABORT -> ok', IDLE]);
    await session.toIdle();
    clock.pass(1_000);
    await session.toIdle();
    expect(left).toEqual([]);
  });

  it('takes a refused ABORT behind a whole block for no harm where the device is idle already', async () => {
    const { session, left } = sessionOn(['UPLOAD 2 4 -> d3104bde', 'ABORT -> STALL', IDLE], { pace: 'overlapping' });
    await session.readBlock(2, 4, { address: FLASH, checked: false });
    await session.toIdle();
    expect(left).toEqual([]);
  });

  it('asks again in another alternate setting', async () => {
    const { session, left } = sessionOn([IDLE, DONE, 'ABORT -> ok', IDLE]);
    await session.toIdle();
    await session.selectAlternate(1);
    await session.toIdle();
    expect(left).toEqual([]);
  });

  it('ends the reading of a ROM without asking for its state first, unless a block came short', async () => {
    const whole = sessionOn(['UPLOAD 2 4 -> d3104bde', 'ABORT -> ok', IDLE], { pace: 'overlapping' });
    await whole.session.readBlock(2, 4, { address: FLASH, checked: false });
    await whole.session.toIdle();
    expect(whole.left).toEqual([]);
    const short = sessionOn(['UPLOAD 2 4 -> d310', IDLE], { pace: 'overlapping' });
    await short.session.readBlock(2, 4, { address: FLASH, checked: false });
    await short.session.toIdle();
    expect(short.left).toEqual([]);
  });

  it('gives up on a device that has no way back, without waiting for hours', async () => {
    const { session, clock } = sessionOn(
      Array.from({ length: 30 }, (_, i) => (i % 2 ? 'CLRSTATUS -> ok' : 'GETSTATUS -> 000000000f00')),
    );
    expect(await failing(session.toIdle())).toMatchObject({ code: 'dfu/protocol', facts: { found: 'unknown (15)' } });
    expect(clock.now()).toBe(0);
    const busy = sessionOn(['GETSTATUS -> 00ffffff0400', 'GETSTATUS -> GONE']);
    expect(await failing(busy.session.toIdle())).toMatchObject({ code: 'usb/gone' });
    expect(busy.clock.now()).toBe(5_000);
  });
});

describe('pointTo', () => {
  const POINT = ['DNLOAD 0 2100000008 -> ok', BUSY, DONE, 'ABORT -> ok'];

  it('waits for the device where it is not known to hold its polls', async () => {
    const { session, left } = sessionOn(POINT);
    const { ready } = await session.pointTo(FLASH);
    expect(left).toEqual([]);
    await ready;
  });

  it('sends the ABORT without waiting to a ROM that was seen to hold its polls, before its handling changed, too', async () => {
    const clock = new QuickClock();
    const port = scriptedPort([...POINT, ...POINT, ...POINT, ...POINT, 'UPLOAD 2 4 -> d3104bde'], clock);
    const session = new DfuSession(port, { clock, quirks: {}, pace: 'overlapping' });
    for (let n = 0; n < 3; n++) await (await session.pointTo(FLASH)).ready;
    session.adopt({ quirks: { stallsEarlyPoll: true }, pace: 'overlapping' });
    const pointing = session.pointTo(FLASH);
    expect(port.left).toEqual(['UPLOAD 2 4 -> d3104bde']);
    const reading = session.readBlock(2, 4, { address: FLASH, checked: false });
    await (await pointing).ready;
    expect(await reading).toHaveLength(4);
  });

  it('fails as the Set Address does, not as the ABORT that the device refuses behind it', async () => {
    const refused = ['DNLOAD 0 2100000008 -> ok', BUSY, 'GETSTATUS -> 080000000a00', 'ABORT -> STALL'];
    const { session, left } = sessionOn([...POINT, ...POINT, ...POINT, ...refused], { pace: 'overlapping' });
    for (let n = 0; n < 3; n++) await (await session.pointTo(FLASH)).ready;
    const { ready } = await session.pointTo(FLASH);
    expect(await failing(ready)).toMatchObject({ code: 'dfu/status', facts: { status: 'errADDRESS' } });
    expect(left).toEqual([]);
  });
});

describe('leave', () => {
  const LEAVE = 'DNLOAD 0 -> ok';

  it.each([
    ['answers dfuMANIFEST', [LEAVE, 'GETSTATUS -> 000100000700']],
    ['is gone before it answers', [LEAVE, 'GETSTATUS -> GONE']],
    ['is gone during the request', ['DNLOAD 0 -> GONE']],
    ['stalls in its last moment', [LEAVE, 'GETSTATUS -> STALL', 'GETSTATUS -> GONE']],
    ['falls silent', [LEAVE, 'GETSTATUS -> TIMEOUT', 'GETSTATUS -> TIMEOUT']],
  ])('is a success when the device %s', async (_, script) => {
    const { session, left } = sessionOn(script);
    await session.leave();
    expect(left).toEqual([]);
  });

  it('ends with the bus reset that a device waits for before it starts its program', async () => {
    const clock = new QuickClock();
    const port = scriptedPort([LEAVE, 'GETSTATUS -> 000000000800'], clock);
    let resets = 0;
    const counting = { ...port, reset: async () => void resets++ };
    const quirks = { stallsEarlyPoll: false, staysBusyAfterErase: false };
    await new DfuSession(counting, { clock, quirks, pace: 'queued' }).leave();
    expect([resets, port.left]).toEqual([1, []]);
  });

  it.each([
    ['answers that it is idle', [LEAVE, IDLE], 'dfu/protocol'],
    ['refuses the request and is still there', ['DNLOAD 0 -> STALL', 'GETSTATUS -> 000000000900'], 'usb/stall'],
    ['stalls and is still there', [LEAVE, 'GETSTATUS -> STALL', DONE], 'usb/stall'],
  ])('is an error when the device %s', async (_, script, code) => {
    const { session } = sessionOn(script);
    expect(await failing(session.leave())).toMatchObject({ code });
  });
});

describe('readUnprotect', () => {
  it.each([
    ['leaves', ['GETSTATUS -> GONE']],
    ['stalls before it leaves', [BUSY, 'GETSTATUS -> STALL', 'GETSTATUS -> GONE']],
  ])('is a success when the device %s', async (_, end) => {
    const { session, left } = sessionOn(['DNLOAD 0 92 -> ok', ...end]);
    await session.readUnprotect(60_000);
    expect(left).toEqual([]);
  });

  it("is an error when ST's class stalls the command that it does not have and goes on as if nothing was", async () => {
    const { session } = sessionOn(['DNLOAD 0 92 -> ok', 'GETSTATUS -> STALL', DONE]);
    expect(await failing(session.readUnprotect(60_000))).toMatchObject({ code: 'usb/stall' });
  });
});

describe('the uploads of a DfuSe session', () => {
  it('give the bytes of a block', async () => {
    const { session } = sessionOn(['UPLOAD 2 4 -> d3104bde']);
    expect(await session.readBlock(2, 4, { address: FLASH, checked: false })).toEqual(
      Uint8Array.of(0xd3, 0x10, 0x4b, 0xde),
    );
  });

  it('tell the reason of a refusal where the device has one', async () => {
    const { session } = sessionOn(['UPLOAD 2 4 -> STALL', 'GETSTATUS -> 0b0000000a00']);
    expect(await failing(session.readBlock(2, 4, { address: FLASH, checked: false }))).toMatchObject({
      code: 'dfu/status',
      facts: { operation: 'read', status: 'errVENDOR', address: FLASH },
    });
  });

  it('are told as stalls where the device gives no reason, as in state 15', async () => {
    const { session } = sessionOn(['UPLOAD 2 4 -> STALL', 'GETSTATUS -> 000000000f00']);
    expect(await failing(session.readBlock(2, 4, { address: FLASH, checked: false }))).toMatchObject({
      code: 'usb/stall',
    });
  });

  it('give the list of commands and return to dfuIDLE, also where the device has none', async () => {
    const known = sessionOn(['UPLOAD 0 64 -> 00214192', IDLE]);
    expect(await known.session.readCommands()).toEqual(Uint8Array.of(0x00, 0x21, 0x41, 0x92));
    const none = sessionOn(['UPLOAD 0 64 -> STALL', 'GETSTATUS -> 000000000a00', 'CLRSTATUS -> ok', IDLE]);
    expect(await none.session.readCommands()).toEqual(new Uint8Array(0));
    expect(none.left).toEqual([]);
  });
});
