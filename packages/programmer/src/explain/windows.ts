/** Small pieces of what was read, telling ones first: a model that is wrong in one of them is wrong. */
import type { Cells } from './cells.ts';
import { check, type Prices, touchesOf, windowCells } from './check.ts';
import type { Expectation } from './expect.ts';
import { type Machine, machineOf } from './machine.ts';
import type { Ground, Step } from './steps.ts';

export interface Window {
  readonly step: Step;
  readonly from: number;
  readonly to: number;
  /** Bytes in it that a right loader would not have given. */
  readonly differing: number;
  readonly touches: Uint8Array;
}

const WINDOW_BYTES = 64;
/** Reads that differ and get windows of their own, and reads that do not. */
const MOST_DIFFERING = 24;
const MOST_RIGHT = 12;

/** Windows of the given reads, those that tell most first. */
export function chooseWindows(reads: readonly Expectation[], ground: Ground, steps: readonly Step[]): Window[] {
  const differing = reads.filter((read) => read.differing > 0);
  const right = reads.filter((read) => read.differing === 0);
  const chosen = [...spreadOut(differing, MOST_DIFFERING), ...spreadOut(right, MOST_RIGHT)];
  const windows = chosen.flatMap((read) => {
    const { length } = read.step;
    const telling = tellingStart(read);
    const hashed = ((read.step.at * 2654435761) >>> 8) % Math.max(1, length);
    const starts = read.differing > 0 ? [telling, hashed, 0, length - WINDOW_BYTES] : [telling, length - WINDOW_BYTES];
    return [...new Set(starts.map((start) => startIn(start, length)))].map((from, rank) => ({ read, from, rank }));
  });
  windows.sort((a, b) => a.rank - b.rank);
  const right0 = machineOf([], ground);
  return windows.map(({ read, from }) => {
    const to = Math.min(from + WINDOW_BYTES, read.step.length);
    const touches = touchesOf(steps, windowCells(right0, steps, read.step, [from, to]));
    return {
      step: read.step,
      from,
      to,
      differing: read.differs.subarray(from, to).reduce((sum, one) => sum + one, 0),
      touches,
    };
  });
}

const startIn = (start: number, length: number): number => Math.max(0, Math.min(start & ~7, length - WINDOW_BYTES));

/** `most` of them, evenly, the first and the last among them. */
function spreadOut<T>(all: readonly T[], most: number): T[] {
  if (all.length <= most) return [...all];
  return Array.from({ length: most }, (_, i) => all[Math.round((i * (all.length - 1)) / (most - 1))]).flatMap((one) =>
    one === undefined ? [] : [one],
  );
}

/** Where most differs and most changes from byte to byte. */
function tellingStart({ step, differs }: Expectation): number {
  let best = 0;
  let most = -1;
  for (let from = 0; from < step.length; from += 32) {
    let worth = 0;
    for (let i = from; i < Math.min(from + WINDOW_BYTES, step.length); i++) {
      worth += 2 * (differs[i] ?? 0) + (step.bytes[i] === step.bytes[i + 1] ? 0 : 1);
    }
    if (worth > most) [most, best] = [worth, from];
  }
  return best;
}

/** Whether a model is exact in a window. */
export function fits(machine: Machine, window: Window, steps: readonly Step[], prices: Prices): boolean {
  const cells: Cells = windowCells(machine, steps, window.step, [window.from, window.to]);
  const options =
    machine.chains.read.length === 0
      ? { limit: 0, cells, touches: window.touches }
      : { limit: 0, cells, focus: window };
  return check(machine, steps, prices, options) !== undefined;
}
