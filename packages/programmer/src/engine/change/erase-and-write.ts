/** Erases and writes what a plan says, a group of sectors at a time. It decides nothing and proves nothing. */
import type { Segment } from '@sureflash/image';
import type { Clock } from '../../ports/clock.ts';
import type { Sector } from '../../target/geometry.ts';
import type { Target } from '../../target/target.ts';
import type { OnProgress, RunOptions, SectorState } from '../run/progress.ts';
import { eraseMs, type Timed, writeMs } from '../run/timing.ts';
import type { Plan, SectorPlan } from '../survey/plan.ts';
import { eraseFirst, mustTryErase, type NeighbourGuard } from './first-erase.ts';

export interface EraseAndWriteOptions extends RunOptions {
  readonly clock: Clock;
  /** Its times weigh the progress. */
  readonly chip?: Timed | undefined;
  /** Where it is given, the first erase of a loader that nobody knows is looked at; it is told how many ms that took. */
  readonly onLook?: ((ms: number) => void) | undefined;
  /** Keeps what that erase may take of its neighbours. */
  readonly guard?: NeighbourGuard | undefined;
  /** Whether the target reads back while it writes, where it can. */
  readonly readBack?: boolean | undefined;
  /** Called before anything in these sectors is changed. */
  readonly onBegin?: (sectors: readonly SectorPlan[]) => void;
}

/** Times in ms. */
export interface WorkDone {
  readonly sectorsErased: number;
  readonly bytesWritten: number;
  readonly eraseMs: number;
  readonly writeMs: number;
}

/**
 * Small sectors are erased together and written in one run, which saves a new start for each; a sector of this size or
 * more is done alone. What an interruption can leave erased and not yet written is bounded by it.
 */
const GROUP_BYTES = 64 * 1024;

/** @throws what the target throws, and `signal.reason`; the link is at rest then */
export async function eraseAndWrite(plan: Plan, target: Target, options: EraseAndWriteOptions): Promise<WorkDone> {
  const meter = new Meter(plan, options);
  const { onProgress } = options;
  // An abort between erase and write would lose the bytes beside the image.
  const { signal: _, ...unbroken } = options;
  if (plan.sectors.every(({ action }) => action === 'keep')) return meter.result;
  onProgress?.({ type: 'phase', phase: 'program', bytes: plan.writeBytes });
  const isTried = options.onLook !== undefined && mustTryErase(target);
  const first = isTried ? plan.sectors.find(({ action }) => action === 'replace')?.sector : undefined;
  try {
    for (const group of groupsOf(plan.sectors)) {
      options.signal?.throwIfAborted();
      const context = {
        target,
        meter,
        first,
        options: group.some(({ beside }) => beside.length > 0) ? unbroken : options,
      };
      options.onBegin?.(group);
      const runs = joinRuns(group);
      await eraseGroup(group, runs[0], context);
      for (const run of runs) await writeRun(run, group, context);
    }
  } catch (error) {
    await target.settle();
    throw error;
  }
  onProgress?.({ type: 'phase-end', phase: 'program' });
  return meter.result;
}

interface WriteContext {
  readonly target: Target;
  readonly meter: Meter;
  /** The first sector that is erased, where that has to be looked at. */
  readonly first: Sector | undefined;
  readonly options: EraseAndWriteOptions;
}

async function eraseGroup(
  group: readonly SectorPlan[],
  following: Segment | undefined,
  { target, meter, first, options }: WriteContext,
): Promise<void> {
  const { signal, onProgress, clock } = options;
  const sectors = group.filter(({ action }) => action === 'replace').map(({ sector }) => sector);
  let next = 0;
  let started = clock.now();
  const tell = (state: SectorState): void => {
    const sector = sectors[next];
    if (sector) onProgress?.({ type: 'sector', phase: 'program', sector, state });
  };
  const onErased = ({ start, end }: Sector): void => {
    meter.erased(end - start, clock.now() - started, start);
    tell('erased');
    started = clock.now();
    next++;
    tell('erasing');
  };
  tell('erasing');
  const [tried] = sectors;
  const isFirst = tried !== undefined && tried === first;
  if (isFirst) {
    options.onLook?.(await eraseFirst(target, tried, { signal, clock, guard: options.guard }));
    onErased(tried);
  }
  await target.erase(isFirst ? sectors.slice(1) : sectors, { signal, onErased, next: following });
}

async function writeRun(
  run: Segment,
  group: readonly SectorPlan[],
  { target, meter, options }: WriteContext,
): Promise<void> {
  const { signal, onProgress, clock } = options;
  const touched = group.filter(
    ({ sector }) => sector.start < run.address + run.bytes.length && sector.end > run.address,
  );
  let next = 0;
  let before = 0;
  const started = clock.now();
  /** Tells of every sector that has begun or ended by `done`. */
  const tellSectors = (done: number): void => {
    for (; onProgress && next < touched.length; next++) {
      const sector = touched[next]?.sector;
      if (!sector || run.address + done < Math.min(sector.end, run.address + run.bytes.length)) return;
      onProgress({ type: 'sector', phase: 'program', sector, state: 'written' });
      const following = touched[next + 1]?.sector;
      if (following) onProgress({ type: 'sector', phase: 'program', sector: following, state: 'writing' });
    }
  };
  if (touched[0]) onProgress?.({ type: 'sector', phase: 'program', sector: touched[0].sector, state: 'writing' });
  await target.write(run.address, run.bytes, {
    signal,
    readBack: options.readBack,
    onBytes: (done) => {
      meter.wrote(done - before, run.address + done);
      before = done;
      tellSectors(done);
    },
  });
  meter.wroteFor(clock.now() - started);
}

/** Sectors with something to do, neighbours together until the group is large enough. */
function groupsOf(sectors: readonly SectorPlan[]): SectorPlan[][] {
  const groups: SectorPlan[][] = [];
  let size = 0;
  let end = -1;
  for (const plan of sectors) {
    if (plan.action === 'keep') continue;
    const bytes = plan.sector.end - plan.sector.start;
    const group = groups.at(-1);
    if (group && plan.sector.start === end && size + bytes <= GROUP_BYTES) {
      group.push(plan);
      size += bytes;
    } else {
      groups.push([plan]);
      size = bytes;
    }
    end = plan.sector.end;
  }
  return groups;
}

/** Writes that meet at a sector's edge become one run. */
function joinRuns(group: readonly SectorPlan[]): Segment[] {
  const runs: Segment[][] = [];
  let end = -1;
  for (const write of group.flatMap(({ writes }) => writes)) {
    if (write.address === end) runs.at(-1)?.push(write);
    else runs.push([write]);
    end = write.address + write.bytes.length;
  }
  return runs.map((pieces) => {
    const [first] = pieces;
    if (first && pieces.length === 1) return first;
    const bytes = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.bytes.length, 0));
    const address = first?.address ?? 0;
    for (const piece of pieces) bytes.set(piece.bytes, piece.address - address);
    return { address, bytes };
  });
}

/** Weighs erased and written bytes by the time that they usually take, and keeps the sums. */
class Meter {
  readonly #chip: Timed | undefined;
  readonly #onProgress: OnProgress | undefined;
  readonly #totalMs: number;
  #passedMs = 0;
  #sums = { sectorsErased: 0, bytesWritten: 0, eraseMs: 0, writeMs: 0 };

  constructor(plan: Plan, { chip, onProgress }: EraseAndWriteOptions) {
    this.#chip = chip;
    this.#onProgress = onProgress;
    this.#totalMs = Math.max(plan.estimateMs, 1);
  }

  get result(): WorkDone {
    return { ...this.#sums };
  }

  erased(size: number, ms: number, address: number): void {
    this.#sums.sectorsErased++;
    this.#sums.eraseMs += ms;
    this.#pass(eraseMs(size, this.#chip?.timing), address);
  }

  wrote(bytes: number, address: number): void {
    this.#sums.bytesWritten += bytes;
    this.#pass(writeMs(bytes, this.#chip?.timing), address);
  }

  wroteFor(ms: number): void {
    this.#sums.writeMs += ms;
  }

  #pass(ms: number, address: number): void {
    this.#passedMs += ms;
    const fraction = Math.min(1, this.#passedMs / this.#totalMs);
    this.#onProgress?.({ type: 'step', phase: 'program', done: this.#sums.bytesWritten, fraction, address });
  }
}
