/** Which bytes of a block arrive, through all that deviates in data, and out of blocks before it. It changes no cells. */

import { isOldMark, markedValue, NO_BYTE } from '../grammar/marks.ts';
import type { Primitive } from '../grammar/primitive.ts';
import type { ByteAt } from '../memory/cells.ts';
import { startOfPiece } from '../primitives/runs.ts';
import { type Step, stepBefore } from '../recording/steps.ts';
import { withHook } from './machine.ts';
import { lengthsOf, sourceIndices, type Transform, tableAt, transformOf } from './transform.ts';

/** All bytes of a block that only change their places and their values; `undefined` where anything else becomes of them. */
export function exchanged(bytes: Uint8Array, transform: Transform): Uint8Array | undefined {
  const { keys, moves, resizes, tables, isMovedLast } = transform;
  if (keys.length > 0 || moves.length === 0 || resizes) return undefined;
  const sources = sourceIndices(transform, bytes.length);
  const made = new Uint8Array(bytes.length);
  const { length } = bytes;
  for (let i = 0; i < length; i++) {
    const at = sources[i] ?? -1;
    if (at < 0 || at >= length) return undefined;
    made[i] = bytes[at] ?? 0;
  }
  if (tables.length === 0) return made;
  for (let i = 0; i < length; i++) {
    const table = tableAt(transform, isMovedLast ? (sources[i] ?? 0) : i);
    if (table) made[i] = table[made[i] ?? 0] ?? 0;
  }
  return made;
}

/** One byte of a block as it arrives through a chain of which only data deviate; -1 where none does. */
// oxlint-disable-next-line max-params -- called for each model: no object is made for one
export function arrivingByte(chain: readonly Primitive[], step: Step, steps: readonly Step[], i: number): number {
  const bytesOf: BytesOf = ({ bytes }) => bytes;
  return byteReader(step.bytes, transformOf(chain, step), { step, offset: step.address, steps, bytesOf })(i);
}

/** The bytes that a write has: its own, or those of another step. */
export function arrivingBytes(chain: readonly Primitive[], step: Step, steps: readonly Step[]): Uint8Array | undefined {
  const source = withHook(chain, step, 'source')?.source;
  const at = source?.instead(step, steps);
  if (at === undefined) return step.bytes;
  const bytes = at === 'none' ? undefined : steps[at]?.bytes;
  return source?.isCut ? bytes?.subarray(0, step.length) : bytes;
}

/** What a write has to change, before anything becomes of it. */
export type BytesOf = (step: Step) => Uint8Array | undefined;

interface OldByte {
  readonly step: Step;
  readonly bytes: Uint8Array;
  readonly index: number;
}

interface OldPlace {
  /** Index in the block. */
  readonly i: number;
  /** The last block that was so long; else only the block before. */
  readonly isBuffer: boolean;
  /** Blocks are cut into pieces at multiples of it: what is before a piece is the piece before. */
  readonly grain: number | undefined;
  readonly bytesOf: BytesOf;
}

/** The byte in the same place of the block before, or of the last one that was so long. */
function oldByte(step: Step, steps: readonly Step[], place: OldPlace): OldByte | undefined {
  const { i, isBuffer, grain, bytesOf } = place;
  const startIn = ({ address }: Step, index: number): number =>
    grain === undefined ? 0 : startOfPiece(address, index, grain);
  const inPiece = i - startIn(step, i);
  let end = i - inPiece;
  let bytes = bytesOf(step);
  for (let own: Step | undefined = step; own; own = stepBefore(own, steps, 'write')) {
    if (own !== step) {
      bytes = bytesOf(own);
      end = bytes?.length ?? 0;
    }
    while (end > 0 && bytes) {
      const start = startIn(own, end - 1);
      if (end - start > inPiece) return { step: own, bytes, index: start + inPiece };
      if (!isBuffer) return undefined;
      end = start;
    }
  }
  return undefined;
}

/** `offset`: what to add to an index to get its offset in flash. */
export function byteReader(
  bytes: Uint8Array,
  transform: Transform | undefined,
  { step, offset, steps, bytesOf }: { step: Step; offset: number; steps: readonly Step[]; bytesOf: BytesOf },
): ByteAt {
  const { length } = bytes;
  if (!transform) return (i) => (i < length ? (bytes[i] ?? -1) : -1);
  const { keys, moves, isMovedLast, grain } = transform;
  const { before, behind } = lengthsOf(transform, length);
  return (i) => {
    if (i >= behind) return -1;
    let at = i;
    let mark = 0;
    let old: OldByte | undefined;
    let lengths = before;
    // What comes of a block before has passed through the same deviations.
    for (let k = 0; k < moves.length && (mark === 0 || old); k++) {
      const next = moves[k]?.(at, lengths[k] ?? length) ?? at;
      if (next >= 0) at = next;
      else if (old) {
        // Of that block, something stood for this byte, or there was none.
        if (!isOldMark(next) && next !== NO_BYTE.none) mark = next;
        old = undefined;
      } else {
        mark = next;
        const isBuffer = mark !== NO_BYTE.before;
        old = isOldMark(mark) ? oldByte(step, steps, { i: at, isBuffer, grain, bytesOf }) : undefined;
        if (old) {
          at = old.index;
          lengths = lengthsOf(transform, old.bytes.length).before;
        }
      }
    }
    if (mark === NO_BYTE.none || (mark === 0 && at >= length)) return -1;
    let byte = mark === 0 ? (bytes[at] ?? 0) : old ? (old.bytes[at] ?? 0) : standIn(mark);
    // What no block has had passes only through what comes behind the move.
    if (isMovedLast && mark !== 0 && !old) return byte;
    const table = tableAt(transform, isMovedLast ? at : i);
    if (table) byte = table[byte] ?? 0;
    const by = isMovedLast ? old?.step : undefined;
    for (const key of keys) byte ^= key(i, (by ? by.address : offset) + i, by ?? step);
    return byte & 0xff;
  };
}

/** What stands where no block before had a byte. */
const standIn = (mark: number): number => (mark === NO_BYTE.blankBuffer ? 0xff : (markedValue(mark) ?? 0));
