/** What an error of an operation amounts to, after a look at the device that it came from. Reads only. */
import { type Observation, seen } from '../diagnosis/observation.ts';
import { diagnose } from '../diagnosis/rank.ts';
import { hasCode } from '../errors.ts';
import { observeError } from '../evidence/error.ts';
import type { Device } from '../target/device.ts';
import { explained } from './explained.ts';
import { expectedChip, firstLook, NO_IMAGE } from './known.ts';
import { lookAtProtection } from './protection.ts';

/** Runs the work; an error that the device gave is explained with what reads and option bytes tell of it. */
export async function explainingByLook<T>(device: Device, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
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
    const evidence = [...(await lookAfterwards(device)), ...told];
    throw error.with({ diagnosis: diagnose(evidence, expectedChip(device.about, NO_IMAGE)) });
  }
}

/** What cannot be read gives no evidence. */
async function lookAfterwards(device: Device): Promise<Observation[]> {
  await device.target.settle();
  const looked = await firstLook(device, NO_IMAGE, {}).catch(() => []);
  return [...looked, ...(await lookAtProtection(device).catch(() => []))];
}
