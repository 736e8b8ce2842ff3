/** What an error amounts to, together with everything that was seen before it. It asks nothing of the device. */
import type { MemoryImage } from '@sureflash/image';
import type { Observation } from '../../diagnosis/observation.ts';
import { diagnose } from '../../diagnosis/rank.ts';
import { isFlashError } from '../../errors.ts';
import { observeError } from '../../evidence/error.ts';
import { observeKind } from '../../evidence/loader.ts';
import type { About } from '../../target/about.ts';
import type { Device } from '../../target/device.ts';
import { expectedChip, NO_IMAGE } from '../survey/known.ts';

export interface SeenBefore {
  readonly image?: MemoryImage;
  /** Observations from the device, as far as the run has come. */
  evidence?: readonly Observation[];
}

/** @returns the error with a diagnosis; unchanged where it has one, says all there is to say, or is not ours */
export function explained(about: About, error: unknown, { image = NO_IMAGE, evidence = [] }: SeenBefore = {}): unknown {
  if (!isFlashError(error) || error.diagnosis) return error;
  const told = observeError(error);
  if (told.length === 0) return error;
  const before = evidence.some(({ kind }) => kind === 'loader') ? evidence : [observeKind(about), ...evidence];
  return error.with({ diagnosis: diagnose([...before, ...told], expectedChip(about, image)) });
}

/** The same for a debug probe behind which nothing is known yet. @returns the error, unchanged where it tells nothing more */
export function explainedProbe(error: unknown): unknown {
  if (!isFlashError(error) || error.diagnosis || !/^(probe|core)\//.test(error.code)) return error;
  const diagnosis = diagnose(observeError(error));
  return diagnosis ? error.with({ diagnosis }) : error;
}

/** Runs the work; an error that it throws is explained. `seen` is looked at when that happens. */
export async function explaining<T>(device: Device, seen: SeenBefore, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw explained(device.about, error, seen);
  }
}
