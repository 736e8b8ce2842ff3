/** An experiment in a sector that nobody needs: erases it, writes a pattern, reads it back, and looks what became of it. */
import type { Chip } from '@sureflash/chips';
import { MemoryImage, sameBytes } from '@sureflash/image';
import { type Observation, seen } from '../../diagnosis/observation.ts';
import { FlashError } from '../../errors.ts';
import { observeRun, observeWork } from '../../evidence/run.ts';
import type { RunRecord } from '../../evidence/run-record.ts';
import type { Device } from '../../target/device.ts';
import { describeRegions, type Range, type Region, type Sector } from '../../target/geometry.ts';
import type { Target } from '../../target/target.ts';
import { writeAndVerify } from '../attempt.ts';
import { eraseSectors } from '../change/erase-sectors.ts';
import { Safekeeping } from '../change/kept-bytes.ts';
import { readMemoryBytes } from '../memory/read-memory.ts';
import { planProgram } from '../survey/plan.ts';
import { survey } from '../survey/survey.ts';
import { recordOf } from '../why/failure.ts';

/** Bytes of each neighbour that are looked at before and after. */
const NEIGHBOUR_BYTES = 256;

export interface ScratchOptions {
  /** Any address in the sector. */
  readonly address: number;
  /** Chip that is there for certain, or that the program in it is built for. */
  readonly chip?: Chip | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Erases the sector that holds `address`, writes a pattern over all of it, reads it back, and leaves it erased, whatever
 * happens on the way. What it held is lost; nothing else should change, and its neighbours are looked at.
 * @throws FlashError `plan/outside`, `plan/read-only`; `verify/not-erased` where the pattern stays; what the target
 * throws, `signal.reason`; the link is at rest then
 */
export async function tryScratch(device: Device, { address, chip, signal }: ScratchOptions): Promise<Observation[]> {
  const { target } = device;
  const flash = target.geometry.filter(({ kind }) => kind === 'flash');
  const sector = scratchSector(flash, address);
  const sectors = flash.flatMap((region) => region.sectors);
  const neighbours = sectors.filter(({ start, end }) => end === sector.start || start === sector.end);
  const image = new MemoryImage([{ address: sector.start, bytes: patternFor(sector) }]);
  const before = await heads(target, neighbours);
  const findings = await survey(target, image, flash, { keepBeside: false, replaceAll: true, signal });
  const plan = planProgram(image, findings, chip);
  const tried = await leavingErased(target, sector, async () => {
    const attempt = await writeAndVerify(device, plan, { signal, safekeeping: new Safekeeping() });
    const record = recordOf({ device, chip, evidence: [] }, attempt);
    const found = await outcome(target, record, sector);
    return { holds: record.differences.differing === 0, record, found, after: await heads(target, neighbours) };
  });
  signal?.throwIfAborted();
  const { record, found, after } = tried;
  const { segments } = image;
  const last = segments[0]?.bytes.subarray(-(record.blockSize ?? NEIGHBOUR_BYTES)).subarray(0, NEIGHBOUR_BYTES);
  const echoed = last !== undefined && after.length > 0 && after.every((head) => sameBytes(head, last));
  if (echoed) return [...found, seen('reads-last-block', { address: sector.start, blockSize: last.length })];
  const isBlank = (bytes: Uint8Array | undefined): boolean =>
    bytes?.every((byte) => byte === findings[0]?.region.erasedValue) ?? false;
  const lost = neighbours.filter((_, i) => isBlank(after[i]) && !isBlank(before[i])).map(({ index }) => index);
  return [...found, ...(lost.length > 0 ? [seen('neighbours-lost', { sectors: lost })] : [])];
}

function scratchSector(flash: readonly Region[], address: number): Sector {
  const sector = flash.flatMap(({ sectors }) => sectors).find(({ start, end }) => address >= start && address < end);
  if (!sector)
    throw new FlashError('plan/outside', { start: address, end: address + 1, available: describeRegions(flash) });
  if (!sector.writable || !sector.erasable)
    throw new FlashError('plan/read-only', { start: sector.start, end: sector.end });
  return sector;
}

/**
 * The work, and behind it the sector erased and proven to be. An abort does not reach this erase. It is no news that it
 * fails where the pattern did not hold, and nothing hides what the work itself threw.
 */
async function leavingErased<T extends { readonly holds: boolean }>(
  target: Target,
  sector: Sector,
  work: () => Promise<T>,
): Promise<T> {
  let done: T | undefined;
  try {
    done = await work();
    return done;
  } finally {
    const erased = eraseSectors(target, [sector]);
    await (done?.holds ? erased : erased.catch(() => undefined));
  }
}

async function outcome(target: Target, record: RunRecord, { start, end }: Range): Promise<Observation[]> {
  if (record.differences.differing > 0)
    return await observeRun(async (range) => await readMemoryBytes(target, range), record);
  const tookMs = record.work?.tookMs ?? 0;
  return [seen('scratch-holds', { start, end, tookMs }), ...observeWork(record)];
}

async function heads(target: Target, sectors: readonly Sector[]): Promise<Uint8Array[]> {
  const bytes: Uint8Array[] = [];
  for (const { start, end } of sectors) {
    bytes.push(await readMemoryBytes(target, { start, end: Math.min(end, start + NEIGHBOUR_BYTES) }));
  }
  return bytes;
}

/** Bytes that differ from block to block and from address to address, none of them erased for long. */
function patternFor({ start, end }: Range): Uint8Array {
  let state = start >>> 0;
  return Uint8Array.from({ length: end - start }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state >>> 24;
  });
}
