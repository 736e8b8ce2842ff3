import { MemoryImage } from '@sureflash/image';
import { describe, expect, it } from 'vitest';
import { QuickClock } from '../../testing/clocks.ts';
import { MemoryTarget, regionOf } from '../../testing/memory-target.ts';
import { FlashError } from '../errors.ts';
import type { Region } from '../target/geometry.ts';
import { JobFailed } from './failure.ts';
import { carryOut, prepare, refusal } from './program.ts';
import { readAll } from './read.ts';
import type { Subject } from './subject.ts';

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

const RUNNING = Uint8Array.from({ length: 256 }, (_, i) => i);
const subjectOn = (target: MemoryTarget, isRom = false): Subject => ({
  target,
  image: IMAGE,
  clock: new QuickClock(),
  isRom,
});

describe('a whole job', () => {
  it('programs, proves, and has nothing to do the second time', async () => {
    const subject = subjectOn(flash());
    const first = await carryOut(subject, await prepare(subject));
    expect(first).toMatchObject({ outcome: 'programmed', verifiedBytes: 3000 });
    const second = await carryOut(subject, await prepare(subject));
    expect(second).toMatchObject({ outcome: 'unchanged', verifiedBytes: 3000, bytesWritten: 0, sectorsErased: 0 });
  });

  it('changes nothing while it prepares', async () => {
    const target = flash();
    await prepare(subjectOn(target));
    expect(target.log).toEqual([]);
  });

  it('fails when the device accepts everything and does nothing, and says what that means', async () => {
    const target = flash();
    target.poke(START, new Uint8Array(3000).fill(0x55));
    target.deaf = true;
    const subject = subjectOn(target);
    const failed = await carryOut(subject, await prepare(subject)).catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(JobFailed);
    expect(failed).toMatchObject({
      error: { code: 'verify/mismatch', facts: { address: START, expected: 0, found: 0x55, compared: 3072 } },
      diagnosis: { cause: 'changes-ignored' },
    });
  });

  it('reports the failed proof also when the device leaves right after it', async () => {
    const target = flash();
    target.poke(START, new Uint8Array(3072).fill(0x55));
    target.deaf = true;
    const subject = subjectOn(target);
    const preparation = await prepare(subject);
    const read = target.read.bind(target);
    let reads = 0;
    target.read = (range, options) => {
      // Three samples before, the proof, and then the samples after.
      if (++reads > 4) throw new Error('gone');
      return read(range, options);
    };
    await expect(carryOut(subject, preparation)).rejects.toBeInstanceOf(JobFailed);
  });

  it('throws the reason of an abort at any transfer unchanged, at rest, and completes the next time', async () => {
    const undisturbed = flash();
    const whole = subjectOn(undisturbed);
    await carryOut(whole, await prepare(whole));
    for (let cut = 0; cut < undisturbed.transfers; cut++) {
      const target = flash();
      const stop = new AbortController();
      const reason = { cut };
      target.beforeTransfer = (index) => {
        if (index === cut) stop.abort(reason);
      };
      const subject = subjectOn(target);
      const job = async (signal?: AbortSignal): Promise<unknown> => {
        const options = signal ? { signal } : {};
        return await carryOut(subject, await prepare(subject, options), options);
      };
      await expect(job(stop.signal)).rejects.toBe(reason);
      target.beforeTransfer = () => undefined;
      expect(await job()).toMatchObject({ verifiedBytes: 3000 });
      expect(await readAll(target, { start: START, end: START + 3000 })).toEqual(IMAGE.segments[0]?.bytes);
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

  const chip = (): MemoryTarget =>
    flash([
      regionOf({ start: EEPROM, sizes: [256], kind: 'eeprom', writeSize: 4 }),
      regionOf({ start: OTP, sizes: [256], kind: 'otp', writeSize: 1 }),
      regionOf({ start: OPTIONS, sizes: [16], kind: 'option-bytes' }),
      regionOf({ start: READ_ONLY, sizes: [1024], readOnly: [0] }),
    ]);
  const jobOn = (target: MemoryTarget, image: MemoryImage): Subject => ({ ...subjectOn(target, true), image });

  it('is written and proven everywhere, and unchanged the second time', async () => {
    const target = chip();
    const subject = jobOn(target, BOTH);
    const first = await carryOut(subject, await prepare(subject));
    expect(first).toMatchObject({
      outcome: 'programmed',
      verifiedBytes: 3000,
      unerased: { bytesWritten: 4, verifiedBytes: 4 },
    });
    expect(target.peek({ start: EEPROM, end: EEPROM + 4 })).toEqual(BYTES);
    const second = await carryOut(subject, await prepare(subject));
    expect(second).toMatchObject({ outcome: 'unchanged', unerased: { bytesWritten: 0, verifiedBytes: 4 } });
  });

  it('counts as programmed where EEPROM alone has changed', async () => {
    const target = chip();
    target.poke(START, IMAGE.read({ start: START, end: START + 3000 }));
    const subject = jobOn(target, BOTH);
    expect(await carryOut(subject, await prepare(subject))).toMatchObject({ outcome: 'programmed', bytesWritten: 0 });
  });

  it('is refused as a whole for OTP that was not asked for, and for OTP that is spent', async () => {
    const target = chip();
    const subject = jobOn(target, WITH_OTP);
    await expect(prepare(subject)).rejects.toMatchObject({ code: 'plan/one-time' });
    target.poke(OTP, Uint8Array.of(0));
    await expect(prepare(subject, { oneTime: true })).rejects.toMatchObject({ code: 'plan/spent' });
    expect(target.log).toEqual([]);
  });

  it.each([
    ['option bytes', OPTIONS, 'plan/outside'],
    ['flash that is marked as read-only', READ_ONLY, 'plan/read-only'],
  ])('is refused as a whole for bytes in %s', async (_, address, code) => {
    const target = chip();
    const image = new MemoryImage([EEPROM, address].map((each) => ({ address: each, bytes: BYTES })));
    await expect(prepare(jobOn(target, image))).rejects.toMatchObject({ code });
    expect(target.log).toEqual([]);
  });

  it('leaves OTP blank where the flash does not take its part', async () => {
    const target = chip();
    const subject = jobOn(target, WITH_OTP);
    target.poke(START, new Uint8Array(3000));
    target.erase = async () => await Promise.reject(new FlashError('usb/gone', {}));
    const preparation = await prepare(subject, { oneTime: true });
    await expect(carryOut(subject, preparation)).rejects.toMatchObject({ code: 'usb/gone' });
    expect(target.peek({ start: OTP, end: OTP + 4 })).toEqual(new Uint8Array(4).fill(0xff));
  });
});

describe('a device that reads the same everywhere', () => {
  it('is written nowhere, though another memory is all that the image is for', async () => {
    const eeprom = regionOf({ start: 0x0808_0000, sizes: [256], kind: 'eeprom', writeSize: 4 });
    const target = stub(RUNNING, [eeprom]);
    const image = new MemoryImage([{ address: eeprom.start, bytes: Uint8Array.of(9, 9, 9, 9) }]);
    const subject = { ...subjectOn(target), image };
    const preparation = await prepare(subject);
    expect(refusal(preparation)).toMatchObject({ code: 'plan/doubtful' });
    await expect(carryOut(subject, preparation)).rejects.toMatchObject({ code: 'plan/doubtful' });
    await expect(carryOut(subject, preparation, { force: true })).rejects.toMatchObject({ code: 'plan/doubtful' });
    expect(target.log).toEqual([]);
    const forced = await prepare(subject, { force: true });
    await expect(carryOut(subject, forced, { force: true })).rejects.toBeInstanceOf(JobFailed);
    expect(target.log).toEqual(['write 8080000 4']);
  });

  it('is refused before anything is written', async () => {
    const target = stub(RUNNING);
    const preparation = await prepare(subjectOn(target));
    expect(preparation.diagnosis).toMatchObject({ cause: 'stub-media' });
    expect(refusal(preparation)).toMatchObject({ code: 'plan/doubtful', facts: { cause: 'stub-media' } });
    expect(target.log).toEqual([]);
  });

  it('is not called programmed by whoever carries on without asking: its plan is empty, not done', async () => {
    const subject = subjectOn(stub(RUNNING));
    const preparation = await prepare(subject);
    await expect(carryOut(subject, preparation)).rejects.toMatchObject({ code: 'plan/doubtful' });
    await expect(carryOut(subject, preparation, { force: true })).rejects.toMatchObject({ code: 'plan/doubtful' });
  });

  it('is written to when forced, every sector, and fails the proof', async () => {
    const target = stub(RUNNING);
    const subject = subjectOn(target);
    const preparation = await prepare(subject, { force: true });
    expect(preparation.plan.sectors.map(({ action }) => action)).toEqual(['replace', 'replace', 'replace']);
    const failed = await carryOut(subject, preparation, { force: true }).catch((error: unknown) => error);
    expect(failed).toMatchObject({ error: { code: 'verify/mismatch' }, diagnosis: { cause: 'stub-media' } });
    expect(target.log.filter((line) => line.startsWith('erase'))).toHaveLength(3);
  });
});
