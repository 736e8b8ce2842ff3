import { MemoryImage } from '@sureflash/image';
import { describe, expect, it } from 'vitest';
import { QuickClock } from '../../../testing/clocks.ts';
import { aboutTest, MemoryTarget, regionOf } from '../../../testing/memory-target.ts';
import type { Progress } from '../run/progress.ts';
import { type Plan, planProgram } from '../survey/plan.ts';
import { survey } from '../survey/survey.ts';
import { eraseAndWrite } from './erase-and-write.ts';

const START = 0x0800_0000;
const IMAGE = new MemoryImage([{ address: START, bytes: new Uint8Array(3 * 1024).fill(1) }]);

/** Three sectors: the first holds the image, the second something else, the third is erased. */
async function prepared(): Promise<{ target: MemoryTarget; plan: Plan }> {
  const target = new MemoryTarget([regionOf({ start: START, sizes: [1024, 1024, 1024] })], 512);
  target.poke(START, new Uint8Array(1024).fill(1));
  target.poke(START + 1024, new Uint8Array(1024).fill(2));
  const plan = planProgram(
    IMAGE,
    await survey(target, IMAGE, target.geometry, { keepBeside: true, replaceAll: false }),
    undefined,
  );
  return { target, plan };
}

describe('execute', () => {
  it('erases what must be erased and writes what is missing, neighbours in one run', async () => {
    const { target, plan } = await prepared();
    const done = await eraseAndWrite(plan, target, { clock: new QuickClock() });
    expect(target.log).toEqual([
      'erase 8000400',
      'write 8000400 512',
      'write 8000600 512',
      'write 8000800 512',
      'write 8000a00 512',
    ]);
    expect(done).toMatchObject({ sectorsErased: 1, bytesWritten: 2048 });
  });

  it('tells of its events in the promised order, and the share of the work never goes back', async () => {
    const { target, plan } = await prepared();
    const events: Progress[] = [];
    await eraseAndWrite(plan, target, { clock: new QuickClock(), onProgress: (event) => events.push(event) });
    expect(events[0]).toEqual({ type: 'phase', phase: 'program', bytes: 2048 });
    expect(events.at(-1)).toEqual({ type: 'phase-end', phase: 'program' });
    const sectors = events.flatMap((event) =>
      event.type === 'sector' ? [`${event.sector.index} ${event.state}`] : [],
    );
    expect(sectors).toEqual(['1 erasing', '1 erased', '1 writing', '1 written', '2 writing', '2 written']);
    const steps = events.flatMap((event) => (event.type === 'step' ? [event] : []));
    expect(steps.every(({ fraction }, i) => fraction >= (steps[i - 1]?.fraction ?? 0))).toBe(true);
    expect(steps.at(-1)).toMatchObject({ done: 2048 });
    expect(steps.at(-1)?.fraction).toBeCloseTo(1);
  });

  it('does and tells nothing where nothing is to be done', async () => {
    const { target, plan } = await prepared();
    const events: Progress[] = [];
    const kept = { ...plan, sectors: plan.sectors.slice(0, 1) };
    const done = await eraseAndWrite(kept, target, {
      clock: new QuickClock(),
      onProgress: (event) => events.push(event),
    });
    expect(done).toEqual({ sectorsErased: 0, bytesWritten: 0, eraseMs: 0, writeMs: 0 });
    expect([events, target.log]).toEqual([[], []]);
  });

  it('brings the target to rest after an abort at any step, and throws the reason unchanged', async () => {
    for (let cut = 0; cut < 5; cut++) {
      const { target, plan } = await prepared();
      // The first erase of a loader that nobody knows is looked at, which takes transfers of its own.
      target.about = aboutTest({ kind: 'st-rom' });
      const read = target.transfers;
      const stop = new AbortController();
      const reason = { cut };
      target.beforeTransfer = (index) => {
        if (index === read + cut) stop.abort(reason);
      };
      await expect(eraseAndWrite(plan, target, { clock: new QuickClock(), signal: stop.signal })).rejects.toBe(reason);
      expect(target.settled).toBe(1);
      expect(target.log).toHaveLength(cut);
    }
  });

  it('brings the target to rest after a failure too', async () => {
    const { target, plan } = await prepared();
    const failure = new Error('cable');
    target.beforeTransfer = () => {
      throw failure;
    };
    await expect(eraseAndWrite(plan, target, { clock: new QuickClock() })).rejects.toBe(failure);
    expect(target.settled).toBe(1);
  });

  it('erases small sectors in groups of 64 KB at most, so that little is erased and not yet written', async () => {
    const target = new MemoryTarget(
      [regionOf({ start: START, sizes: Array.from({ length: 5 }, () => 32 * 1024), writeSize: 8, cells: 'ecc' })],
      32 * 1024,
    );
    const image = new MemoryImage([{ address: START, bytes: new Uint8Array(5 * 32 * 1024) }]);
    const plan = planProgram(
      image,
      await survey(target, image, target.geometry, { keepBeside: true, replaceAll: false }),
      undefined,
    );
    await eraseAndWrite(plan, target, { clock: new QuickClock() });
    expect(target.log.map((line) => line.slice(0, 1)).join('')).toBe('eewweewwew');
  });
});
