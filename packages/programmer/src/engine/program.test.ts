import { MemoryImage } from '@sureflash/image';
import { describe, expect, it } from 'vitest';
import { aboutTest, deviceWith, MemoryTarget, regionOf } from '../../testing/memory-target.ts';
import { FlashError } from '../errors.ts';
import type { Region } from '../target/geometry.ts';
import { readMemoryBytes } from './memory/read-memory.ts';
import { type JobOptions, prepare, refusal } from './prepare.ts';
import { carryOut, program, type Report } from './program.ts';
import type { OnProgress } from './run/progress.ts';

const START = 0x0800_0000;
const IMAGE = new MemoryImage([{ address: START, bytes: Uint8Array.from({ length: 3000 }, (_, i) => (i * 7) & 0xfe) }]);

function flash(others: readonly Region[] = []): MemoryTarget {
  const region = regionOf({ start: START, sizes: Array.from({ length: 8 }, () => 1024) });
  return new MemoryTarget([region, ...others], 256);
}

/** Whatever address is read, the same bytes come. */
function stub(bytes: Uint8Array, others: readonly Region[] = []): MemoryTarget {
  const target = flash(others);
  target.deaf = true;
  target.read = async function* ({ start, end }) {
    for (let at = start; at < end; at += 256) yield { address: at, bytes: bytes.slice(0, Math.min(256, end - at)) };
  };
  return target;
}

const RUNNING = Uint8Array.from({ length: 256 }, (_, i) => (i * i * 37 + (i >> 1) * 11) & 0xff);
const run = async (target: MemoryTarget, image = IMAGE, options: JobOptions = {}): Promise<Report> =>
  await program(deviceWith(target), image, options);

describe('a whole job', () => {
  it('programs, proves, and has nothing to do the second time', async () => {
    const target = flash();
    const first = await run(target);
    expect(first).toMatchObject({ outcome: 'programmed', verifiedBytes: 3000 });
    const second = await run(target);
    expect(second).toMatchObject({ outcome: 'unchanged', verifiedBytes: 3000, bytesWritten: 0, sectorsErased: 0 });
  });

  it('changes nothing while it prepares', async () => {
    const target = flash();
    await prepare(deviceWith(target), IMAGE);
    expect(target.log).toEqual([]);
  });

  it('fails when the device accepts everything and does nothing, and says what that means', async () => {
    const target = flash();
    target.poke(START, new Uint8Array(3000).fill(0x55));
    target.deaf = true;
    await expect(run(target)).rejects.toMatchObject({
      code: 'verify/mismatch',
      facts: { address: START, expected: 0, found: 0x55, compared: 3072 },
      diagnosis: { cause: 'changes-ignored' },
      excerpt: { address: START },
    });
  });

  it.each([1, 2])('fails when each byte is answered from a copy %i times, and from flash after that', async (times) => {
    const target = flash();
    target.about = aboutTest({ blockSize: 256 });
    const copies = new Map<number, { readonly byte: number; left: number }>();
    target.write = async (address, bytes, options) => {
      await Promise.resolve();
      for (const [i, byte] of bytes.entries()) copies.set(address + i, { byte, left: times });
      options?.onBytes?.(bytes.length);
    };
    target.read = async function* ({ start, end }) {
      await Promise.resolve();
      const bytes = target.peek({ start, end }).map((byte, i) => {
        const copy = copies.get(start + i);
        return copy && copy.left-- > 0 ? copy.byte : byte;
      });
      yield { address: start, bytes };
    };
    await expect(run(target)).rejects.toMatchObject({ code: 'verify/mismatch', facts: { found: 0xff } });
  });

  it('says which sector was erased instead of the one that was asked for', async () => {
    const target = flash();
    target.poke(START, new Uint8Array(8 * 1024).fill(0x55));
    const erase = target.erase.bind(target);
    target.erase = async ([sector], options) => {
      const next = target.geometry[0]?.sectors.find(({ start }) => start === sector?.end);
      await erase(next ? [next] : [], options);
    };
    await expect(run(target)).rejects.toMatchObject({
      code: 'verify/erased-otherwise',
      facts: { start: START, end: START + 1024, erasedStart: START + 1024, erasedEnd: START + 2048 },
      diagnosis: { cause: 'erases-another' },
    });
  });

  it('reports the failed proof also when the device leaves right after it', async () => {
    const target = flash();
    target.poke(START, new Uint8Array(3072).fill(0x55));
    target.deaf = true;
    const device = deviceWith(target);
    const preparation = await prepare(device, IMAGE);
    const read = target.read.bind(target);
    let isProven = false;
    target.read = (range, options) => {
      if (isProven) throw new Error('gone');
      return read(range, options);
    };
    const onProgress: OnProgress = (event) => {
      if (event.type === 'phase-end' && event.phase === 'verify') isProven = true;
    };
    await expect(carryOut(device, preparation, { onProgress })).rejects.toMatchObject({ code: 'verify/mismatch' });
  });

  it('throws the reason of an abort at any transfer unchanged, at rest, and completes the next time', async () => {
    const undisturbed = flash();
    await run(undisturbed);
    for (let cut = 0; cut < undisturbed.transfers; cut++) {
      const target = flash();
      const stop = new AbortController();
      const reason = { cut };
      target.beforeTransfer = (index) => {
        if (index === cut) stop.abort(reason);
      };
      await expect(run(target, IMAGE, { signal: stop.signal })).rejects.toBe(reason);
      target.beforeTransfer = () => undefined;
      expect(await run(target)).toMatchObject({ verifiedBytes: 3000 });
      expect(await readMemoryBytes(target, { start: START, end: START + 3000 })).toEqual(IMAGE.segments[0]?.bytes);
    }
  });
});

describe('an image for more than flash', () => {
  const EEPROM = 0x0808_0000;
  const OTP = 0x1fff_7800;
  const OPTIONS = 0x1fff_c000;
  /** Where the image is not. */
  const READ_ONLY = START + 8 * 1024;
  const BYTES = Uint8Array.of(1, 2, 3, 4);
  const BOTH = new MemoryImage([...IMAGE.segments, { address: EEPROM, bytes: BYTES }]);
  const WITH_OTP = new MemoryImage([...IMAGE.segments, { address: OTP, bytes: BYTES }]);

  const chip = (): MemoryTarget => {
    const target = flash([
      regionOf({ start: EEPROM, sizes: [256], kind: 'eeprom', writeSize: 4 }),
      regionOf({ start: OTP, sizes: [256], kind: 'otp', writeSize: 1 }),
      regionOf({ start: OPTIONS, sizes: [16], kind: 'option-bytes' }),
      regionOf({ start: READ_ONLY, sizes: [1024], readOnly: [0] }),
    ]);
    target.about = aboutTest({ kind: 'st-rom' });
    return target;
  };

  it('is written and proven everywhere, and unchanged the second time', async () => {
    const target = chip();
    const first = await run(target, BOTH);
    expect(first).toMatchObject({
      outcome: 'programmed',
      verifiedBytes: 3000,
      byteMemory: { bytesWritten: 4, verifiedBytes: 4 },
    });
    expect(target.peek({ start: EEPROM, end: EEPROM + 4 })).toEqual(BYTES);
    const second = await run(target, BOTH);
    expect(second).toMatchObject({ outcome: 'unchanged', byteMemory: { bytesWritten: 0, verifiedBytes: 4 } });
  });

  it('counts as programmed where EEPROM alone has changed', async () => {
    const target = chip();
    target.poke(START, IMAGE.read({ start: START, end: START + 3000 }));
    expect(await run(target, BOTH)).toMatchObject({ outcome: 'programmed', bytesWritten: 0 });
  });

  it('is refused as a whole for OTP that was not asked for, and for OTP that is spent', async () => {
    const target = chip();
    const device = deviceWith(target);
    await expect(prepare(device, WITH_OTP)).rejects.toMatchObject({ code: 'plan/one-time' });
    target.poke(OTP, Uint8Array.of(0));
    await expect(prepare(device, WITH_OTP, { oneTime: true })).rejects.toMatchObject({ code: 'plan/spent' });
    expect(target.log).toEqual([]);
  });

  it.each([
    ['option bytes', OPTIONS, 'plan/outside'],
    ['flash that is marked as read-only', READ_ONLY, 'plan/read-only'],
  ])('is refused as a whole for bytes in %s', async (_, address, code) => {
    const target = chip();
    const image = new MemoryImage([EEPROM, address].map((each) => ({ address: each, bytes: BYTES })));
    await expect(prepare(deviceWith(target), image)).rejects.toMatchObject({ code });
    expect(target.log).toEqual([]);
  });

  it('leaves OTP blank where the flash does not take its part', async () => {
    const target = chip();
    const device = deviceWith(target);
    target.poke(START, new Uint8Array(3000));
    target.erase = async () => await Promise.reject(new FlashError('usb/gone', {}));
    const preparation = await prepare(device, WITH_OTP, { oneTime: true });
    await expect(carryOut(device, preparation)).rejects.toMatchObject({ code: 'usb/gone' });
    expect(target.peek({ start: OTP, end: OTP + 4 })).toEqual(new Uint8Array(4).fill(0xff));
  });
});

describe('a device that reads the same everywhere', () => {
  it('is written nowhere, though another memory is all that the image is for', async () => {
    const eeprom = regionOf({ start: 0x0808_0000, sizes: [256], kind: 'eeprom', writeSize: 4 });
    const target = stub(RUNNING, [eeprom]);
    const image = new MemoryImage([{ address: eeprom.start, bytes: Uint8Array.of(9, 9, 9, 9) }]);
    const device = deviceWith(target);
    const preparation = await prepare(device, image);
    expect(refusal(preparation)).toMatchObject({ code: 'plan/doubtful' });
    await expect(carryOut(device, preparation)).rejects.toMatchObject({ code: 'plan/doubtful' });
    await expect(carryOut(device, preparation, { force: true })).rejects.toMatchObject({ code: 'plan/doubtful' });
    expect(target.log).toEqual([]);
    const forced = await prepare(device, image, { force: true });
    await expect(carryOut(device, forced, { force: true })).rejects.toMatchObject({ code: 'verify/mismatch' });
    expect(target.log).toEqual(['write 8080000 4']);
  });

  it('is refused before anything is written', async () => {
    const target = stub(RUNNING);
    const preparation = await prepare(deviceWith(target), IMAGE);
    expect(preparation.diagnosis).toMatchObject({ cause: 'stub-media' });
    expect(refusal(preparation)).toMatchObject({ code: 'plan/doubtful', facts: { cause: 'stub-media' } });
    expect(target.log).toEqual([]);
  });

  it('is not called programmed by whoever carries on without asking: its plan is empty, not done', async () => {
    const device = deviceWith(stub(RUNNING));
    const preparation = await prepare(device, IMAGE);
    await expect(carryOut(device, preparation)).rejects.toMatchObject({ code: 'plan/doubtful' });
    await expect(carryOut(device, preparation, { force: true })).rejects.toMatchObject({ code: 'plan/doubtful' });
  });

  it('is written to when forced, every sector, and fails the proof', async () => {
    const target = stub(RUNNING);
    const device = deviceWith(target);
    const preparation = await prepare(device, IMAGE, { force: true });
    expect(preparation.plan.sectors.map(({ action }) => action)).toEqual(['replace', 'replace', 'replace']);
    const failed = await carryOut(device, preparation, { force: true }).catch((error: unknown) => error);
    expect(failed).toMatchObject({ code: 'verify/mismatch', diagnosis: { cause: 'stub-media' } });
    expect(target.log.filter((line) => line.startsWith('erase'))).toHaveLength(3);
  });
});
