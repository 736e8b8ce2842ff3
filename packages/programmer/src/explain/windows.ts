/** Small pieces of what was read, telling ones first: a model that is wrong in one of them is wrong. */
import type { Cells } from './cells.ts';
import { type Check, check, type Head } from './check.ts';
import type { Expectation } from './expect.ts';
import { type Machine, machineOf } from './machine.ts';
import type { Prices } from './prices.ts';
import { touchesOf, windowCells } from './read-cells.ts';
import type { Ground, Step } from './steps.ts';

export interface Window {
  readonly step: Step;
  readonly from: number;
  readonly to: number;
  /** Bytes in it that a right loader would not have given. */
  readonly differing: number;
  readonly touches: Uint8Array;
  /** Steps up to its read that can matter, by the kinds of operation that deviate. */
  readonly steps: Map<number, readonly Step[]>;
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
  return windows.map(({ read: { step, differs }, from }) => searchWindowOf(step, from, differs, { ground, steps }));
}

interface WindowGround {
  readonly ground: Ground;
  readonly steps: readonly Step[];
}

function searchWindowOf(
  step: Step,
  from: number,
  differs: Uint8Array | undefined,
  { ground, steps }: WindowGround,
): Window {
  const to = Math.min(from + WINDOW_BYTES, step.length);
  const touches = touchesOf(steps, windowCells(machineOf([], ground), steps, step, [from, to]));
  const differing = differs?.subarray(from, to).reduce((sum, one) => sum + one, 0) ?? 0;
  return { step, from, to, differing, touches, steps: new Map() };
}

/** A window around a byte that a model gets wrong: the next that is wrong in the same way falls there at once. */
export function windowAround(step: Step, i: number, surroundings: WindowGround): Window {
  return searchWindowOf(step, startIn(i - WINDOW_BYTES / 2, step.length), undefined, surroundings);
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

interface WindowRun {
  readonly steps: readonly Step[];
  readonly prices: Prices;
  readonly head: Head | undefined;
  readonly differs: ReadonlyMap<number, Uint8Array>;
}

/** Whether a model is exact in a window. */
export const fits = (machine: Machine, window: Window, run: WindowRun): boolean =>
  checkWindow(machine, window, run) !== undefined;

/** What a model says of a window; `undefined` where it is wrong there. */
export function checkWindow(
  machine: Machine,
  window: Window,
  { steps, prices, head, differs }: WindowRun,
): Check | undefined {
  const cells: Cells = windowCells(machine, steps, window.step, [window.from, window.to]);
  const isReadRight = machine.chains.read.length === 0;
  const some = stepsFor(machine, window, steps);
  const options = {
    limit: 0,
    cells,
    focus: window,
    some,
    head,
    counted: differs,
    ...(isReadRight && { touches: window.touches }),
  };
  return check(machine, steps, prices, options);
}

/** As `checkWindow`, but no other read is believed: they may have been wrong themselves. */
export function checkWindowAlone(
  machine: Machine,
  window: Window,
  { steps, prices, differs }: WindowRun,
): Check | undefined {
  const cells: Cells = windowCells(machine, steps, window.step, [window.from, window.to]);
  const some = stepsFor(machine, window, steps).filter(({ kind, at }) => kind !== 'read' || at === window.step.at);
  return check(machine, steps, prices, { limit: 0, cells, focus: window, some, counted: differs });
}

function stepsFor({ chains }: Machine, window: Window, steps: readonly Step[]): readonly Step[] {
  const deviates = { erase: chains.erase.length > 0, write: chains.write.length > 0, read: chains.read.length > 0 };
  const key = Number(deviates.erase) + 2 * Number(deviates.write) + 4 * Number(deviates.read);
  const known = window.steps.get(key);
  if (known) return known;
  const { touches, step: last } = window;
  const some = steps.filter(
    ({ kind, at }) => at <= last.at && (deviates.read || deviates[kind] || touches[at] === 1 || at === last.at),
  );
  window.steps.set(key, some);
  return some;
}
