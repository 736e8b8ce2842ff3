/** Byte memory is written without an erase: the data EEPROM of L0 and L1, and OTP, whose bits go one way only. */
import { MemoryImage, rangeOf, type Segment, sameBytes } from '@sureflash/image';
import { FlashError } from '../errors.ts';
import { joined, type Range, type Region } from '../target/geometry.ts';
import type { Target } from '../target/target.ts';
import { readMemoryBytes } from './memory/read-memory.ts';
import { mismatchOf, type Proof, proveImage } from './proof/proof.ts';
import type { RunOptions } from './run/progress.ts';
import { checkFlashPart } from './survey/plan.ts';

/** An image, divided by the kind of memory that takes its parts. */
export interface DividedImage {
  /** The bytes for flash, which is erased before it is written, and the bytes for which there is no memory. */
  readonly flash: MemoryImage;
  /** The parts for EEPROM and OTP, in ascending order. */
  readonly byteMemory: readonly ByteMemoryPart[];
}

export interface ByteMemoryPart {
  readonly region: Region;
  readonly segment: Segment;
}

export interface ByteMemoryWrite extends ByteMemoryPart {
  /** Whole units whose bytes must change; empty where the memory holds the part already. */
  readonly writes: readonly Segment[];
}

/** Memories may meet, as flash and EEPROM do on an L1 with 512 KB: a segment is cut where one of them ends. */
export function divideImage(image: MemoryImage, regions: readonly Region[]): DividedImage {
  const byteMemory = regions
    .filter(({ kind }) => kind === 'eeprom' || kind === 'otp')
    .flatMap((region) => joined(region.sectors).flatMap((range) => partsOf(image, region, range)))
    .sort((a, b) => a.segment.address - b.segment.address);
  const taken = byteMemory.map(({ segment }) => rangeOf(segment));
  return { flash: new MemoryImage(outside(image, taken)), byteMemory };
}

function partsOf(image: MemoryImage, region: Region, range: Range): ByteMemoryPart[] {
  return image.within(range).map((segment) => ({ region, segment }));
}

/** @returns the parts of an image outside of `taken`, which is in ascending order */
function outside(image: MemoryImage, taken: readonly Range[]): Segment[] {
  const starts = [0, ...taken.map(({ end }) => end)];
  const ends = [...taken.map(({ start }) => start), image.range?.end ?? 0];
  return starts.flatMap((start, i) => image.within({ start, end: ends[i] ?? start }));
}

/**
 * Checks that there is memory for all of an image.
 * @param force also takes flash sectors that the device marks as read-only
 * @throws FlashError `plan/empty`, `plan/outside`, `plan/read-only`
 */
export function checkImageFits({ flash, byteMemory }: DividedImage, regions: readonly Region[], force: boolean): void {
  if (!regions.some(({ kind }) => kind === 'flash' || kind === 'other'))
    throw new FlashError('device/no-map', { alternates: regions.length });
  if (byteMemory.length === 0 || flash.segments.length > 0) checkFlashPart(flash, regions, force);
}

/** Causes are known of flash alone: a sector of another memory has nothing but its number in common with it. */
export function differencesInFlash(
  { flash: expected }: DividedImage,
  proof: Proof,
): { readonly expected: MemoryImage; readonly proof: Proof } {
  const sectors = proof.sectors.filter((sector) => expected.within(sector).length > 0);
  return { expected, proof: { ...proof, sectors } };
}

/**
 * Plans the writes for these parts. Reads only.
 * @param oneTime allows to write OTP, which cannot be undone
 * @throws FlashError `plan/one-time` for OTP without that, `plan/spent` for OTP that holds something else; what the target throws
 */
export async function planByteMemory(
  target: Target,
  parts: readonly ByteMemoryPart[],
  { oneTime = false }: { oneTime?: boolean | undefined } = {},
): Promise<ByteMemoryWrite[]> {
  const planned: ByteMemoryWrite[] = [];
  for (const part of parts) {
    const units = wholeUnitsOfPart(part, unitOf(target, part.region));
    const current = await readMemoryBytes(target, units.range);
    const wanted = current.slice();
    wanted.set(part.segment.bytes, part.segment.address - units.range.start);
    const writes = changedUnits({ address: units.range.start, bytes: wanted }, current, units.bytes);
    if (part.region.kind === 'otp' && writes.length > 0) {
      if (!oneTime) throw new FlashError('plan/one-time', rangeOf(part.segment));
      checkUnspent(target, writes, { address: units.range.start, bytes: current });
    }
    planned.push({ ...part, writes });
  }
  return planned;
}

export interface ByteMemoryReport {
  readonly bytesWritten: number;
  readonly verifiedBytes: number;
}

/**
 * Writes, and reads everything back.
 * @throws FlashError `verify/mismatch` when a memory does not hold its part; what the target throws; `signal.reason`. The
 * link is at rest then.
 */
export async function writeByteMemory(
  target: Target,
  planned: readonly ByteMemoryWrite[],
  { signal, onProgress }: RunOptions = {},
): Promise<ByteMemoryReport> {
  const writes = planned.flatMap((each) => each.writes);
  try {
    for (const { address, bytes } of writes) await target.write(address, bytes, { signal });
  } catch (error) {
    await target.settle();
    throw error;
  }
  const expected = new MemoryImage(planned.map(({ segment }) => segment));
  const proof = await proveImage(target, expected, target.geometry, { signal, onProgress });
  const error = mismatchOf(proof);
  if (error) throw error.with({ excerpt: proof.excerpt });
  const bytesWritten = writes.reduce((sum, { bytes }) => sum + bytes.length, 0);
  return { bytesWritten, verifiedBytes: proof.compared };
}

/** OTP has the cells of the flash: where those have ECC, a unit of theirs is programmed once. */
function unitOf({ geometry }: Target, region: Region): number {
  const flash = geometry.find(({ kind }) => kind === 'flash');
  if (region.kind !== 'otp' || flash?.cells !== 'ecc') return region.writeSize;
  return Math.max(region.writeSize, flash.writeSize);
}

function wholeUnitsOfPart({ segment, region }: ByteMemoryPart, bytes: number): { range: Range; bytes: number } {
  const { start, end } = rangeOf(segment);
  const range = { start: start - (start % bytes), end: Math.min(region.end, Math.ceil(end / bytes) * bytes) };
  return { range, bytes };
}

/** Neighbours in one piece. */
function changedUnits({ address, bytes }: Segment, current: Uint8Array, unit: number): Segment[] {
  const spans: { start: number; end: number }[] = [];
  for (let at = 0; at < bytes.length; at += unit) {
    if (sameBytes(bytes.subarray(at, at + unit), current.subarray(at, at + unit))) continue;
    const last = spans.at(-1);
    if (last?.end === at) last.end = at + unit;
    else spans.push({ start: at, end: at + unit });
  }
  return spans.map(({ start, end }) => ({ address: address + start, bytes: bytes.subarray(start, end) }));
}

const BLANK = 0xff;

function checkUnspent(target: Target, writes: readonly Segment[], current: Segment): void {
  const once = target.geometry.some(({ kind, cells }) => kind === 'flash' && cells === 'ecc');
  for (const { address, bytes } of writes) {
    bytes.forEach((expected, i) => {
      const found = current.bytes[address + i - current.address] ?? BLANK;
      const impossible = once ? found !== BLANK : (found & expected) !== expected;
      if (impossible) throw new FlashError('plan/spent', { address: address + i, expected, found });
    });
  }
}
