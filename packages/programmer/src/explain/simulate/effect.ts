/** What an erase or a write does to cells, once it is known where its bytes go. */

import type { Combine, Primitive, Runs } from '../grammar/primitive.ts';
import {
  type Cells,
  clearBytes,
  clearCells,
  combineCells,
  eraseCells,
  fillErased,
  programUnits,
  type Span,
} from '../memory/cells.ts';
import type { Ground, Step } from '../recording/steps.ts';
import { arrivingBytes, type BytesOf, byteReader, exchanged } from './arriving.ts';
import { withHook } from './machine.ts';
import { type Transform, transformOf } from './transform.ts';

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
