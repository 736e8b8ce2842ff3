/** Copies of sparse flash, and doubt about what happened to it. It knows nothing of operations. */
import type { Cells } from './cells.ts';

/** Puts into `cells` what is known of them in `known`. */
export function fillCells(cells: Cells, known: Cells): void {
  for (const { start, end, value, unknown } of cells) {
    for (const other of known) {
      if (other.end <= start) continue;
      if (other.start >= end) break;
      const low = Math.max(start, other.start);
      const high = Math.min(end, other.end);
      value.set(other.value.subarray(low - other.start, high - other.start), low - start);
      unknown.set(other.unknown.subarray(low - other.start, high - other.start), low - start);
    }
  }
}

export function cloneCells(cells: Cells): Cells {
  return cells.map(({ start, end, value, unknown, programmed }) => ({
    start,
    end,
    value: value.slice(),
    unknown: unknown.slice(),
    programmed: programmed?.slice(),
  }));
}

/** Makes `cells` hold what `from` does, which has the same pieces. */
export function copyInto(cells: Cells, from: Cells): Cells {
  for (let i = 0; i < cells.length; i++) {
    const one = cells[i];
    const other = from[i];
    if (!one || !other) continue;
    one.value.set(other.value);
    one.unknown.set(other.unknown);
    if (other.programmed) one.programmed?.set(other.programmed);
  }
  return cells;
}

/** Copies of the parts of `cells` that lie in any of `ranges`. */
export function copyCells(cells: Cells, ranges: readonly (readonly [number, number])[]): Cells {
  return cells.flatMap(({ start, end, value, unknown }) => {
    const touching = ranges.filter(([low, high]) => low < end && high > start);
    if (touching.length === 0) return [];
    const low = Math.max(start, Math.min(...touching.map(([from]) => from)));
    const high = Math.min(end, Math.max(...touching.map(([, to]) => to)));
    return [
      {
        start: low,
        end: high,
        value: value.slice(low - start, high - start),
        unknown: unknown.slice(low - start, high - start),
        programmed: undefined,
      },
    ];
  });
}

/** Whether [low, high) is erased, is not, or may be either. */
export function stateOfCells(
  cells: Cells,
  [low, high]: readonly [number, number],
  erased: number,
): 'blank' | 'used' | 'open' {
  let covered = 0;
  let isOpen = false;
  for (const { start, end, value, unknown } of cells) {
    const from = Math.max(low, start);
    const to = Math.min(high, end);
    for (let a = from; a < to; a++) {
      const open = unknown[a - start] ?? 0;
      if (((value[a - start] ?? 0) ^ erased) & ~open & 0xff) return 'used';
      if (open) isOpen = true;
    }
    covered += Math.max(0, to - from);
  }
  return isOpen || covered < high - low ? 'open' : 'blank';
}

/** What changed since `before` was copied may have happened or not: it is unknown now. */
export function doubtChanges(cells: Cells, before: Cells): void {
  for (const old of before) {
    const span = cells.find(({ start, end }) => old.start >= start && old.end <= end);
    if (!span) continue;
    for (let i = 0, o = old.start - span.start; i < old.value.length; i++, o++) {
      const open = (old.unknown[i] ?? 0) | (span.unknown[o] ?? 0) | ((old.value[i] ?? 0) ^ (span.value[o] ?? 0));
      span.unknown[o] = open;
      span.value[o] = (span.value[o] ?? 0) & ~open;
      if (open && span.programmed) span.programmed[o] = 0;
    }
  }
}
