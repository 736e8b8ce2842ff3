/** Erases ranges of flash, or all of it. The bytes of a sector beside a range are kept. */
import { givesNothing } from '../diagnosis/observation.ts';
import { diagnose } from '../diagnosis/rank.ts';
import { FlashError } from '../errors.ts';
import { chipOf } from '../target/about.ts';
import type { Device } from '../target/device.ts';
import { type Range, type Region, type Sector, sectorsTouched } from '../target/geometry.ts';
import { outsideFacts } from '../target/other-world.ts';
import type { AttemptOptions } from './attempt.ts';
import { eraseAllFlash, eraseSectors } from './change/erase-sectors.ts';
import { Safekeeping } from './change/kept-bytes.ts';
import type { RunOptions } from './run/progress.ts';
import { planSupply, type SupplyOptions, type SupplyPlan, tellSupply } from './supply.ts';
import { firstLook, NO_IMAGE } from './survey/known.ts';
import { assureUnprotected } from './survey/protection.ts';
import { explainingByLook } from './why/explained-by-look.ts';
import { longestStretch, scratchSectors, type TrialOptions, type TrialPlace } from './why/trial.ts';
import { fill } from './write.ts';

/** What an erase will do, as data: it can be shown before it is carried out. */
export interface ErasePlan {
  /** Erased as a whole. */
  readonly sectors: readonly Sector[];
  /** Ranges inside sectors whose other bytes are read before the erase and written back. */
  readonly parts: readonly Range[];
  /** What the ROM is told of the supply first. */
  readonly supply: SupplyPlan;
}

export interface PlanEraseOptions extends SupplyOptions {
  /** Keep the bytes of a sector beside a range (the default); otherwise every sector that a range touches is erased. */
  readonly keepBeside?: boolean | undefined;
}

export interface EraseOptions extends AttemptOptions, PlanEraseOptions, TriedErase {}

interface TriedErase {
  /** Trials that tell apart what would explain a failed proof; without it none are made. */
  readonly trials?: TrialOptions | undefined;
}

/**
 * Pure: nothing is read.
 * @throws FlashError `device/no-map` where no memory is known to be flash, `plan/outside`, `plan/read-only`, `plan/supply`
 */
export function planErase(
  device: Device,
  ranges: Range | readonly Range[],
  { keepBeside = true, supply }: PlanEraseOptions = {},
): ErasePlan {
  const flash = flashOf(device.target.geometry);
  if (flash.length === 0) throw new FlashError('device/no-map', { alternates: device.target.geometry.length });
  const sectors = new Set<Sector>();
  const parts: Range[] = [];
  for (const range of 'start' in ranges ? [ranges] : ranges) {
    for (const sector of erasableIn(flash, range)) {
      const isWhole = sector.start >= range.start && sector.end <= range.end;
      if (isWhole || !keepBeside) sectors.add(sector);
      else parts.push(intersection(sector, range));
    }
  }
  return { sectors: [...sectors].sort((a, b) => a.start - b.start), parts, supply: planSupply(device, supply) };
}

/**
 * Erases and proves it.
 * @param what ranges, or a plan that was made for them
 * @throws FlashError `device/no-map` where no memory is known to be flash, `plan/outside`, `plan/read-only`, `plan/supply`, `plan/doubtful`, `device/unreadable`, `verify/not-erased`, `verify/mismatch`; what the
 * target throws; `signal.reason`. The link is at rest then.
 */
export async function erase(
  device: Device,
  what: Range | readonly Range[] | ErasePlan,
  options: EraseOptions = {},
): Promise<ErasePlan> {
  const plan = 'sectors' in what ? what : planErase(device, what, options);
  const work = async (watched: Device): Promise<void> => {
    await assureProvable(watched);
    await assureUnprotected(watched, touchedBy(watched, plan));
    await tellSupply(watched, plan.supply, options);
    for (const part of plan.parts) await erasePart(watched, part, { ...options, supply: 'none' });
    if (plan.sectors.length === 0) return;
    // What earlier runs have left is none of this one's.
    const safekeeping = new Safekeeping(options.keptBytes, await options.keptBytes?.held());
    const guard = safekeeping.guard();
    await eraseSectors(watched.target, plan.sectors, { ...options, looksAtErase: true, guard });
    await safekeeping.end();
  };
  await explainingByLook(device, work, { ...options, trial: eraseTrialPlace(device, plan, options) });
  return plan;
}

function eraseTrialPlace(
  device: Device,
  { sectors }: ErasePlan,
  { trials: options }: TriedErase,
): TrialPlace | undefined {
  if (!options) return undefined;
  const { scratch } = options;
  return { sectors: scratch ? scratchSectors(device, scratch) : longestStretch(sectors), options };
}

/**
 * Erases all flash, at once where that is quicker, and proves it.
 * @throws as `erase`
 */
export async function eraseAll(
  device: Device,
  options: RunOptions & SupplyOptions & TriedErase = {},
): Promise<ErasePlan> {
  const plan = planErase(device, flashOf(device.target.geometry), options);
  const work = async (watched: Device): Promise<void> => {
    await assureProvable(watched);
    await assureUnprotected(watched, plan.sectors);
    await tellSupply(watched, plan.supply, options);
    await eraseAllFlash(watched.target, plan.sectors, options);
  };
  await explainingByLook(device, work, { ...options, trial: eraseTrialPlace(device, plan, options) });
  return plan;
}

/** An erase is proven by reading: on a device that gives nothing back it is not begun. @throws FlashError `device/unreadable` */
async function assureProvable(device: Device): Promise<void> {
  if (device.about.uploads !== false) return;
  const evidence = await firstLook(device, NO_IMAGE, {});
  if (!evidence.some(givesNothing)) return;
  const diagnosis = diagnose(evidence, chipOf(device.about));
  throw new FlashError('device/unreadable', {}, undefined, { diagnosis });
}

function touchedBy({ target }: Device, { sectors, parts }: ErasePlan): Sector[] {
  const flash = flashOf(target.geometry);
  return [...sectors, ...parts.flatMap((part) => flash.flatMap((region) => sectorsTouched(region, part)))];
}

/** A part of a sector becomes erased as it would become anything else: by a job that keeps the other bytes and proves it. */
async function erasePart(device: Device, part: Range, options: AttemptOptions & SupplyOptions): Promise<void> {
  const region = device.target.geometry.find(({ start, end }) => part.start >= start && part.end <= end);
  await fill(device, part, Uint8Array.of(region?.erasedValue ?? 0xff), options);
}

const flashOf = (regions: readonly Region[]): Region[] => regions.filter(({ kind }) => kind === 'flash');

function erasableIn(flash: readonly Region[], range: Range): Sector[] {
  const sectors = flash.flatMap((region) => sectorsTouched(region, range));
  if (sectors.length === 0) throw new FlashError('plan/outside', outsideFacts(range, flash));
  const refused = sectors.filter((sector) => !sector.erasable);
  const last = refused.at(-1);
  if (refused[0] && last) throw new FlashError('plan/read-only', { start: refused[0].start, end: last.end });
  return sectors;
}

function intersection(a: Range, b: Range): Range {
  return { start: Math.max(a.start, b.start), end: Math.min(a.end, b.end) };
}
