/** Where flash may change when loaders carry operations out. It runs nothing: more may be given than changes. */
import type { Range } from '../../target/geometry.ts';
import type { Model } from '../grammar/primitive.ts';
import type { Change, Operation, ReadRequest, Recording } from '../recording/record.ts';
import { type Ground, groundOf, type Step, stepsOf } from '../recording/steps.ts';
import { machineOf, modelRunsOf, withHook } from '../simulate/machine.ts';
import { RESTART } from './experiment.ts';

interface AskedTrial {
  readonly operations: readonly (Change | ReadRequest)[];
  /** The loader is started anew before them. */
  readonly restarts: boolean;
}

/**
 * @returns what some operations may change beside `scratch` and beside all that the recorded ones have changed, if the loader
 * is one of `models`; ascending, in addresses
 */
export function changesBeyond(
  { shape, blockSize, operations, known }: Recording,
  models: readonly Model[],
  { operations: asked, restarts }: AskedTrial,
  scratch: Range,
): Range[] {
  const ground = groundOf(shape, blockSize, operations, known);
  const all: readonly (Operation | ReadRequest)[] = [...operations, ...(restarts ? [RESTART] : []), ...asked];
  const steps = stepsOf(all, shape, blockSize);
  const done = operations.filter(({ kind }) => kind !== 'restart').length;
  const beyond = new Set<number>();
  for (const model of models) {
    const changed = new Uint8Array(ground.size);
    changed.fill(1, scratch.start - shape.start, scratch.end - shape.start);
    const places = (some: readonly Step[]): [number, number][] =>
      some.flatMap((step) => changedOffsets(model, step, ground));
    for (const [start, end] of places(steps.slice(0, done))) changed.fill(1, start, end);
    for (const [start, end] of places(steps.slice(done)))
      for (let at = start; at < end; at++) if (changed[at] === 0) beyond.add(at);
  }
  return offsetRanges(beyond, shape.start);
}

/** Offsets that an erase or a write may change, within the flash. */
function changedOffsets(model: Model, step: Step, ground: Ground): [number, number][] {
  if (step.kind === 'read') return [];
  const chain = machineOf(model, ground).chains[step.kind];
  const runs = modelRunsOf(chain, step, ground) ?? [];
  const places: [number, number][] = [];
  const erasesFirst = withHook(chain, step, 'erasesFirst')?.erasesFirst;
  for (let r = 0; r < runs.length; r += 3) {
    const [address = 0, length = 0] = runs.slice(r + 1, r + 3);
    places.push(within(address, length, ground));
    const first = erasesFirst?.({ ...step, address, length }, ground);
    if (first) places.push(within(first[0], first[1] - first[0], ground));
  }
  return places.filter(([start, end]) => start < end);
}

const within = (start: number, length: number, { size }: Ground): [number, number] => [
  Math.max(0, start),
  Math.min(size, start + length),
];

function offsetRanges(offsets: ReadonlySet<number>, start: number): Range[] {
  const ranges: { start: number; end: number }[] = [];
  for (const offset of [...offsets].sort((a, b) => a - b)) {
    const last = ranges.at(-1);
    if (last?.end === start + offset) last.end++;
    else ranges.push({ start: start + offset, end: start + offset + 1 });
  }
  return ranges;
}
