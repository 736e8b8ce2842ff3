/** Pieces of a long operation on the memory of a chip behind a probe: what is read at once, what is told of progress. */
import { FlashError, hasCode } from '../errors.ts';
import type { Range, Region } from '../target/geometry.ts';
import type { DebugProbe } from './debug-probe.ts';

/** Of one piece of a read: few commands each, so that an abort is heard soon. */
const CHUNK_BYTES = 4096;
/** Of the first: whoever only wants to know whether anything differs needs no more, and each word takes its time on the line. */
const FIRST_CHUNK_BYTES = 256;

/** @returns where the piece of a read of this range ends that begins at `address` */
export function endOfPiece({ start, end }: Range, address: number): number {
  const most = address === start ? FIRST_CHUNK_BYTES : CHUNK_BYTES;
  return Math.min(end, address - (address % most) + most);
}

export const isByteMemory = ({ kind }: Region): boolean => kind === 'otp' || kind === 'eeprom';

export interface PieceOptions {
  readonly region: Region;
  /** Whether the chip is known to be closed to debuggers. */
  readonly isProtected: boolean;
}

/** @throws FlashError `device/read-protected` for a memory that read protection closes; what the probe throws */
export async function readPiece(
  probe: DebugProbe,
  range: Range,
  { region, isProtected }: PieceOptions,
): Promise<Uint8Array> {
  // Whole words are read: one command instead of three. OTP that is programmed by half-words is read by them.
  const start = range.start - (range.start % 4);
  const end = Math.ceil(range.end / 4) * 4;
  try {
    const bytes = await probe.readMemory(start, end - start, { width: region.writeSize === 2 ? 2 : 4 });
    return bytes.slice(range.start - start, range.end - start);
  } catch (error) {
    const isClosed = isProtected && (region.kind === 'flash' || isByteMemory(region));
    if (isClosed && hasCode(error, 'probe/refused')) {
      throw new FlashError('device/read-protected', { operation: 'read', address: range.start, debugger: true }, error);
    }
    throw error;
  }
}

/** Calls on only when there is more than before. */
export function increasing(tell: (done: number) => void): (done: number) => void {
  let before = 0;
  return (done) => {
    if (done <= before) return;
    before = done;
    tell(done);
  };
}
