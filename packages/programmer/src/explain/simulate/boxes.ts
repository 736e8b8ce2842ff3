/** Bounds of where the operations of one kind can go, kept for each deviation of places. It knows no cells. */

import type { Hooks, Primitive } from '../grammar/primitive.ts';
import type { Cells } from '../memory/cells.ts';
import { firstFrom } from '../recording/ascending.ts';
import { type Ground, type Step, type StepKind, sectorAt } from '../recording/steps.ts';
import { applies, type Machine, mayTouch } from './machine.ts';

/** For each step of a kind, by its place among them, the offsets between which its bytes lie. */
interface Boxes {
  readonly starts: Float64Array;
  readonly ends: Float64Array;
}

/** The steps of one kind, and what is known of where they go. */
interface KindOfSteps {
  readonly steps: readonly Step[];
  readonly asAsked: Boxes;
  /** Where steps begin each of which starts and ends above the one before, and how many steps there are. */
  readonly climbs: readonly number[];
  /** With one deviation, in all of them. */
  readonly moved: Map<Hooks, Boxes | undefined>;
  /** Deviations that were looked at once without that. */
  readonly met: Set<Hooks>;
}

type StepsByKind = Readonly<Record<StepKind, KindOfSteps>>;

const known = new WeakMap<readonly Step[], StepsByKind>();

function byKind(steps: readonly Step[]): StepsByKind {
  const made = known.get(steps) ?? {
    erase: stepsOfKind(steps, 'erase'),
    write: stepsOfKind(steps, 'write'),
    read: stepsOfKind(steps, 'read'),
  };
  known.set(steps, made);
  return made;
}

function stepsOfKind(all: readonly Step[], kind: StepKind): KindOfSteps {
  const steps = all.filter((step) => step.kind === kind);
  const starts = Float64Array.from(steps, ({ address }) => address);
  const ends = Float64Array.from(steps, ({ address, length }) => address + length);
  const climbs = steps.flatMap((_, i) =>
    i > 0 && (starts[i] ?? 0) > (starts[i - 1] ?? 0) && (ends[i] ?? 0) > (ends[i - 1] ?? 0) ? [] : [i],
  );
  return { steps, asAsked: { starts, ends }, climbs: [...climbs, steps.length], moved: new Map(), met: new Set() };
}

/** Offsets, and places among all steps. */
interface Around {
  readonly low: number;
  readonly high: number;
  readonly first: number;
  readonly last: number;
}

/** Those of one kind that may touch [low, high), in their order, from the place `first` up to `last` among all steps. */
export function stepsTouching(
  { chains, ground }: Machine,
  steps: readonly Step[],
  kind: StepKind,
  around: Around,
): Step[] {
  const own = byKind(steps)[kind];
  const chain = chains[kind];
  const [only] = chain;
  if (chain.length === 1 && only?.hooks.distance !== undefined)
    return touchingNear(own, only.hooks.distance, kind === 'erase' ? wholeSectors(ground, around) : around);
  // Most deviations are looked at in one window alone.
  if (chain.length === 1 && only && !own.met.has(only.hooks)) {
    own.met.add(only.hooks);
    return touchingAlone(own.steps, chain, ground, around);
  }
  const { low, high, first, last } = around;
  const boxes = boxesOf(own, chain, ground);
  const touching: Step[] = [];
  for (let i = 0; i < own.steps.length; i++) {
    const step = own.steps[i];
    if (!step || step.at > last) break;
    if (step.at < first) continue;
    if (!boxes || ((boxes.starts[i] ?? 0) < high && (boxes.ends[i] ?? 0) > low)) touching.push(step);
  }
  return touching;
}

/** Erases take whole sectors. */
function wholeSectors(ground: Ground, { low, high, first, last }: Around): Around {
  const [lowest, highest] = [sectorAt(ground, low), sectorAt(ground, high - 1)];
  return {
    low: lowest < 0 ? low : (ground.edges[lowest] ?? low),
    high: highest < 0 ? high : (ground.edges[highest + 1] ?? high),
    first,
    last,
  };
}

/** Those that touch [low, high) as they are asked, or so far above or below. */
function touchingNear(own: KindOfSteps, distance: number, { low, high, first, last }: Around): Step[] {
  const { steps, asAsked, climbs } = own;
  const { starts, ends } = asAsked;
  const touching: Step[] = [];
  for (let n = 1; n < climbs.length; n++) {
    const end = climbs[n] ?? 0;
    let i = climbs[n - 1] ?? 0;
    for (let by = -distance; by <= distance; by += Math.max(1, distance)) {
      i = firstFrom(ends, low + by + 1, i, end);
      for (; i < end && (starts[i] ?? 0) < high + by; i++) {
        const step = steps[i];
        if (step && step.at >= first && step.at <= last) touching.push(step);
      }
    }
  }
  return touching;
}

function touchingAlone(
  steps: readonly Step[],
  chain: readonly Primitive[],
  ground: Ground,
  { low, high, first, last }: Around,
): Step[] {
  const offsets = [low, high] as const;
  const isAll = chain.some(({ hooks }) => hooks.lines);
  const touching: Step[] = [];
  for (const step of steps) {
    if (step.at > last) break;
    if (step.at >= first && (isAll || mayTouch(chain, step, ground, offsets))) touching.push(step);
  }
  return touching;
}

/**
 * Place of the step before `last` from which on each of some spans was erased as a whole once more, in a loader whose erases
 * are right; 0 where one was not.
 */
export function lastErase(steps: readonly Step[], spans: Cells, last: number): number {
  const { steps: erases } = byKind(steps).erase;
  let first = last;
  for (const { start, end } of spans) {
    let i = erases.length - 1;
    for (; i >= 0; i--) {
      const erase = erases[i];
      if (erase && erase.at < last && erase.address <= start && erase.address + erase.length >= end) break;
    }
    first = Math.min(first, erases[i]?.at ?? 0);
  }
  return first === last ? 0 : first;
}

/** `undefined` where a deviation states no bounds. */
function boxesOf(own: KindOfSteps, chain: readonly Primitive[], ground: Ground): Boxes | undefined {
  let boxes: Boxes = own.asAsked;
  for (const primitive of chain) {
    const { hooks, condition } = primitive;
    // A line of a cache is filled by reads that lie beside it as well.
    if (hooks.lines) return undefined;
    if (!hooks.runs) continue;
    const isFirst = boxes === own.asAsked;
    const moved = isFirst ? movedOnce(own, hooks, ground) : moveBoxes(own.steps, boxes, hooks, ground);
    if (!moved) return undefined;
    boxes = condition ? chosenBoxes(own.steps, primitive, moved, boxes) : moved;
  }
  return boxes;
}

function movedOnce(own: KindOfSteps, hooks: Hooks, ground: Ground): Boxes | undefined {
  if (own.moved.has(hooks)) return own.moved.get(hooks);
  const moved = moveBoxes(own.steps, own.asAsked, hooks, ground);
  own.moved.set(hooks, moved);
  return moved;
}

function moveBoxes(steps: readonly Step[], boxes: Boxes, { box }: Hooks, ground: Ground): Boxes | undefined {
  if (!box) return undefined;
  const starts = new Float64Array(steps.length);
  const ends = new Float64Array(steps.length);
  let i = 0;
  for (const step of steps) {
    const bounds = box(boxes.starts[i] ?? 0, boxes.ends[i] ?? 0, step, ground);
    starts[i] = bounds[0];
    ends[i] = bounds[1];
    i++;
  }
  return { starts, ends };
}

/** `moved` where the primitive applies, else as before it. */
function chosenBoxes(steps: readonly Step[], primitive: Primitive, moved: Boxes, before: Boxes): Boxes {
  const starts = new Float64Array(steps.length);
  const ends = new Float64Array(steps.length);
  for (const [i, step] of steps.entries()) {
    const { starts: low, ends: high } = applies(primitive, step) ? moved : before;
    starts[i] = low[i] ?? 0;
    ends[i] = high[i] ?? 0;
  }
  return { starts, ends };
}
