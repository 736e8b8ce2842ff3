/** Memory that is written without an erase: the data EEPROM of L0 and L1, and OTP, whose bits go one way only. */
import { MemoryImage, type Segment } from '@sureflash/image';
import { FlashError } from '../errors.ts';
import { type Range, type Region, regionHolding } from '../target/geometry.ts';
import type { Target } from '../target/target.ts';
import { sameBytes } from './bytes.ts';
import { readAll } from './read.ts';

/** An image, divided by what kind of memory takes its parts. */
export interface DividedImage {
  /** What is erased before it is written, and what no memory takes. */
  readonly flash: MemoryImage;
  readonly unerased: readonly UnerasedPart[];
}

export interface UnerasedPart {
  readonly region: Region;
  readonly segment: Segment;
}

export interface UnerasedWrite extends UnerasedPart {
  /** Whole units with what must change; empty where the memory holds the part already. */
  readonly writes: readonly Segment[];
}

export function divideImage(image: MemoryImage, regions: readonly Region[]): DividedImage {
  const kinds = regions.filter(({ kind }) => kind === 'eeprom' || kind === 'otp');
  const parts = image.segments.map((segment) => ({ segment, region: regionHolding(kinds, rangeOf(segment)) }));
  return {
    flash: new MemoryImage(parts.filter(({ region }) => !region).map(({ segment }) => segment)),
    unerased: parts.flatMap(({ region, segment }) => (region ? [{ region, segment }] : [])),
  };
}

/**
 * What must be written for these parts. Reads only.
 * @param oneTime allows to write OTP, which cannot be undone
 * @throws FlashError `plan/one-time` for OTP without that, `plan/spent` for OTP that holds something else; what the target throws
 */
export async function planUnerased(
  target: Target,
  parts: readonly UnerasedPart[],
  { oneTime = false }: { oneTime?: boolean } = {},
): Promise<UnerasedWrite[]> {
  const planned: UnerasedWrite[] = [];
  for (const part of parts) {
    const units = wholeUnits(part, unitOf(target, part.region));
    const current = await readAll(target, units.range);
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

/** @returns the number of bytes written. @throws FlashError `verify/mismatch`; what the target throws; `signal.reason` */
export async function writeUnerased(
  target: Target,
  planned: readonly UnerasedWrite[],
  { signal }: { signal?: AbortSignal } = {},
): Promise<number> {
  const options = signal ? { signal } : {};
  for (const { address, bytes } of planned.flatMap(({ writes }) => writes)) await target.write(address, bytes, options);
  for (const { segment } of planned) await prove(target, segment, options);
  return planned.flatMap(({ writes }) => writes).reduce((sum, { bytes }) => sum + bytes.length, 0);
}

async function prove(target: Target, segment: Segment, options: { signal?: AbortSignal }): Promise<void> {
  const found = await readAll(target, rangeOf(segment), options);
  if (sameBytes(found, segment.bytes)) return;
  const differing = segment.bytes.reduce((sum, byte, i) => sum + (byte === found[i] ? 0 : 1), 0);
  const at = segment.bytes.findIndex((byte, i) => byte !== found[i]);
  throw new FlashError('verify/mismatch', {
    address: segment.address + at,
    expected: segment.bytes[at] ?? 0,
    found: found[at] ?? 0,
    differing,
    compared: segment.bytes.length,
  });
}

const rangeOf = ({ address, bytes }: Segment): Range => ({ start: address, end: address + bytes.length });

/** OTP has the cells of the flash: where those have ECC, a unit of theirs is programmed once. */
function unitOf({ geometry }: Target, region: Region): number {
  const flash = geometry.find(({ kind }) => kind === 'flash');
  if (region.kind !== 'otp' || flash?.cells !== 'ecc') return region.writeSize;
  return Math.max(region.writeSize, flash.writeSize);
}

function wholeUnits({ segment, region }: UnerasedPart, bytes: number): { range: Range; bytes: number } {
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
