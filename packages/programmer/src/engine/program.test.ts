import { MemoryImage } from '@sureflash/image';
import { describe, expect, it } from 'vitest';
import { QuickClock } from '../../testing/clocks.ts';
import { MemoryTarget, regionOf } from '../../testing/memory-target.ts';
import { JobFailed } from './failure.ts';
import { carryOut, prepare, refusal } from './program.ts';
import { readAll } from './read.ts';
import type { Subject } from './subject.ts';

const START = 0x0800_0000;
const IMAGE = new MemoryImage([{ address: START, bytes: Uint8Array.from({ length: 3000 }, (_, i) => (i * 7) & 0xfe) }]);

function flash(): MemoryTarget {
  return new MemoryTarget([regionOf({ start: START, sizes: Array.from({ length: 8 }, () => 1024) })], 256);
}

/** Whatever address is read, the same bytes come. */
function stub(bytes: Uint8Array): MemoryTarget {
  const target = flash();
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

describe('a device that reads the same everywhere', () => {
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
