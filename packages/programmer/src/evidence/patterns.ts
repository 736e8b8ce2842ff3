/** Patterns in what was found where something else was expected: each points to one kind of fault. Pure. */
import type { MemoryImage } from '@sureflash/image';
import { type Observation, seen } from '../diagnosis/observation.ts';
import type { Range } from '../target/geometry.ts';

/** A stretch that differs, as it should be and as it was read; both of the same length. */
export interface ComparedPiece {
  readonly address: number;
  readonly expected: Uint8Array;
  readonly found: Uint8Array;
}

export interface Setting {
  readonly expected: MemoryImage;
  readonly erasedValue: number;
  readonly blockSize?: number;
  /** Sectors that differ. */
  readonly differing: readonly Range[];
  /** Whether there is no sector that was written and is right. */
  readonly nothingRight: boolean;
}

/** Fewer bytes than this make no pattern. */
const LEAST_BYTES = 16;

export function observePatterns(pieces: readonly ComparedPiece[], setting: Setting): Observation[] {
  const bytes = pieces.flatMap(bytePairs);
  const specific = [
    ...firstBlockOnly(bytes, setting),
    ...partOfBlocks(bytes, setting),
    ...swapped(pieces),
    ...moved(pieces, setting),
  ];
  return specific.length > 0 ? specific : leftErased(bytes, setting);
}

interface Byte {
  readonly address: number;
  readonly expected: number;
  readonly found: number;
}

function bytePairs({ address, expected, found }: ComparedPiece): Byte[] {
  return Array.from(expected, (byte, i) => ({ address: address + i, expected: byte, found: found[i] ?? 0 }));
}

const isWrong = ({ expected, found }: Byte): boolean => expected !== found;

function leftErased(bytes: readonly Byte[], { erasedValue, nothingRight }: Setting): Observation[] {
  const wrong = bytes.filter(isWrong);
  if (wrong.length < LEAST_BYTES || wrong.some(({ found }) => found !== erasedValue)) return [];
  const all = nothingRight && bytes.every(({ found }) => found === erasedValue);
  return [seen('left-erased', { bytes: wrong.length, all })];
}

/** Something stands in the first block of the image, and nothing at all behind it. */
function firstBlockOnly(bytes: readonly Byte[], { expected, erasedValue, blockSize }: Setting): Observation[] {
  const start = expected.range?.start;
  if (blockSize === undefined || start === undefined) return [];
  const end = start + blockSize;
  const inFirst = bytes.filter(({ address }) => address >= start && address < end);
  const behind = bytes.filter((byte) => byte.address >= end && byte.expected !== erasedValue);
  const filled = inFirst.some(({ found }) => found !== erasedValue);
  if (!filled || behind.length < blockSize || behind.some(({ found }) => found !== erasedValue)) return [];
  return [seen('first-block-only', { address: start, blockSize })];
}

/** Wrong bytes are erased and lie in one part of each block; in that part nothing is right. */
function partOfBlocks(bytes: readonly Byte[], { erasedValue, blockSize, differing }: Setting): Observation[] {
  const base = differing[0]?.start;
  if (blockSize === undefined || base === undefined) return [];
  const wrong = bytes.filter(isWrong);
  if (wrong.length < LEAST_BYTES || wrong.some(({ found }) => found !== erasedValue)) return [];
  const offsetOf = ({ address }: Byte): number => (((address - base) % blockSize) + blockSize) % blockSize;
  const [from, to] = extentOf(wrong.map(offsetOf));
  const right = bytes.filter((byte) => !isWrong(byte) && byte.expected !== erasedValue);
  const blocks = new Set(wrong.map(({ address }) => Math.floor((address - base) / blockSize)));
  const inPart = right.some((byte) => offsetOf(byte) >= from && offsetOf(byte) < to);
  if (inPart || right.length < LEAST_BYTES || blocks.size < 2 || to - from >= blockSize) return [];
  return [seen('part-of-blocks', { blockSize, from, to })];
}

function extentOf(values: readonly number[]): [from: number, to: number] {
  let [from, to] = [Number.POSITIVE_INFINITY, 0];
  for (const value of values) {
    from = Math.min(from, value);
    to = Math.max(to, value + 1);
  }
  return [from, to];
}

function swapped(pieces: readonly ComparedPiece[]): Observation[] {
  for (const width of [2, 4] as const) {
    const fits = pieces.every((piece) => isSwapped(piece, width));
    const [first] = pieces;
    const differs = pieces.reduce((sum, piece) => sum + bytePairs(piece).filter(isWrong).length, 0);
    if (first && fits && differs >= LEAST_BYTES) return [seen('bytes-swapped', { width, address: first.address })];
  }
  return [];
}

function isSwapped({ address, expected, found }: ComparedPiece, width: 2 | 4): boolean {
  const lead = (width - (address % width)) % width;
  const whole = expected.length - ((expected.length - lead) % width);
  for (let i = lead; i < whole; i++) {
    const at = i - lead;
    const mirrored = lead + (at - (at % width)) + (width - 1 - (at % width));
    if (found[i] !== expected[mirrored]) return false;
  }
  return whole - lead >= width;
}

const PATTERN_BYTES = 32;
const WINDOW_STEP = 256;
const MOST_WINDOWS = 24;
/** Windows that must agree. */
const LEAST_WINDOWS = 3;

/** What stands at an address is looked for in the rest of the image. */
function moved(pieces: readonly ComparedPiece[], { expected, differing }: Setting): Observation[] {
  const windows = pieces.flatMap(windowsOf).slice(0, MOST_WINDOWS);
  const places = windows.flatMap(({ address, bytes }) => {
    const at = findIn(expected, bytes, address);
    return at === undefined ? [] : [{ address, offset: at - address }];
  });
  const [first] = places;
  const offset = mostFrequent(places.map((place) => place.offset));
  const agreeing = places.filter((place) => place.offset === offset);
  if (!first || offset === undefined || agreeing.length < Math.max(LEAST_WINDOWS, windows.length / 2)) return [];
  const address = agreeing[0]?.address ?? first.address;
  const standsThereToo = !differing.some(({ start, end }) => address + offset >= start && address + offset < end);
  if (offset > 0 && standsThereToo) return [seen('content-wraps', { address, period: offset })];
  return [seen('content-moved', { address, offset })];
}

interface PatternWindow {
  readonly address: number;
  readonly bytes: Uint8Array;
}

/** Stretches that are wrong and no mere fill. */
function windowsOf({ address, expected, found }: ComparedPiece): PatternWindow[] {
  const windows: PatternWindow[] = [];
  for (let at = 0; at + PATTERN_BYTES <= found.length; at += WINDOW_STEP) {
    const bytes = found.subarray(at, at + PATTERN_BYTES);
    const isFill = new Set(bytes).size < PATTERN_BYTES / 4;
    const isRight = bytes.every((byte, i) => byte === expected[at + i]);
    if (!isFill && !isRight) windows.push({ address: address + at, bytes });
  }
  return windows;
}

/** The place of `bytes` in the image that is nearest to `near`. */
function findIn({ segments }: MemoryImage, bytes: Uint8Array, near: number): number | undefined {
  const places = segments.flatMap((segment) => placesOfBytes(segment.bytes, bytes).map((at) => segment.address + at));
  return places.toSorted((a, b) => Math.abs(a - near) - Math.abs(b - near))[0];
}

function placesOfBytes(all: Uint8Array, bytes: Uint8Array): number[] {
  const [first = 0] = bytes;
  const places: number[] = [];
  for (let at = all.indexOf(first); at >= 0; at = all.indexOf(first, at + 1)) {
    if (bytes.every((byte, i) => byte === all[at + i])) places.push(at);
  }
  return places;
}

function mostFrequent(values: readonly number[]): number | undefined {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].toSorted(([, a], [, b]) => b - a)[0]?.[0];
}
