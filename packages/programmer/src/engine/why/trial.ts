/**
 * Trials on a loader that has failed a job: made-up data in sectors that may be lost, so that of several simulated loaders one
 * is left. It carries them out and keeps them in their place; it neither makes them up nor judges them.
 */
import type { LoaderTrial } from '../../diagnosis/loader-model.ts';
import { FlashError } from '../../errors.ts';
import type { CarryOut, Change, ReadRequest } from '../../explain/index.ts';
import type { Device } from '../../target/device.ts';
import { describeRegions, type Range, type Region, type Sector, sectorsTouched } from '../../target/geometry.ts';
import type { OperationOptions } from '../../target/target.ts';
import { isErased, WHOLE } from '../memory/look.ts';
import { readMemoryBytes } from '../memory/read-memory.ts';

/** What will be done, before anything is. */
export interface TrialProposal {
  /**
   * The loaders that would all have done what was seen, in sentences, the simplest first; empty where none was found: the
   * trial is to show what the loader does.
   */
  readonly loaders: readonly string[];
  /**
   * Erased, written and erased again; none of the loaders changes anything else by it, but what the job itself has changed. A
   * loader of which nothing is known may.
   */
  readonly sectors: readonly Sector[];
  readonly writeBytes: number;
  /** The loader is started anew before it. */
  readonly restarts: boolean;
}

export interface TrialOptions {
  /** Sectors that may be lost, by a range that touches them; default those that the job has replaced. */
  readonly scratch?: Range | undefined;
  /**
   * Asked when a run has failed and more than one loader may be the cause, and once more before a trial on a loader of which
   * nothing is known. `false`: nothing more is done.
   */
  readonly mayTry: (proposal: TrialProposal) => Promise<boolean>;
  /** Starts the loader anew and gives the device as it came back; absent where nobody can. The device is not closed. */
  readonly restart?: (() => Promise<Device>) | undefined;
}

/** Where a trial may be made, and what has to be done before it. */
export interface TrialPlace {
  readonly sectors: readonly Sector[];
  readonly options: TrialOptions;
  /** Makes safe what stands there beside the image. */
  readonly keep?: (() => Promise<void>) | undefined;
}

/**
 * @returns the sectors that a range touches
 * @throws FlashError `plan/outside`, `plan/read-only`
 */
export function scratchSectors({ target }: Device, range: Range): Sector[] {
  const flash = target.geometry.filter(({ kind }) => kind === 'flash');
  const region = flash.find(({ start, end }) => range.start >= start && range.end <= end);
  const sectors = region ? sectorsTouched(region, range) : [];
  if (sectors.length === 0) throw new FlashError('plan/outside', { ...range, available: describeRegions(flash) });
  const closed = sectors.find(({ writable, erasable }) => !writable || !erasable);
  if (closed) throw new FlashError('plan/read-only', { start: closed.start, end: closed.end });
  return sectors;
}

/** Enough for a trial with the first and the last left out: they may be written in part, so that their other part is not lost yet. */
const SPARE_ENDS = 6;

/** @returns of sectors that are lost already the longest stretch without a gap */
export function longestStretch(sectors: readonly Sector[]): Sector[] {
  const stretches: Sector[][] = [];
  for (const sector of sectors.toSorted((a, b) => a.start - b.start)) {
    const last = stretches.at(-1);
    if (last?.at(-1)?.end === sector.start) last.push(sector);
    else stretches.push([sector]);
  }
  const longest = stretches.reduce<Sector[]>(
    (best, each) => (totalOfSectors(each) > totalOfSectors(best) ? each : best),
    [],
  );
  return longest.length >= SPARE_ENDS ? longest.slice(1, -1) : longest;
}

const totalOfSectors = (ranges: readonly Range[]): number =>
  ranges.reduce((sum, { start, end }) => sum + end - start, 0);

/** @returns the range that sectors without gaps span */
export function stretchSpan(sectors: readonly Range[]): Range {
  return { start: sectors[0]?.start ?? 0, end: sectors.at(-1)?.end ?? 0 };
}

type TrialOperations = readonly (Change | ReadRequest)[];

/** Whether cells take such writes: whole units at whole addresses. */
export function isWritable(operations: TrialOperations, { writeSize }: Pick<Region, 'writeSize'>): boolean {
  return operations.every(
    (each) => each.kind !== 'write' || (each.address % writeSize === 0 && each.bytes.length % writeSize === 0),
  );
}

/** @returns what a person is asked */
export function proposalOf(
  operations: TrialOperations,
  { loaders, region, restarts }: Pick<TrialProposal, 'loaders' | 'restarts'> & { readonly region: Region },
): TrialProposal {
  const changed = operations.flatMap((each) =>
    each.kind === 'read' || each.kind === 'erase-all' ? [] : [changedPlace(each)],
  );
  const sectors = region.sectors.filter(({ start, end }) => changed.some((at) => at.start < end && at.end > start));
  const writeBytes = operations.reduce((sum, each) => sum + (each.kind === 'write' ? each.bytes.length : 0), 0);
  return { loaders, sectors, writeBytes, restarts };
}

const changedPlace = (each: Exclude<Change, { kind: 'erase-all' }>): Range => ({
  start: each.address,
  end: each.address + (each.kind === 'erase' ? each.length : each.bytes.length),
});

/** What was done so far. */
type TrialDone = Pick<LoaderTrial, 'rounds' | 'bytesWritten' | 'bytesRead'> & { readonly sectors: readonly Sector[] };

export interface TrialHand {
  readonly carryOut: CarryOut;
  readonly restart?: () => Promise<void>;
  readonly done: () => TrialDone;
  /**
   * Leaves the sectors erased, as far as the loader erases, and the link at rest; never throws, and no abort reaches it.
   * @returns how many of them do not read as erased
   */
  readonly end: () => Promise<number>;
}

/** @returns what carries trials out on a device, and on the same one when it has come back from a restart */
export function trialHand(
  device: Device,
  region: Region,
  { options: { restart } }: TrialPlace,
  { signal }: OperationOptions,
): TrialHand {
  let { target } = device;
  const touched = new Set<Sector>();
  const done = { rounds: 0, bytesWritten: 0, bytesRead: 0 };
  const carryOne = async (run: readonly (Change | ReadRequest)[]): Promise<Uint8Array[]> => {
    const [first] = run;
    if (first?.kind === 'erase') {
      const sector = sectorFrom(region, first.address);
      touched.add(sector);
      await target.erase([sector], { signal });
    } else if (first?.kind === 'write') {
      const bytes = concatenated(run.flatMap((each) => (each.kind === 'write' ? [each.bytes] : [])));
      done.bytesWritten += bytes.length;
      await target.write(first.address, bytes, { signal });
    } else if (first?.kind === 'read') {
      const lengths = run.flatMap((each) => (each.kind === 'read' ? [each.length] : []));
      const bytes = await readForTrial(target, region, { start: first.address, lengths, signal });
      done.bytesRead += bytes.length;
      return cut(bytes, lengths);
    }
    return [];
  };
  const carryOut: CarryOut = async (operations) => {
    done.rounds++;
    const answers: Uint8Array[] = [];
    for (const run of trialRuns(operations)) answers.push(...(await carryOne(run)));
    await target.settle();
    return answers;
  };
  const end = async (): Promise<number> => await eraseAfterTrial(target, region, touched);
  return {
    carryOut,
    end,
    done: () => ({ ...done, sectors: [...touched].sort((a, b) => a.start - b.start) }),
    ...(restart && {
      restart: async () => {
        ({ target } = await restart());
      },
    }),
  };
}

/** @returns how many of the sectors do not read as erased then */
async function eraseAfterTrial(
  target: Device['target'],
  { erasedValue }: Region,
  touched: ReadonlySet<Sector>,
): Promise<number> {
  await target.settle();
  // One after the other: a sector that fails keeps no other from being erased.
  for (const sector of touched) await target.erase([sector]).catch(() => target.settle());
  await target.settle();
  let left = 0;
  for (const sector of touched) {
    const bytes = await readMemoryBytes(target, sector).catch(() => undefined);
    if (!bytes || !isErased(bytes, WHOLE, erasedValue)) left++;
  }
  await target.settle();
  return left;
}

function sectorFrom({ sectors }: Region, address: number): Sector {
  const sector = sectors.find(({ start }) => start === address);
  if (!sector) throw new RangeError('a trial erases whole sectors');
  return sector;
}

interface ReadsAt extends OperationOptions {
  readonly start: number;
  readonly lengths: readonly number[];
}

async function readForTrial(
  target: Device['target'],
  region: Region,
  { start, lengths, signal }: ReadsAt,
): Promise<Uint8Array> {
  const length = lengths.reduce((sum, each) => sum + each, 0);
  if (start >= region.start && start + length <= region.end)
    return await readMemoryBytes(target, { start, end: start + length }, { signal });
  const outside = await target.readOutside?.(start, length);
  if (!outside) throw new FlashError('read/short', { address: start, expected: length, found: 0 });
  return outside;
}

/** Blocks that were counted from one address go out as one run, which a target cuts into the same blocks. */
function trialRuns(operations: TrialOperations): (Change | ReadRequest)[][] {
  const runs: (Change | ReadRequest)[][] = [];
  for (const operation of operations) {
    const last = runs.at(-1)?.at(-1);
    if (last && isNext(last, operation)) runs.at(-1)?.push(operation);
    else runs.push([operation]);
  }
  return runs;
}

function isNext(before: Change | ReadRequest, operation: Change | ReadRequest): boolean {
  if (operation.kind !== 'write' && operation.kind !== 'read') return false;
  return before.kind === operation.kind && before.base === operation.base && before.number + 1 === operation.number;
}

function concatenated(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function cut(bytes: Uint8Array, lengths: readonly number[]): Uint8Array[] {
  let at = 0;
  return lengths.map((length) => {
    at += length;
    return bytes.slice(at - length, at);
  });
}
