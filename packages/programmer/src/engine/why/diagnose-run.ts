/** What the evidence of a run amounts to, together with a simulation of its loader where that can add something. */
import type { Chip } from '@sureflash/chips';
import { asksForModel, isSettled, joinModel, leavesOpen } from '../../diagnosis/join.ts';
import type { LoaderModel } from '../../diagnosis/loader-model.ts';
import type { Observation } from '../../diagnosis/observation.ts';
import { type Diagnosis, diagnose } from '../../diagnosis/rank.ts';
import type { Device } from '../../target/device.ts';
import { type Range, regionHolding } from '../../target/geometry.ts';
import { simulated } from './simulated.ts';
import { lookOnceMore, readAcross, readKnownOutside } from './telling-reads.ts';
import type { Transcript } from './transcript.ts';
import type { TrialPlace } from './trial.ts';

export interface RunToDiagnose {
  /** The device whose reads stand in the transcript. */
  readonly device: Device;
  readonly chip: Chip | undefined;
  /** Everything that was asked; absent where no simulation could explain it. */
  readonly transcript?: Transcript | undefined;
  /** Where a trial may tell apart what would explain the run; absent where none may be made. */
  readonly trial?: TrialPlace | undefined;
  /** The wish to stop: what is known of the failure by then is told. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * What the evidence amounts to, with a simulation of the loader where no evidence from outside the memory decides. What was
 * read since the run counts in it as well. `at`: some of what differs.
 */
export async function diagnoseRun(
  { device, chip, transcript, trial, signal }: RunToDiagnose,
  evidence: readonly Observation[],
  at: Range | undefined,
): Promise<Diagnosis | undefined> {
  const flash = device.target.geometry.filter(({ kind }) => kind === 'flash');
  const region = at ? regionHolding(flash, at) : flash[0];
  const rows = diagnose(evidence, chip);
  const { blockSize } = device.about;
  if (!transcript || !region || blockSize === undefined || !asksForModel(rows)) return rows;
  if (!transcript.mayDeviate) return rows;
  const { entries } = transcript;
  const isKnown = isSettled(rows);
  // Reads alone fit many loaders: to a cause that is certain they add none of them.
  if (rows?.verdict === 'certain' && entries.every(({ kind }) => kind === 'read')) return rows;
  await readAcross(device.target, entries, blockSize);
  await lookOnceMore(device.target, entries);
  const known = await readKnownOutside(device, chip);
  const tookMs = transcript.lastedMs(device.clock.now());
  const isOpen = (model: LoaderModel): boolean => leavesOpen(evidence, model, chip);
  const isInRegion =
    trial &&
    trial.sectors.length > 0 &&
    trial.sectors.every(({ start, end }) => start >= region.start && end <= region.end);
  const place = isInRegion ? { trial, isOpen } : {};
  return joinModel(
    evidence,
    await simulated({ device, region, chip, entries, tookMs, known, isKnown, ...place, signal }),
    chip,
  );
}
