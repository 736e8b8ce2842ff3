/** Cuts an access of memory into runs that a probe carries out at once: widths, its limits, and pages of the address register. Pure. */
import type { AccessWidth } from '../cortex/debug-access.ts';

export interface PiecesInput {
  readonly address: number;
  readonly length: number;
  /** Absent: bytes up to the first word, words, bytes. */
  readonly width: AccessWidth | undefined;
  readonly pageBytes: number;
  /** Of one run: what the buffer of the probe holds. */
  readonly mostBytes: number;
  /** Of one run with 8-bit accesses. */
  readonly bytesAtOnce: number;
  readonly can16: boolean;
}

export interface Piece {
  readonly at: number;
  readonly bytes: number;
  readonly width: AccessWidth;
}

/** @throws RangeError for a width to which address and length do not fit, or that the firmware does not know */
export function* accessPieces({
  address,
  length,
  width,
  pageBytes,
  mostBytes,
  bytesAtOnce,
  can16,
}: PiecesInput): Generator<Piece> {
  if (width !== undefined && (address % width !== 0 || length % width !== 0)) {
    throw new RangeError(`${length} bytes at 0x${address.toString(16)} cannot be accessed by ${width}`);
  }
  if (width === 2 && !can16) throw new RangeError('the firmware of this probe has no 16-bit accesses');
  const end = address + length;
  for (let at = address; at < end; ) {
    const each = width ?? widthAt(at, end);
    const most = each === 1 ? bytesAtOnce : mostBytes;
    const stop = width === undefined && each === 1 ? endOfBytes(at, end) : end;
    const bytes = Math.min(stop - at, most, pageBytes - (at % pageBytes));
    const whole = bytes - (bytes % each);
    yield { at, bytes: whole, width: each };
    at += whole;
  }
}

const widthAt = (at: number, end: number): AccessWidth => (at % 4 === 0 && end - at >= 4 ? 4 : 1);
/** Bytes up to the next word, or to the end. */
const endOfBytes = (at: number, end: number): number => (at % 4 === 0 ? end : Math.min(end, at + 4 - (at % 4)));
