/** What a failed proof means: looks once more at the bytes that differ, and attaches the diagnosis to the error. */
import type { Chip } from '@sureflash/chips';
import { MemoryImage } from '@sureflash/image';
import { isImpossiblyQuick, type Observation, seen, updated } from '../../diagnosis/observation.ts';
import { diagnose } from '../../diagnosis/rank.ts';
import { remedy } from '../../diagnosis/remedy.ts';
import { type FactsOf, FlashError, hasCode } from '../../errors.ts';
import { observeError } from '../../evidence/error.ts';
import { observeKind, observeWaits } from '../../evidence/loader.ts';
import { observeProtection } from '../../evidence/protection.ts';
import { observeBlocks } from '../../evidence/reads.ts';
import { observeRun, observeWork } from '../../evidence/run.ts';
import type { RunRecord } from '../../evidence/run-record.ts';
import type { Device } from '../../target/device.ts';
import { type Range, regionHolding } from '../../target/geometry.ts';
import type { Target } from '../../target/target.ts';
import type { WorkDone } from '../change/erase-and-write.ts';
import { isErased, WHOLE } from '../memory/look.ts';
import { readMemoryBytes } from '../memory/read-memory.ts';
import { mismatchOf, type Proof, proveImage } from '../proof/proof.ts';
import { leastMs } from '../run/timing.ts';
import { expectedChip } from '../survey/known.ts';
import type { Plan, SectorPlan } from '../survey/plan.ts';
import { diagnoseRun, type RunToDiagnose } from './diagnose-run.ts';
import { mayBeSimulated } from './simulated.ts';
import type { Transcript } from './transcript.ts';

export interface FailedRun {
  readonly plan: Plan;
  readonly done: WorkDone;
  readonly proof: Proof;
  /** Time in ms for erasing and writing. */
  readonly tookMs: number;
}

/** What is known beside the run. */
export interface Background extends RunToDiagnose {
  readonly evidence: readonly Observation[];
  /** The chip when it is certain, or that the image is built for. */
  readonly chip: Chip | undefined;
}

export function backgroundOf(
  device: Device,
  image: MemoryImage,
  evidence: readonly Observation[],
  transcript?: Transcript,
): Background {
  return {
    device,
    evidence: evidence.length > 0 ? evidence : [observeKind(device.about)],
    chip: expectedChip(device.about, image),
    transcript,
  };
}

/** @returns the error of a run whose proof failed, with its diagnosis */
export async function explainFailure(background: Background, run: FailedRun): Promise<FlashError> {
  return await explainMismatch(background, recordOf(background, run), run.proof);
}

/** @returns the error of a run that left the image in its place, and changed flash elsewhere as well */
export async function explainElsewhere(
  background: Background,
  { plan }: FailedRun,
  facts: FactsOf<'verify/changed-elsewhere'>,
): Promise<FlashError> {
  const diagnosis = await diagnoseRun(background, background.evidence, plan.sectors[0]?.sector);
  return new FlashError('verify/changed-elsewhere', facts, undefined, { diagnosis });
}

/**
 * What ended a run before its proof, where that speaks of the loader: an erase that took something else, reads of one place
 * that differ. A few signs name a cause quickly there, and a simulation may know better.
 * @returns the error with its diagnosis; unchanged where it is another
 */
export async function explainBroken(
  { evidence, ...run }: RunToDiagnose & { readonly evidence: readonly Observation[] },
  error: unknown,
): Promise<unknown> {
  if (!hasCode(error, 'verify/erased-otherwise', 'device/unstable-read')) return error;
  await run.device.target.settle();
  const told = error.diagnosis?.observations ?? [...evidence, ...observeError(error)];
  return error.with({ diagnosis: await diagnoseRun(run, told, undefined) });
}

/** The same for a comparison alone, where nothing was written. */
export async function explainComparison(
  background: Background,
  { proof, expected }: { readonly proof: Proof; readonly expected: MemoryImage },
): Promise<FlashError> {
  const regions = background.device.target.geometry;
  const record = { expected, regions, differences: proof, sectors: [], ...knownOf(background) };
  const error = await explainMismatch(background, record, proof);
  const { diagnosis } = error;
  if (!diagnosis || diagnosis.verdict === 'certain' || !mayBeSimulated(background.device.about)) return error;
  return error.with({ diagnosis: { ...diagnosis, remedies: [...diagnosis.remedies, TRY_LOADER] } });
}

/** A comparison does not know what was asked of the loader before. */
const TRY_LOADER = remedy(
  'To see whether the loader is at fault, let it erase, write and read back sectors that may be lost.',
  'try-scratch',
);

async function explainMismatch(background: Background, record: RunRecord, { excerpt }: Proof): Promise<FlashError> {
  const { device, evidence, chip } = background;
  const { target } = device;
  const error = mismatchOf(record.differences);
  if (!error) throw new RangeError('there is no difference to explain');
  const read = async (range: Range): Promise<Uint8Array> => await readMemoryBytes(target, range);
  const flash = target.geometry.find(({ kind }) => kind === 'flash');
  // Sectors of other memories have indices of their own.
  const concerned = record.differences.sectors
    .filter(({ start, end }) => flash && start >= flash.start && end <= flash.end)
    .map(({ index }) => index);
  const later = [
    ...observeWaits(target),
    ...(await observeRun(read, record)),
    ...(await observeProtection(read, { regions: target.geometry, concerned, chip }).catch(() => [])),
  ];
  const diagnosis = await diagnoseRun(background, updated(evidence, later), record.differences.sectors[0]);
  return error.with({ diagnosis, excerpt });
}

/**
 * Looks for anything that speaks against a run that seems to have succeeded: a loader that counts blocks in its own size
 * reads its bytes back from the same wrong addresses, one that answers from a buffer is quicker than flash, and one that
 * answers from a copy may do so only once.
 * @returns the error; `undefined` where nothing speaks against the run
 */
export async function findSuspicion(background: Background, run: FailedRun): Promise<FlashError | undefined> {
  const { device } = background;
  const { target, about } = device;
  const { blockSize } = about;
  const record = recordOf(background, run);
  const conclude = async (error: FlashError, at: Range, later: readonly Observation[]): Promise<FlashError> => {
    const told = updated(background.evidence, [...later, ...observeWork(record)]);
    return error.with({ diagnosis: await diagnoseRun(background, told, at) });
  };
  const haste = findHaste(background, run);
  if (haste) return haste;
  const place = run.plan.sectors.flatMap(({ writes }) => writes).find((w) => w.bytes.length >= 2 * (blockSize ?? 0));
  if (blockSize === undefined || !place) return undefined;
  const read = async (range: Range): Promise<Uint8Array> => await readMemoryBytes(target, range);
  const start = place.address;
  const second = { start: start + blockSize, end: start + 2 * blockSize };
  const long = { start, end: second.end };
  const partOf = (range: Range): MemoryImage =>
    new MemoryImage([{ address: range.start, bytes: place.bytes.subarray(range.start - start, range.end - start) }]);
  const mismatch = async (): Promise<FlashError<'verify/mismatch'> | undefined> =>
    mismatchOf(await proveImage(target, partOf(long), target.geometry)) ??
    mismatchOf(await proveImage(target, partOf(second), target.geometry));
  if (!(await mismatch())) return undefined;
  const region = { start, end: start + place.bytes.length };
  const blocks = await observeBlocks(read, start, { region, blockSize });
  // A misread does not come again.
  const error = await mismatch();
  return error && (await conclude(error, region, [...blocks, seen('mismatch', error.facts)]));
}

/** @returns the error of a run that was quicker than the cells of every chip that this may be */
export function findHaste(background: Background, run: FailedRun): FlashError | undefined {
  const { device, evidence, chip } = background;
  const { about, target } = device;
  const may = about.certain || about.chips.length === 0 ? [chip ?? about.chips[0]] : about.chips;
  const chips = may.filter((each) => each?.timing !== undefined);
  // A chip without times in the table could be quicker than all that have them.
  if (chips.length === 0 || chips.length < may.length) return undefined;
  const { done, proof, tookMs } = run;
  const { bytesWritten } = done;
  const erase = sectorsErasedBy(run)
    .filter((each) => !wasBlank(each, target))
    .map(({ sector }) => sector);
  const least = Math.min(...chips.map((each) => leastMs({ erase, writeBytes: bytesWritten }, each)));
  const work = { sectorsErased: done.sectorsErased, bytesWritten, tookMs, leastMs: least };
  if (!isImpossiblyQuick(work)) return undefined;
  const told = [seen('holds-file', { bytes: proof.compared }), ...observeWork({ work })];
  const error = new FlashError('verify/too-quick', { tookMs, leastMs: least, bytesWritten });
  return error.with({ diagnosis: diagnose(updated(evidence, told), chip) });
}

const sectorsErasedBy = ({ plan }: FailedRun): SectorPlan[] =>
  plan.sectors.filter(({ action }) => action === 'replace');

/** Where flash was seen to be blank, a loader may pass over an erase: a run that claims success is not accused for that. */
const wasBlank = ({ sector, before }: SectorPlan, { geometry }: Target): boolean =>
  before !== undefined && isErased(before.bytes, WHOLE, regionHolding(geometry, sector)?.erasedValue ?? 0xff);

/** @returns a run in the shape in which evidence is gathered from it */
export function recordOf(background: Background, run: FailedRun): RunRecord {
  const { plan, done, proof, tookMs } = run;
  const least = leastMs(
    { erase: sectorsErasedBy(run).map(({ sector }) => sector), writeBytes: done.bytesWritten },
    background.chip,
  );
  return {
    expected: plan.expected,
    regions: background.device.target.geometry.filter(({ kind }) => kind === 'flash'),
    differences: proof,
    sectors: plan.sectors,
    work: { sectorsErased: done.sectorsErased, bytesWritten: done.bytesWritten, tookMs, leastMs: least },
    ...knownOf(background),
  };
}

function knownOf({ chip, device }: Background): Pick<RunRecord, 'chip' | 'blockSize'> {
  return { chip, blockSize: device.about.blockSize };
}
