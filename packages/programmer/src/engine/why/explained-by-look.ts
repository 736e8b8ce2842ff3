/** What an error of an operation amounts to, after a look at the device that it came from. Reads only. */
import { type Observation, seen } from '../../diagnosis/observation.ts';
import { hasCode } from '../../errors.ts';
import { observeError } from '../../evidence/error.ts';
import type { Device } from '../../target/device.ts';
import { expectedChip, firstLook, NO_IMAGE } from '../survey/known.ts';
import { lookAtProtection } from '../survey/protection.ts';
import { diagnoseRun } from './diagnose-run.ts';
import { explained } from './explained.ts';
import { mayBeSimulated } from './simulated.ts';
import { Transcript, transcribed } from './transcript.ts';
import type { TrialPlace } from './trial.ts';

export interface WorkToExplain {
  readonly signal?: AbortSignal | undefined;
  /** Where a trial may tell apart what would explain the error. */
  readonly trial?: TrialPlace | undefined;
}

/**
 * Runs the work; an error that the device gave is explained with what reads and option bytes tell of it, and by simulation
 * of its loader. The work is to use the device that it is given: what is asked of that one is remembered.
 */
export async function explainingByLook<T>(
  device: Device,
  work: (device: Device, transcript: Transcript | undefined) => Promise<T>,
  { signal, trial }: WorkToExplain = {},
): Promise<T> {
  const transcript = mayBeSimulated(device.about) ? new Transcript() : undefined;
  const watched = transcribed(device, transcript);
  try {
    return await work(watched, transcript);
  } catch (error) {
    const isOfDevice = hasCode(
      error,
      'usb/stall',
      'dfu/status',
      'dfu/protocol',
      'dfu/stuck',
      'read/short',
      'verify/not-erased',
    );
    if (!isOfDevice || error.diagnosis) throw explained(device.about, error);
    // An erase that is part of something else may fail for what went before.
    const told = hasCode(error, 'verify/not-erased') ? [seen('not-erased', error.facts)] : observeError(error);
    const evidence = [...(await lookAfterwards(watched)), ...told];
    const chip = expectedChip(device.about, NO_IMAGE);
    const run = { device: watched, chip, transcript, trial, signal };
    throw error.with({ diagnosis: await diagnoseRun(run, evidence, undefined) });
  }
}

/** What cannot be read gives no evidence. */
async function lookAfterwards(device: Device): Promise<Observation[]> {
  await device.target.settle();
  const looked = await firstLook(device, NO_IMAGE, {}).catch(() => []);
  return [...looked, ...(await lookAtProtection(device).catch(() => []))];
}
