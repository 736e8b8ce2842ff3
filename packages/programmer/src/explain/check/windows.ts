/** Small pieces of what was read, telling ones first: a model that is wrong in one of them is wrong. */

import type { Primitive } from '../grammar/primitive.ts';
import { cloneCells, copyInto, fillCells } from '../memory/cell-states.ts';
import type { Cells } from '../memory/cells.ts';
import type { Ground, Step, StepKind } from '../recording/steps.ts';
import { lastErase, stepsTouching } from '../simulate/boxes.ts';
import { type Machine, machineOf } from '../simulate/machine.ts';
import { touchesOf, windowCells } from '../simulate/read-cells.ts';
import { readBefore } from '../simulate/read-plan.ts';
import { check, type Head } from './check.ts';
import type { Check } from './check-state.ts';
import type { Expectation } from './expect.ts';

export interface Window {
  readonly step: Step;
  readonly from: number;
  readonly to: number;
  /** Bytes in it that a right loader would not have given. */
  readonly differing: number;
  readonly touches: Uint8Array;
  /** What is known to stand behind it before anything changes, where reads do not deviate. */
  readonly cells: Cells;
  /** As many cells, for one check after another: what they hold counts for nothing in between. */
  readonly scratch: Cells;
  /** Steps up to its read that touch it in a right loader. */
  readonly asAsked: Readonly<Record<StepKind, readonly Step[]>>;
  /** All of them, and those since the last erase of all of it. */
  readonly all: readonly Step[];
  readonly anew: readonly Step[];
}

const WINDOW_BYTES = 64;
/** Reads that differ and get windows of their own, and reads that do not. */
const MOST_DIFFERING = 24;
const MOST_RIGHT = 12;

/** Windows of the given reads, those that tell most first. */
export function chooseWindows(reads: readonly Expectation[], surroundings: WindowGround): Window[] {
  const differing = reads.filter((read) => read.differing > 0);
  const right = reads.filter((read) => read.differing === 0);
  const { erasedValue } = surroundings.ground;
  const wrong = withContent(differing, ({ step: { bytes } }) => bytes, { erasedValue, most: MOST_DIFFERING });
  const chosen = [...wrong, ...spreadOut(right, MOST_RIGHT)];
  const windows = chosen.flatMap((read) => {
    const { length } = read.step;
    const telling = tellingStart(read);
    const hashed = ((read.step.at * 2654435761) >>> 8) % Math.max(1, length);
    const others = read.differing > 0 ? [telling, hashed, 0, length - WINDOW_BYTES] : [telling, length - WINDOW_BYTES];
    // Nothing was before the first read: what stands in for bytes there is known.
    const starts = read === reads[0] ? [0, ...others] : others;
    return [...new Set(starts.map((start) => startIn(start, length)))].map((from, rank) => ({ read, from, rank }));
  });
  windows.sort((a, b) => a.rank - b.rank);
  return windows.map(({ read: { step, differs }, from }) => searchWindowOf(step, from, differs, surroundings));
}

/** Of those that are chosen, the share that has content, if there are enough of these: that nothing arrived is soon explained. */
const CONTENT_SHARE = 0.75;

/** `most` of them, evenly, those that are not blank preferred. */
export function withContent<T>(
  all: readonly T[],
  bytesOf: (one: T) => Uint8Array,
  { erasedValue, most }: { readonly erasedValue: number; readonly most: number },
): T[] {
  if (all.length <= most) return [...all];
  const isBlank = (one: T): boolean => bytesOf(one).every((byte) => byte === erasedValue);
  const blank = all.filter(isBlank);
  const others = all.filter((one) => !blank.includes(one));
  const n = Math.min(others.length, Math.max(Math.round(most * CONTENT_SHARE), most - blank.length));
  const chosen = new Set([...spreadOut(others, n), ...spreadOut(blank, most - n)]);
  return all.filter((one) => chosen.has(one));
}

interface WindowGround {
  readonly ground: Ground;
  readonly steps: readonly Step[];
  readonly head: Head | undefined;
}

function searchWindowOf(
  step: Step,
  from: number,
  differs: Uint8Array | undefined,
  { ground, steps, head }: WindowGround,
): Window {
  const to = Math.min(from + WINDOW_BYTES, step.length);
  const cells = windowCells(machineOf([], ground), steps, step, [from, to]);
  const touches = touchesOf(steps, cells);
  const differing = differs?.subarray(from, to).reduce((sum, one) => sum + one, 0) ?? 0;
  if (head) fillCells(cells, head.cells);
  const own = steps.filter(({ at }) => touches[at] === 1 && at <= step.at);
  const of = (kind: StepKind): Step[] => own.filter((each) => each.kind === kind);
  const asAsked = { erase: of('erase'), write: of('write'), read: of('read') };
  const first = lastErase(steps, cells, step.at);
  const anew = own.filter(({ at }) => at >= first);
  return { step, from, to, differing, touches, cells, scratch: cloneCells(cells), asAsked, all: own, anew };
}

/** A window around a byte that a model gets wrong: the next that is wrong in the same way falls there at once. */
export function windowAround(step: Step, i: number, surroundings: WindowGround): Window {
  return searchWindowOf(step, startIn(i - WINDOW_BYTES / 2, step.length), undefined, surroundings);
}

const startIn = (start: number, length: number): number => Math.max(0, Math.min(start & ~7, length - WINDOW_BYTES));

/** `most` of them, evenly, the first and the last among them. */
export function spreadOut<T>(all: readonly T[], most: number): T[] {
  if (all.length <= most) return [...all];
  if (most < 2) return all.slice(0, most);
  return Array.from({ length: most }, (_, i) => all[Math.round((i * (all.length - 1)) / (most - 1))]).flatMap((one) =>
    one === undefined ? [] : [one],
  );
}

/** Where most differs and most changes from byte to byte: two halves of a window side by side. */
function tellingStart(read: Expectation): number {
  const { length } = read.step;
  let best = 0;
  let most = -1;
  let worth = worthOf(read, 0);
  for (let from = 0; from < length; from += HALF_WINDOW) {
    const next = worthOf(read, from + HALF_WINDOW);
    if (worth + next > most) [most, best] = [worth + next, from];
    worth = next;
  }
  return best;
}

const HALF_WINDOW = WINDOW_BYTES / 2;

function worthOf({ step: { bytes }, differs }: Expectation, from: number): number {
  let worth = 0;
  for (let i = from; i < Math.min(from + HALF_WINDOW, bytes.length); i++)
    worth += 2 * (differs[i] ?? 0) + (bytes[i] === bytes[i + 1] ? 0 : 1);
  return worth;
}

interface WindowRun {
  readonly steps: readonly Step[];
  readonly head: Head | undefined;
  readonly differs: ReadonlyMap<number, Uint8Array>;
}

/** Whether a model is exact in a window. */
export const fits = (machine: Machine, window: Window, run: WindowRun): boolean =>
  checkWindow(machine, window, run) !== undefined;

/** What a model says of a window; `undefined` where more than `limit` bytes of it are wrong. */
export function checkWindow(
  machine: Machine,
  window: Window,
  { steps, head, differs }: WindowRun,
  limit = 0,
): Check | undefined {
  const isReadRight = machine.chains.read.length === 0;
  const cells = isReadRight
    ? copyInto(window.scratch, window.cells)
    : windowCells(machine, steps, window.step, [window.from, window.to]);
  const some = stepsFor(machine, window, cells, steps);
  const touches = isReadRight ? window.touches : undefined;
  return check(machine, steps, { limit, cells, focus: window, some, head, counted: differs, touches });
}

/** As `checkWindow`, but no other read is believed: they may have been wrong themselves. */
export function checkWindowAlone(
  machine: Machine,
  window: Window,
  { steps, differs }: WindowRun,
  limit = 0,
): Check | undefined {
  const cells: Cells = windowCells(machine, steps, window.step, [window.from, window.to]);
  const some = stepsFor(machine, window, cells, steps).filter(
    ({ kind, at }) => kind !== 'read' || at === window.step.at,
  );
  return check(machine, steps, { limit, cells, focus: window, some, counted: differs });
}

/** Steps up to the window's read that may touch what stands behind it. */
function stepsFor(machine: Machine, window: Window, cells: Cells, steps: readonly Step[]): readonly Step[] {
  const { chains, order } = machine;
  // Which come late is known only from all of them.
  if (order) return steps;
  const { step, asAsked } = window;
  const isReadRight = chains.read.length === 0;
  const isAnew = startsAnew(machine);
  const areErasesAsAsked = isReadRight && !moves(chains.erase);
  const areWritesAsAsked = isReadRight && !moves(chains.write);
  if (areErasesAsAsked && areWritesAsAsked) return isAnew ? window.anew : window.all;
  const [low, high] = boundsOfCells(cells);
  const range = { low, high, first: isAnew ? firstThatMatters(machine, steps, step, cells) : 0, last: step.at };
  const erases = areErasesAsAsked ? asAsked.erase : stepsTouching(machine, steps, 'erase', range);
  const writes = areWritesAsAsked ? asAsked.write : stepsTouching(machine, steps, 'write', range);
  const reads = isReadRight ? asAsked.read : stepsTouching(machine, steps, 'read', range);
  const some = inOrder(inOrder(erases, writes, range.first), reads, range.first);
  if (some.at(-1) !== step) some.push(step);
  return some;
}

/** Steps of two lists, each in turn, from the place `first` on. */
function inOrder(one: readonly Step[], other: readonly Step[], first: number): Step[] {
  const both: Step[] = [];
  let j = 0;
  for (const step of one) {
    if (step.at < first) continue;
    for (let next = other[j]; next && next.at < step.at; next = other[++j]) if (next.at >= first) both.push(next);
    both.push(step);
  }
  for (let next = other[j]; next; next = other[++j]) if (next.at >= first) both.push(next);
  return both;
}

function moves(chain: readonly Primitive[]): boolean {
  for (const { hooks } of chain) if (hooks.runs) return true;
  return false;
}

const boundsOfCells = (cells: Cells): readonly [number, number] => [cells[0]?.start ?? 0, cells.at(-1)?.end ?? 0];

/** Whether nothing matters that was before an erase: it is as asked, and no read repeats what was long before it. */
const startsAnew = ({ chains }: Machine): boolean =>
  chains.erase.length === 0 &&
  !chains.read.some(({ hooks }) => hooks.source !== undefined || hooks.lines !== undefined);

/** Place of the last erase of the cells of a read; of all steps where it looks back at a read before that. */
function firstThatMatters({ chains }: Machine, steps: readonly Step[], step: Step, cells: Cells): number {
  const first = lastErase(steps, cells, step.at);
  const back = chains.read.some(({ hooks }) => hooks.data?.looksBack) ? readBefore(step, steps) : step;
  return back && back.at >= first ? first : 0;
}
