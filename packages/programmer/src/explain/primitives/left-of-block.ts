/** Deviations behind one that keeps back a part of each block: they know only of what is left of it. */
import { fixedMark } from '../grammar/marks.ts';
import type { DataHook, Hooks, Primitive, PrimitiveKind } from '../grammar/primitive.ts';
import { cutRuns } from './runs.ts';

/** The stretch of what is left of a block of `length` bytes in which byte `i` lies, by indices. */
type Left = (length: number, i: number) => readonly [from: number, to: number];

const LEFT_BY: Partial<Readonly<Record<PrimitiveKind, (part: Primitive) => Left | undefined>>> = {
  'head-lost': byBytes((bytes) => (length) => [Math.min(bytes, length), length]),
  'tail-lost': byBytes((bytes) => (length) => [0, Math.max(0, length - bytes)]),
  'head-only':
    ({ parameters: { bytes = 0, count } }) =>
    (length) => [0, count === undefined ? Math.min(bytes, length) : Math.floor(length / count)],
  'tail-only': byBytes((bytes) => (length) => [Math.max(0, length - bytes), length]),
  'odd-tail-lost': byBytes((bytes) => (length) => [0, length - (length % bytes)]),
  stripes: leftByStripes,
  hole: leftByHole,
};

function byBytes(left: (bytes: number) => Left): (part: Primitive) => Left {
  return ({ parameters: { bytes = 0 } }) => left(bytes);
}

/** Each stretch between two that are lost is written by itself. */
function leftByStripes({ parameters: { period = 1, from = 0, to = 0, filling = 0 } }: Primitive): Left | undefined {
  if (filling !== 0) return undefined;
  return (length, i) => {
    const start = to + Math.floor((i - to) / period) * period;
    return [Math.max(0, start), Math.min(length, start + period - (to - from))];
  };
}

function leftByHole({ parameters: { from = 0, to = 0, filling = 0 } }: Primitive): Left | undefined {
  if (filling !== 0) return undefined;
  return (length, i) => (i < from ? [0, Math.min(from, length)] : [Math.min(to, length), length]);
}

/** Whether it leaves of a block what another deviation takes for a block. */
export const leavesPart = ({ kind, condition }: Primitive): boolean =>
  condition === undefined && LEFT_BY[kind] !== undefined;

/** One stretch is left of each block, whichever byte is asked for. */
const isOneStretch = ({ kind }: Primitive): boolean => kind !== 'stripes' && kind !== 'hole';

/** @returns a part of what another part leaves of each block; `undefined` where that is no such one */
export function partOfWhatIsLeft(primitive: Primitive, part: Primitive): Primitive | undefined {
  if (!isOneStretch(primitive) || !isOneStretch(part)) return undefined;
  const [own, left] = [LEFT_BY[primitive.kind]?.(primitive), LEFT_BY[part.kind]?.(part)];
  const { runs: alone } = primitive.hooks;
  if (!own || !left || !alone || primitive.stage !== 'part') return undefined;
  const runs: Hooks['runs'] = (all, step, ground) => {
    if (part.condition && !part.condition.holds(step)) return alone(all, step, ground);
    const [start, end] = left(step.length, 0);
    const [from, to] = own(end - start, 0);
    // What the other keeps back is not its own to leave out.
    return [...cutRuns(all, 0, start), ...cutRuns(all, start + from, start + to), ...cutRuns(all, end, step.length)];
  };
  const { hooks, parameters, bits } = primitive;
  return { ...primitive, parameters: { ...parameters, left: 1 }, bits: bits + 1, hooks: { ...hooks, runs } };
}

/** @returns the deviation as it changes what `part` leaves of each block; `undefined` where that is no other */
export function onWhatIsLeft(primitive: Primitive, part: Primitive): Primitive | undefined {
  const left = part.condition ? undefined : LEFT_BY[part.kind]?.(part);
  const { hooks, parameters, bits, condition } = primitive;
  const { data } = hooks;
  if (!left || !data || condition || data.moveIn || data.key) return undefined;
  const made = { ...(data.move && { move: movedWithin(data.move, left) }), ...lanesBehind(data, part) };
  if (!made.move && !made.lane) return undefined;
  const own: Hooks = { ...hooks, data: { ...data, ...made } };
  return { ...primitive, parameters: { ...parameters, left: 1 }, bits: bits + 1, hooks: own };
}

function movedWithin(move: NonNullable<DataHook['move']>, left: Left): NonNullable<DataHook['move']> {
  return (i, length) => {
    const [from, to] = left(length, i);
    if (i < from || i >= to) return i;
    const at = move(i - from, to - from);
    return at < 0 ? at : at + from;
  };
}

/** Every so many bytes of what is left. */
function lanesBehind({ lane }: DataHook, { kind, parameters: { bytes = 0 } }: Primitive): Pick<DataHook, 'lane'> {
  if (!lane || kind !== 'head-lost') return {};
  const [period, remainder] = lane;
  return { lane: [period, (remainder + bytes) % period] };
}

/**
 * A deviation that fills up what did not come of a read, as it acts on what is given in the end and not on what comes from
 * flash; `undefined` where it is no such one.
 */
export function ofAnswer(part: Primitive): Primitive | undefined {
  const { kind, on, condition, parameters, bits } = part;
  const { fill } = parameters;
  if (fill === undefined || on.length > 1 || on[0] !== 'read' || condition) return undefined;
  const data = kind === 'bounded' ? filledBeyond(parameters, fixedMark(fill)) : filledBeside(part, fixedMark(fill));
  return data && { ...part, stage: 'data', parameters: { ...parameters, answer: 1 }, bits: bits + 1, hooks: { data } };
}

const asIs = (i: number): number => i;

function filledBeyond({ limit = 0, above = 0 }: Primitive['parameters'], mark: number): DataHook {
  const filled = (): number => mark;
  return {
    moveIn: ({ address, length }) => {
      const edge = limit - address;
      const [isBelow, isAbove] = [edge >= length, edge <= 0];
      if (isBelow || isAbove) return isAbove === (above === 1) ? filled : asIs;
      return (i) => (i >= edge === (above === 1) ? mark : i);
    },
  };
}

function filledBeside(part: Primitive, mark: number): DataHook | undefined {
  const left = LEFT_BY[part.kind]?.(part);
  if (!left || part.stage !== 'part') return undefined;
  return {
    move: (i, length) => {
      const [from, to] = left(length, i);
      return i >= from && i < to ? i : mark;
    },
  };
}
