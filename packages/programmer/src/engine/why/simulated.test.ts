import { describe, expect, it } from 'vitest';
import { QuickClock } from '../../../testing/clocks.ts';
import { aboutTest, MemoryTarget, regionOf } from '../../../testing/memory-target.ts';
import { seen } from '../../diagnosis/observation.ts';
import { deviceOf } from '../../target/device.ts';
import { diagnoseRun } from './diagnose-run.ts';
import { Transcript, transcribed } from './transcript.ts';

const START = 0x0800_0000;
const PAGE = 1024;

/** Gives no time to compute with, but this error. */
class BrokenClock extends QuickClock {
  readonly #error: unknown;

  constructor(error: unknown) {
    super();
    this.#error = error;
  }

  computedMs(): number {
    throw this.#error;
  }
}

/** What is found of a device that has kept nothing of what was written. */
async function diagnosedBy(clock: QuickClock, signal?: AbortSignal): Promise<unknown> {
  const transcript = new Transcript();
  const target = new MemoryTarget([regionOf({ start: START, sizes: Array.from({ length: 8 }, () => PAGE) })]);
  target.about = aboutTest({ blockSize: PAGE });
  target.deaf = true;
  const device = transcribed(deviceOf(target, clock), transcript);
  const image = Uint8Array.from({ length: 2 * PAGE }, (_, i) => (i * 37) >> 3);
  await device.target.write(START, image);
  for await (const _ of device.target.read({ start: START, end: START + 2 * PAGE }));
  return await diagnoseRun({ device, chip: undefined, transcript, signal }, EVIDENCE, undefined);
}

const EVIDENCE = [seen('unchanged', { samples: 2, blank: false }), seen('blank-sectors-hold', { held: 4, failed: 1 })];
const BY_SIGNS = 'erase-ignored';

describe('a defect of the simulation', () => {
  it('leaves what other signs tell, and is told', async () => {
    const whole = await diagnosedBy(new QuickClock());
    expect(whole).toMatchObject({ model: { isComplete: true } });
    const left = await diagnosedBy(new BrokenClock(new TypeError('x is not a function')));
    expect(left).toMatchObject({ cause: BY_SIGNS, brokeOff: 'TypeError: x is not a function' });
    expect(left).not.toHaveProperty('model');
  });

  it('is none where the wish to stop has ended it', async () => {
    const signal = AbortSignal.abort();
    const left = await diagnosedBy(new BrokenClock(signal.reason), signal);
    expect(left).toMatchObject({ cause: BY_SIGNS });
    expect(left).not.toHaveProperty('brokeOff');
  });
});
