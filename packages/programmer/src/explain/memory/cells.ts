/** Sparse flash whose bits may be unknown, with plain and with ECC cells. It knows nothing of operations. */

import type { KnownContent } from '../recording/record.ts';
import { clearBits, filledUpTo } from './fours.ts';

/**
 * A piece of flash. Where a bit of `unknown` is set, that of `value` is 0. Wherever one is made, its members come in this
 * order and all of them: loops over cells are several times slower where an engine meets spans of several layouts.
 */
export interface Span {
  readonly start: number;
  readonly end: number;
  readonly value: Uint8Array;
  readonly unknown: Uint8Array;
  /** 1 at the start of each unit that was programmed, whatever with; `undefined` where the content alone tells. */
  readonly programmed: Uint8Array | undefined;
}

/** Pieces in ascending order. */
export type Cells = readonly Span[];

function unknownSpan(start: number, end: number, isEcc: boolean): Span {
  const value = new Uint8Array(end - start);
  const unknown = new Uint8Array(end - start).fill(0xff);
  return { start, end, value, unknown, programmed: isEcc ? new Uint8Array(end - start) : undefined };
}

/** Gaps up to this size are simulated along: fewer pieces are quicker than fewer bytes. */
const NEAR = 16;

export interface Limits {
  readonly size: number;
  readonly unit: number;
  /** A unit that was programmed with erased bytes is programmed all the same. */
  readonly isEcc: boolean;
  readonly erasedValue: number;
  /** Nothing was asked for outside the flash, so that nothing need be there. */
  readonly isAlone: boolean;
  /** What stands outside, at offsets. */
  readonly known: readonly KnownContent[];
}

/**
 * Unknown cells at `ranges` ([start, end) pairs), widened to whole units. Where no memory is, a read is taken to give
 * erased bytes: a guess, and what a loader with a deviating address usually gives there.
 */
export function unknownCells(
  ranges: readonly (readonly [number, number])[],
  { unit, size, erasedValue, isAlone, isEcc, known }: Limits,
): Cells {
  const sorted = ranges.length > 1 ? [...ranges].sort((a, b) => a[0] - b[0]) : ranges;
  const spans: [number, number][] = [];
  for (const range of sorted) {
    const start = Math.floor(range[0] / unit) * unit;
    const end = Math.ceil(range[1] / unit) * unit;
    const last = spans.at(-1);
    if (last && start <= last[1] + NEAR) last[1] = Math.max(last[1], end);
    else spans.push([start, end]);
  }
  return spans.map(([start, end]) => {
    const span = unknownSpan(start, end, isEcc);
    if (isAlone && start < 0) eraseCells(span, start, Math.min(0, end), erasedValue);
    if (isAlone && end > size) eraseCells(span, Math.max(size, start), end, erasedValue);
    know(span, known);
    return span;
  });
}

/** Puts into a span what is known to stand there. */
export function know({ start, end, value, unknown }: Span, known: readonly KnownContent[]): void {
  for (const { address, bytes } of known) {
    if (address >= end || address + bytes.length <= start) continue;
    for (const [i, byte] of bytes.entries()) {
      const at = address + i - start;
      if (at < 0 || at >= value.length) continue;
      value[at] = byte;
      unknown[at] = 0;
    }
  }
}

/** Erases [low, high) of a span. */
export function eraseCells({ start, value, unknown, programmed }: Span, low: number, high: number, to: number): void {
  programmed?.fill(0, low - start, high - start);
  value.fill(to, low - start, high - start);
  unknown.fill(0, low - start, high - start);
}

export type ByteAt = (index: number) => number;

/** Bits are only cleared; a byte below 0 does not arrive. `from` is the index of the byte for `low`. */
export function clearCells(
  { start, value, unknown }: Span,
  range: readonly [number, number],
  from: number,
  byteAt: ByteAt,
): void {
  const [low, high] = range;
  for (let o = low - start, i = from; o < high - start; o++, i++) {
    const byte = byteAt(i);
    if (byte < 0) continue;
    value[o] = (value[o] ?? 0) & byte;
    unknown[o] = (unknown[o] ?? 0) & byte;
  }
}

/** As `clearCells`, for bytes as they are; what lies behind them does not arrive. */
export function clearBytes({ start, value, unknown }: Span, { low, high, bytes, from }: Arriving): void {
  const length = Math.min(high - low, bytes.length - from);
  clearBits(value, low - start, bytes, from, length);
  clearBits(unknown, low - start, bytes, from, length);
}

/**
 * Cells of which nothing is known, from that of index `i` on and each `by` further on in its span, hold what was read.
 * @returns the first index of another cell
 */
// oxlint-disable-next-line max-params -- called for each stretch of bytes: no object is made for one
export function learnOpen(bytes: Uint8Array, { value, unknown }: Span, i: number, end: number, by: number): number {
  const length = filledUpTo(unknown, 0xff, i + by, end + by) - by - i;
  copyBytes(value, i + by, { bytes, index: i, length });
  unknown.fill(0, i + by, i + by + length);
  return i + length;
}

/** Bytes for [low, high), from index `from` on. */
export interface Arriving {
  readonly low: number;
  readonly high: number;
  readonly bytes: Uint8Array;
  readonly from: number;
}

/** Units that are erased take their bytes, others nothing; one that may be erased becomes unknown where that matters. */
export function programUnits(
  span: Span,
  range: readonly [number, number],
  from: number,
  { byteAt, unit, erased }: { byteAt: ByteAt; unit: number; erased: number },
): void {
  const [low, high] = range;
  for (let at = Math.floor(low / unit) * unit; at < high; at += unit) {
    const state = unitState(span, at, unit, erased);
    if (allZero(span, at, unit, { low, high, from, byteAt })) {
      eraseCells(span, at, at + unit, 0);
      continue;
    }
    if (state === 'programmed') continue;
    let isMet = false;
    for (let a = Math.max(at, low); a < Math.min(at + unit, high); a++) {
      const byte = byteAt(from + a - low);
      if (byte < 0) continue;
      isMet = true;
      programByte(span, a - span.start, byte, state);
    }
    if (isMet && span.programmed) span.programmed[at - span.start] = 1;
  }
}

function allZero(
  span: Span,
  at: number,
  unit: number,
  { low, high, from, byteAt }: { low: number; high: number; from: number; byteAt: ByteAt },
): boolean {
  if (at < low || at + unit > high || at < span.start || at + unit > span.end) return false;
  for (let a = at; a < at + unit; a++) if (byteAt(from + a - low) !== 0) return false;
  return true;
}

function programByte({ value, unknown }: Span, o: number, byte: number, state: 'erased' | 'open'): void {
  if (state === 'erased') {
    value[o] = byte;
    return;
  }
  // Either nothing happens or the byte arrives: known only where both give the same.
  const old = value[o] ?? 0;
  const open = unknown[o] ?? 0;
  const differs = (old ^ byte) & ~open;
  const stays = open & ~byte;
  // An open bit that receives a 1 stays open; one that receives a 0 may be anything too.
  unknown[o] = open | differs | stays;
  value[o] = old & ~(unknown[o] ?? 0);
}

function unitState(
  { start, end, value, unknown, programmed }: Span,
  at: number,
  unit: number,
  erased: number,
): 'erased' | 'open' | 'programmed' {
  if (programmed?.[at - start]) return 'programmed';
  let open = false;
  for (let o = at - start; o < Math.min(at + unit, end) - start; o++) {
    if (((value[o] ?? 0) ^ erased) & ~(unknown[o] ?? 0)) return 'programmed';
    if (unknown[o]) open = true;
  }
  return open ? 'open' : 'erased';
}

const holdsOnly = (bytes: Uint8Array, byte: number, from: number, to: number): boolean =>
  filledUpTo(bytes, byte, from, to) === to;

/** Few bytes are quicker one by one than through a view. */
const FEW = 128;

function copyBytes(
  to: Uint8Array,
  at: number,
  { bytes, index, length }: { readonly bytes: Uint8Array; readonly index: number; readonly length: number },
): void {
  if (length > FEW) to.set(bytes.subarray(index, index + length), at);
  else for (let i = 0; i < length; i++) to[at + i] = bytes[index + i] ?? 0;
}

function markUnits(programmed: Uint8Array, unit: number, from: number, to: number): void {
  for (let o = from; o < to; o += unit) programmed[o] = 1;
}

/** Bytes that arrive as they are, into cells that are known to be erased: they are simply there. `false`: not so. */
export function fillErased(
  { start, value, unknown, programmed }: Span,
  { low, high, bytes, from: index }: Arriving,
  unit: number,
  erased: number,
): boolean {
  const from = low - start;
  const to = high - start;
  if (low % unit !== 0 || high % unit !== 0 || bytes.length - index < to - from) return false;
  if (!holdsOnly(value, erased, from, to) || !holdsOnly(unknown, 0, from, to)) return false;
  if (programmed) {
    if (!holdsOnly(programmed, 0, from, to)) return false;
    markUnits(programmed, unit, from, to);
  }
  copyBytes(value, from, { bytes, index, length: to - from });
  return true;
}

/** As RAM does, or an exclusive-or: ways in which no flash cell behaves, but a loader may. */
export function combineCells(
  { start, value, unknown }: Span,
  range: readonly [number, number],
  from: number,
  { byteAt, how }: { byteAt: ByteAt; how: 'overwrite' | 'or' | 'xor' },
): void {
  const [low, high] = range;
  for (let o = low - start, i = from; o < high - start; o++, i++) {
    const byte = byteAt(i);
    if (byte < 0) continue;
    const open = unknown[o] ?? 0;
    const old = value[o] ?? 0;
    unknown[o] = how === 'overwrite' ? 0 : how === 'or' ? open & ~byte : open;
    value[o] = (how === 'overwrite' ? byte : how === 'or' ? old | byte : old ^ byte) & ~(unknown[o] ?? 0);
  }
}
