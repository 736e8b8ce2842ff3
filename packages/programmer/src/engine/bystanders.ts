/**
 * A few places outside the sectors of a job, read before it and after it: an erase that takes more than its sector, and a write
 * that lands in a second place, are seen there alone. Reads only.
 */
import { type MemoryImage, type Segment, sameBytes } from '@sureflash/image';
import { factsOf, type Observation } from '../diagnosis/observation.ts';
import { type FactsOf, hasCode } from '../errors.ts';
import { type ChangedPlace, differingIn, firstChangeIn, mayBeNote, observeElsewhere } from '../evidence/elsewhere.ts';
import { observeWrap, refusedIsNothing } from '../evidence/reads.ts';
import type { Device } from '../target/device.ts';
import { joined, type Range, type Region, regionHolding } from '../target/geometry.ts';
import { LOOK_BYTES, looksAround } from '../target/looks.ts';
import type { OperationOptions, Target } from '../target/target.ts';
import { possibleVariants } from '../target/variants.ts';
import { readMemoryBytes } from './memory/read-memory.ts';
import type { Plan, SectorPlan } from './survey/plan.ts';

/** Each is read twice before the job and once after it. */
const MOST_BYSTANDERS = 10;
/** Of option bytes and OTP. */
const OUTSIDE_BYTES = 16;

/** What the places held before the job. */
export interface Bystanders {
  readonly region: Region;
  /** The sectors of the job. */
  readonly used: readonly Range[];
  readonly before: readonly Segment[];
}

/**
 * Reads them before anything is changed. Places that the loader refuses, or does not read twice alike, tell nothing.
 * @param evidence what was seen of the device: where it refuses reads, nothing is asked
 * @returns `undefined` where the job changes nothing, and behind a debug probe, which works on the cells itself
 * @throws what the target throws, but for refused reads
 */
export async function readBystanders(
  device: Device,
  plan: Plan,
  { evidence, signal }: OperationOptions & { readonly evidence: readonly Observation[] },
): Promise<Bystanders | undefined> {
  const { target, about } = device;
  const first = plan.sectors.find(({ action }) => action !== 'keep');
  const region = first && regionHolding(target.geometry, first.sector);
  if (!first || !region || about.kind === 'debug-port') return undefined;
  const used = joined(plan.sectors.map(({ sector }) => sector));
  const flash = readablePart(device, { region, used, evidence });
  const last = region.sectors.findLast(({ end }) => end <= flash.end);
  const places = looksAround(flash, used, { changed: changedAddress(first, plan), last }).filter((look) =>
    region.sectors.some((each) => each.readable && each.start <= look.start && look.end <= each.end),
  );
  const before: Segment[] = [];
  for (const place of [...outsideFlash(target), ...places.slice(0, MOST_BYSTANDERS)]) {
    const bytes = await lookAt(target, place, { signal });
    const again = bytes && (await lookAt(target, place, { signal }));
    if (bytes && again && sameBytes(bytes, again)) before.push({ address: place.start, bytes });
  }
  return { region, used, before };
}

/** What they tell after the job. */
export interface SeenElsewhere {
  readonly observations: readonly Observation[];
  /** Absent where nothing has changed, or no more than a loader may write for itself. */
  readonly facts?: FactsOf<'verify/changed-elsewhere'>;
}

interface AgainOptions extends OperationOptions {
  /** What the job has written. */
  readonly expected: MemoryImage;
}

/** Reads them again, after the job. @throws what the target throws, but for refused reads */
export async function lookAgain(
  device: Device,
  { region, used, before }: Bystanders,
  { expected, signal }: AgainOptions,
): Promise<SeenElsewhere> {
  const { target, about } = device;
  const changed = await changedPlaces(target, before, { signal });
  const [first] = changed;
  const isRom = about.kind === 'st-rom' || about.kind === 'other-rom';
  if (!first || (!isRom && mayBeNote(changed, { region, expected }))) return { observations: [] };
  const read = async (range: Range): Promise<Uint8Array> => await readMemoryBytes(target, range);
  const wraps = isRom ? [] : await observeWrap(read, region).catch(refusedIsNothing);
  const address = firstChangeIn(first);
  const facts = {
    address,
    expected: first.before[address - first.address] ?? 0,
    found: first.bytes[address - first.address] ?? 0,
    differing: differingIn(changed),
    looked: before.reduce((sum, { bytes }) => sum + bytes.length, 0),
  };
  return { observations: [...observeElsewhere(changed, { region, used, expected }), ...wraps], facts };
}

/** What differs is read once more: one read that is wrong shall not blame a job that was right. */
async function changedPlaces(
  target: Target,
  before: readonly Segment[],
  options: OperationOptions,
): Promise<ChangedPlace[]> {
  const changed: ChangedPlace[] = [];
  for (const { address, bytes: old } of before) {
    const range = { start: address, end: address + old.length };
    const isOld = (bytes: Uint8Array | undefined): boolean => bytes === undefined || sameBytes(bytes, old);
    if (isOld(await lookAt(target, range, options))) continue;
    const bytes = await lookAt(target, range, options);
    if (bytes && !isOld(bytes)) changed.push({ address, bytes, before: old });
  }
  return changed;
}

/** Memories of a chip that an erase of flash may take as well. They come first: the flash is what a job goes on with. */
function outsideFlash({ geometry }: Target): Range[] {
  return geometry
    .filter(({ kind }) => kind === 'option-bytes' || kind === 'otp')
    .flatMap(({ sectors }) => sectors.find(({ readable }) => readable) ?? [])
    .map(({ start, end }) => ({ start, end: Math.min(end, start + OUTSIDE_BYTES) }));
}

interface PlacesAsked {
  readonly region: Region;
  readonly used: readonly Range[];
  readonly evidence: readonly Observation[];
}

/** The part of the flash that is certainly there and is given back: a ROM may crash at an address without memory. */
function readablePart({ about }: Device, { region, used, evidence }: PlacesAsked): Range {
  const usedEnd = used.at(-1)?.end ?? region.end;
  const start = factsOf(evidence, 'refused-below')?.readable ?? region.start;
  const refused = factsOf(evidence, 'refused-beyond');
  if (refused) return { start, end: Math.max(usedEnd, refused.readable + LOOK_BYTES) };
  if (about.kind === 'custom' || about.kind === 'cubemx-application') {
    const largest = about.certain ? Math.max(0, ...sizesOf(about)) : 0;
    return { start, end: largest === 0 ? region.end : Math.min(region.end, region.start + largest) };
  }
  const sizes = sizesOf(about)
    .map((bytes) => region.start + bytes)
    .filter((end) => end >= usedEnd);
  return { start, end: Math.min(region.end, sizes.length > 0 ? Math.min(...sizes) : usedEnd) };
}

/** The sizes that the flash may have. */
function sizesOf({ chips, readings }: Device['about']): number[] {
  return readings?.flashBytes === undefined
    ? chips.flatMap((chip) => possibleVariants(chip, {}).map(({ bytes }) => bytes))
    : [readings.flashBytes];
}

/** An address whose byte the job changes, as far as samples of the old content tell. */
function changedAddress({ sector, writes }: SectorPlan, { sectors, expected }: Plan): number {
  for (const { action, before } of sectors) {
    if (action === 'keep' || !before) continue;
    const { address, bytes } = before;
    const wanted = expected.read({ start: address, end: address + bytes.length });
    const at = bytes.findIndex((byte, i) => byte !== wanted[i]);
    if (at >= 0) return address + at;
  }
  return writes[0]?.address ?? sector.start;
}

/** Once more where it was refused: a refusal counts when it is repeated. */
async function lookAt(target: Target, place: Range, options: OperationOptions): Promise<Uint8Array | undefined> {
  for (let tries = 2; ; tries--) {
    try {
      return await readMemoryBytes(target, place, options);
    } catch (error) {
      if (!hasCode(error, 'usb/stall', 'dfu/status', 'read/short')) throw error;
      await target.settle();
      if (tries === 1) return undefined;
    }
  }
}
