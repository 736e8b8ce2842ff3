/** Deviations of data behind one that keeps back a part of each block: they know only of what is left of it. */
import type { DataHook, Hooks, Primitive, PrimitiveKind } from '../primitive.ts';

/** What is left of a block, by indices. */
type Left = (length: number) => readonly [from: number, to: number];

const LEFT_BY: Partial<Readonly<Record<PrimitiveKind, (bytes: number) => Left>>> = {
  'head-lost': (bytes) => (length) => [Math.min(bytes, length), length],
  'tail-lost': (bytes) => (length) => [0, Math.max(0, length - bytes)],
  'head-only': (bytes) => (length) => [0, Math.min(bytes, length)],
  'tail-only': (bytes) => (length) => [Math.max(0, length - bytes), length],
};

/** @returns the deviation as it changes what `part` leaves of each block; `undefined` where that is no other */
export function onWhatIsLeft(primitive: Primitive, part: Primitive): Primitive | undefined {
  const left = part.condition ? undefined : LEFT_BY[part.kind]?.(part.parameters['bytes'] ?? 0);
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
    const [from, to] = left(length);
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
