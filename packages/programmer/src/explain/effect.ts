/** What an erase or a write does to cells, once it is known where its bytes go. */
import {
  type ByteAt,
  type Cells,
  clearBytes,
  clearCells,
  combineCells,
  eraseCells,
  fillErased,
  programUnits,
  type Span,
} from './cells.ts';
import { withHook } from './machine.ts';
import { isOldMark, markedValue, NO_BYTE } from './marks.ts';
import type { Combine, Primitive, Runs } from './primitive.ts';
import { startOfPiece } from './primitives/runs.ts';
import { type Ground, type Step, stepBefore } from './steps.ts';
import { lengthsOf, sourceIndices, type Transform, tableAt, transformOf } from './transform.ts';

/** Calls `each` with every part of `runs` that lies in flash and in a span. */
export function overlaps(
  cells: Cells,
  runs: Runs,
  each: (span: Span, low: number, high: number, from: number) => void,
): void {
  for (let r = 0; r < runs.length; r += 3) {
    const to = runs[r + 1] ?? 0;
    const end = to + (runs[r + 2] ?? 0);
    for (const span of cells) {
      if (span.end <= to) continue;
      if (span.start >= end) break;
      const low = Math.max(to, span.start);
      each(span, low, Math.min(end, span.end), (runs[r] ?? 0) + low - to);
    }
  }
}

/** As `overlaps`, without what lies outside the flash: nothing changes there. */
function changesMade(
  { size }: Ground,
  cells: Cells,
  runs: Runs,
  each: (span: Span, low: number, high: number, from: number) => void,
): void {
  overlaps(cells, runs, (span, start, end, from) => {
    const low = Math.max(0, start);
    const high = Math.min(size, end);
    if (low < high) each(span, low, high, from + low - start);
  });
}

export function eraseRuns(
  cells: Cells,
  runs: Runs,
  chain: readonly Primitive[],
  { step, ground }: { step: Step; ground: Ground },
): void {
  const special = withHook(chain, step, 'erasesTo');
  changesMade(ground, cells, runs, (span, low, high) => {
    if (!special?.erasesTo) {
      eraseCells(span, low, high, ground.erasedValue);
      return;
    }
    for (let o = low - span.start; o < high - span.start; o++) {
      const unknown = special.erasesUnknown?.(span.unknown[o] ?? 0) ?? 0;
      span.value[o] = special.erasesTo(span.value[o] ?? 0) & ~unknown;
      span.unknown[o] = unknown;
    }
  });
}

interface Writing {
  readonly step: Step;
  readonly ground: Ground;
  readonly steps: readonly Step[];
}

export function writeRuns(
  cells: Cells,
  runs: Runs,
  chain: readonly Primitive[],
  { step, ground, steps }: Writing,
): void {
  const bytesOf: BytesOf = (one) => arrivingBytes(chain, one, steps);
  const bytes = bytesOf(step);
  if (!bytes) return;

  const transform = chain.length > 0 ? transformOf(chain, step) : undefined;
  const combine = withHook(chain, step, 'combine')?.combine;
  // Who writes back what stood there with bits cleared has erased it first: no unit refuses.
  const arrived = { bytes, transform, how: combine ?? 'and', unit: combine === 'and' ? 1 : ground.unit };
  const program = (some: Runs): void => programRuns(cells, some, arrived, { step, ground, steps, bytesOf });
  const erasesFirst = withHook(chain, step, 'erasesFirst')?.erasesFirst;
  if (!erasesFirst) {
    program(runs);
    return;
  }
  // All pieces erase where they go before the first of them is programmed.
  for (let r = 0; r < runs.length; r += 3) {
    const [start, end] = erasesFirst({ ...step, address: runs[r + 1] ?? 0, length: runs[r + 2] ?? 0 }, ground);
    changesMade(ground, cells, [0, start, end - start], (span, low, high) =>
      eraseCells(span, low, high, ground.erasedValue),
    );
  }
  program(runs);
}

interface Arrived {
  readonly bytes: Uint8Array;
  readonly transform: Transform | undefined;
  readonly how: Combine;
  /** What is programmed at once, and refused where it is not erased. */
  readonly unit: number;
}

function programRuns(
  cells: Cells,
  runs: Runs,
  { bytes, transform, how, unit }: Arrived,
  { step, ground, steps, bytesOf }: Writing & { readonly bytesOf: BytesOf },
): void {
  const { erasedValue: erased } = ground;
  const arrived =
    transform && cells.some(({ start, end }) => end - start >= bytes.length) && exchanged(bytes, transform);
  changesMade(ground, cells, runs, (span, low, high, from) => {
    const own = arrived || (transform ? undefined : bytes);
    if (own && how === 'and' && from >= 0) {
      const arriving = { low, high, bytes: own, from };
      if (fillErased(span, arriving, unit, erased)) return;
      if (unit === 1) {
        clearBytes(span, arriving);
        return;
      }
    }
    const byteAt = own
      ? byteReader(own, undefined, { step, offset: 0, steps, bytesOf })
      : byteReader(bytes, transform, { step, offset: low - from, steps, bytesOf });
    if (how !== 'and') combineCells(span, [low, high], from, { byteAt, how });
    else if (unit === 1) clearCells(span, [low, high], from, byteAt);
    else programUnits(span, [low, high], from, { byteAt, unit, erased });
  });
}

/** All bytes of a block that only change their places and their values; `undefined` where anything else becomes of them. */
function exchanged(bytes: Uint8Array, transform: Transform): Uint8Array | undefined {
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

/** The bytes that a write has: its own, or those of another step. */
function arrivingBytes(chain: readonly Primitive[], step: Step, steps: readonly Step[]): Uint8Array | undefined {
  const source = withHook(chain, step, 'source')?.source;
  const at = source?.instead(step, steps);
  if (at === undefined) return step.bytes;
  const bytes = at === 'none' ? undefined : steps[at]?.bytes;
  return source?.isCut ? bytes?.subarray(0, step.length) : bytes;
}

/** What a write has to change, before anything becomes of it. */
type BytesOf = (step: Step) => Uint8Array | undefined;

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
function byteReader(
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
