/** Models of which reads tell how far operations lie apart, and not which of them is displaced, or whether blocks slip. */

import { evenly, type Model, type Primitive } from '../grammar/primitive.ts';
import { shift } from '../primitives/place.ts';
import { type Ground, type Scope, STEP_KINDS, type StepKind } from '../recording/steps.ts';
import { slips } from './candidates-data.ts';

type Displacement = Readonly<Record<StepKind, number>>;

/** The models that displace operations by as much from one another, of at most two deviations; none where more deviates. */
export function translatedModels(model: Model, ground: Ground): Model[] {
  const own = displacementOf(model, ground);
  if (!own) return [];
  return [...new Set(STEP_KINDS.map((kind) => own[kind]))]
    .filter((by) => by !== 0)
    .map((by) => shiftsOf({ erase: own.erase - by, write: own.write - by, read: own.read - by }))
    .filter(({ length }) => length > 0 && length <= 2);
}

/**
 * Blocks that lack their head or their end, and lie elsewhere, look like blocks whose bytes have slipped by as much and lie by
 * as much less or more from there.
 */
export function slippedModels(model: Model): Model[] {
  const [one, other, ...more] = model;
  const place = [one, other].find((each) => each?.kind === 'shift' && !each.condition);
  const part = [one, other].find((each) => each?.kind === 'head-lost' || each?.kind === 'tail-lost');
  if (!place || !part || more.length > 0 || part.condition || part.on.join() !== 'write') return [];
  const { by = 0 } = place.parameters;
  const { bytes = 0 } = part.parameters;
  const slip = part.kind === 'head-lost' ? -bytes : bytes;
  const moved = by + (place.on.includes('write') ? -slip : slip);
  const isOfOneSide = place.on.includes('write') !== place.on.includes('read');
  if (!isOfOneSide || moved === 0) return [];
  const ofWrites = slips(slip).filter(({ on }) => on.includes('write'));
  return ofWrites.map((each) => [evenly(shift(place.on, moved)), evenly(each)]);
}

/** How far each kind of operation goes; `undefined` where anything else deviates. */
function displacementOf(model: Model, ground: Ground): Displacement | undefined {
  const sum = { erase: 0, write: 0, read: 0 };
  for (const primitive of model) {
    const by = distanceOf(primitive, ground);
    if (by === undefined) return undefined;
    for (const kind of primitive.on) sum[kind] += by;
  }
  return sum;
}

function distanceOf({ kind, parameters, condition }: Primitive, { edges }: Ground): number | undefined {
  if (condition) return undefined;
  if (kind === 'shift') return parameters['by'];
  if (kind !== 'erase-neighbour' || parameters['instead'] !== 1) return undefined;
  const size = (edges[1] ?? 0) - (edges[0] ?? 0);
  const isEven = edges.every((edge, i) => edge === i * size);
  return isEven ? (parameters['by'] ?? 0) * size : undefined;
}

/** One shift for all kinds that go equally far. */
function shiftsOf(displacement: Displacement): Primitive[] {
  const scopes = new Map<number, StepKind[]>();
  for (const kind of STEP_KINDS) {
    const by = displacement[kind];
    if (by !== 0) scopes.set(by, [...(scopes.get(by) ?? []), kind]);
  }
  return [...scopes].map(([by, on]: [number, Scope]) => evenly(shift(on, by)));
}
