import { MemoryImage, type Segment } from '@sureflash/image';
import {
  carryOut,
  type Device,
  isFlashError,
  type JobOptions,
  prepare,
  type TrialOptions,
} from '@sureflash/programmer';
import type { Diagnosis } from '@sureflash/programmer/diagnosis';
import { composedBoard } from '@sureflash/virtual/composed';
import { describe, expect, it } from 'vitest';
import { imageAt, noise, Rig } from '../rig.ts';

const FLASH = 0x0800_0000;
const KB = 1024;
const AT = FLASH + 16 * KB;
/** Erases do nothing after the first write: in one run the same as "from this address on". */
const LATE_ERASES = 5;
/** Of the last sector 1 KB stands beside the image. */
const IMAGE = imageAt(AT, noise(71 * KB, 3));
const JOB = { start: AT, end: AT + 72 * KB };

const rigOf = (): Rig =>
  new Rig(composedBoard(LATE_ERASES), { flash: [{ address: FLASH, bytes: noise(256 * KB, 9) }] });

interface Ended {
  readonly code: string;
  readonly diagnosis: Diagnosis | undefined;
  readonly device: Device;
}

async function failed(rig: Rig, options: JobOptions): Promise<Ended> {
  const device = await rig.connect();
  const preparation = await prepare(device, IMAGE, { ...options, replaceAll: true });
  try {
    await carryOut(device, preparation, options);
  } catch (error) {
    if (isFlashError(error)) return { code: error.code, diagnosis: error.diagnosis, device };
    throw error;
  }
  throw new Error('the job did not fail');
}

const allowed = (mayTry: TrialOptions['mayTry'] = async () => await Promise.resolve(true)) => ({ trials: { mayTry } });
const contentOf = (rig: Rig, { start, end }: { start: number; end: number }) =>
  rig.board.flash.peek(start, end - start);
const OTHERS = [
  { start: FLASH, end: JOB.start },
  { start: JOB.end, end: FLASH + 256 * KB },
];

describe('a job whose run alone does not tell its cause for certain', () => {
  it('is certain of one loader after a trial in its own sectors', async () => {
    const alone = await failed(rigOf(), {});
    expect(alone.diagnosis?.verdict).not.toBe('certain');
    expect(alone.diagnosis?.trial).toBeUndefined();
    const { code, diagnosis } = await failed(rigOf(), allowed());
    expect(code).toBe('verify/mismatch');
    expect(diagnosis).toMatchObject({ verdict: 'certain', rivals: [], trial: { outcome: 'one' } });
    expect(diagnosis?.model?.sentence).toBe('erases do nothing (after the first write)');
    expect(diagnosis?.trial?.refuted).not.toContain(diagnosis?.model?.sentence);
  });

  it('changes nothing by its trial outside the sectors that it names', async () => {
    const rig = rigOf();
    const before = OTHERS.map((place) => contentOf(rig, place));
    const places: { start: number; end: number }[] = [];
    await failed(
      rig,
      allowed(async ({ sectors }) => {
        places.push(...sectors);
        return await Promise.resolve(true);
      }),
    );
    expect(places.length).toBeGreaterThan(0);
    expect(places.every(({ start, end }) => start >= JOB.start && end <= JOB.end)).toBe(true);
    expect(OTHERS.map((place) => contentOf(rig, place))).toEqual(before);
  });

  it('leaves flash as the run has left it where the answer is no', async () => {
    const rig = rigOf();
    let content: Uint8Array = new Uint8Array(0);
    const { diagnosis } = await failed(
      rig,
      allowed(async () => {
        content = contentOf(rig, JOB);
        return await Promise.resolve(false);
      }),
    );
    expect(content.length).toBeGreaterThan(0);
    expect(contentOf(rig, JOB)).toEqual(content);
    expect(diagnosis?.trial).toBeUndefined();
  });

  it('is at rest when its trial is stopped in the middle, and tells what the run alone has told', async () => {
    const abort = new AbortController();
    let transfers = Number.POSITIVE_INFINITY;
    const rig = new Rig(composedBoard(LATE_ERASES), {
      flash: [{ address: FLASH, bytes: noise(256 * KB, 9) }],
      beforeTransfer: () => {
        if (--transfers === 0) abort.abort(new Error('stop'));
      },
    });
    const asked = allowed(async () => {
      transfers = 100;
      return await Promise.resolve(true);
    });
    const { code, diagnosis, device } = await failed(rig, { ...asked, signal: abort.signal });
    expect(abort.signal.aborted).toBe(true);
    expect(code).toBe('verify/mismatch');
    expect(diagnosis?.trial).toBeUndefined();
    const chunks: number[] = [];
    for await (const { bytes } of device.target.read({ start: AT, end: AT + 2 * KB })) chunks.push(bytes.length);
    expect(chunks.reduce((sum, length) => sum + length, 0)).toBe(2 * KB);
  });

  it('still tells what the run has told where the device refuses its trial', async () => {
    const rig = rigOf();
    const device = await rig.connect();
    const preparation = await prepare(device, IMAGE, { replaceAll: true });
    const mayTry: TrialOptions['mayTry'] = async () => {
      rig.board.reset();
      return await Promise.resolve(true);
    };
    const error: unknown = await carryOut(device, preparation, allowed(mayTry)).catch((thrown: unknown) => thrown);
    if (!isFlashError(error)) throw error;
    expect(error.code).toBe('verify/mismatch');
    expect(error.diagnosis).toMatchObject({ cause: 'loader-deviates', trial: { outcome: 'broken-off' } });
    expect(error.diagnosis?.verdict).not.toBe('certain');
  });

  it('holds what stood beside its image until the next run, also in sectors that the trial erases', async () => {
    const held: (readonly Segment[])[] = [];
    const keptBytes = {
      held: async () => await Promise.resolve([]),
      hold: async (segments: readonly Segment[]) => {
        held.push(segments);
        await Promise.resolve();
      },
    };
    const scratch = { start: JOB.end - 8 * KB, end: JOB.end };
    const rig = rigOf();
    const beside = { address: JOB.end - KB, bytes: contentOf(rig, { start: JOB.end - KB, end: JOB.end }) };
    const device = await rig.connect();
    const options = { replaceAll: true, keptBytes, trials: { ...allowed().trials, scratch } };
    const preparation = await prepare(device, IMAGE, options);
    await carryOut(device, preparation, options).catch(() => undefined);
    const last = new MemoryImage(held.at(-1) ?? []);
    expect(last.read({ start: beside.address, end: JOB.end })).toEqual(beside.bytes);
  });

  it('is refused before anything changes where the place for trials is no flash', async () => {
    const rig = rigOf();
    const before = contentOf(rig, JOB);
    const device = await rig.connect();
    const options = { trials: { ...allowed().trials, scratch: { start: 0x2000_0000, end: 0x2000_0800 } } };
    const preparation = await prepare(device, IMAGE, { ...options, replaceAll: true });
    await expect(carryOut(device, preparation, options)).rejects.toMatchObject({ code: 'plan/outside' });
    expect(contentOf(rig, JOB)).toEqual(before);
  });
});
