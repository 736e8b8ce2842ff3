/** Deviations of operations that look at flash before they act: blank checks of too much, of too little, or in the wrong place. */
import { bitsOfNumber } from '../grammar/condition.ts';
import type { Guard, Primitive } from '../grammar/primitive.ts';
import { type Ground, type Step, type StepKind, sectorAt } from '../recording/steps.ts';
import { movedTo } from './place.ts';
import { startOfRuns } from './runs.ts';

/** Where a check looks: from the address of the operation on, at the start of its sector, or at its end. */
const GUARD_PLACES = ['address', 'sector-start', 'sector-end'] as const;
export type GuardPlace = (typeof GUARD_PLACES)[number];

function guardedRange(place: GuardPlace, bytes: number, { address }: Step, ground: Ground): readonly [number, number] {
  if (place === 'address') return [address, address + bytes];
  const sector = sectorAt(ground, address);
  const start = ground.edges[sector] ?? 0;
  const end = ground.edges[sector + 1] ?? 0;
  return place === 'sector-start' ? [start, Math.min(end, start + bytes)] : [Math.max(start, end - bytes), end];
}

/** The operation does nothing where `bytes` bytes are erased (an erase), or are not (a write). */
export function blankGuard(on: StepKind, place: GuardPlace, bytes: number): Primitive {
  const guard: Guard = {
    at: (step, ground) => guardedRange(place, bytes, step, ground),
    dropsIf: on === 'erase' ? 'blank' : 'used',
  };
  const parameters = { place: GUARD_PLACES.indexOf(place), bytes };
  return { kind: 'blank-check', stage: 'gate', on: [on], parameters, bits: 5 + bitsOfNumber(bytes), hooks: { guard } };
}

/** The same where another deviation has sent the operation. */
export function guardBehind(guarded: Primitive, { hooks: { runs }, condition }: Primitive): Primitive {
  const { guard } = guarded.hooks;
  if (!guard || !runs) return guarded;
  const at: Guard['at'] = (step, ground) => {
    if (condition && !condition.holds(step)) return guard.at(step, ground);
    const moved = runs([0, step.address, step.length], step, ground);
    return moved.length === 0 ? guard.at(step, ground) : guard.at(movedTo(step, startOfRuns(moved)), ground);
  };
  const { hooks, parameters, bits } = guarded;
  return {
    ...guarded,
    parameters: { ...parameters, behind: 1 },
    bits: bits + 1,
    hooks: { ...hooks, guard: { ...guard, at } },
  };
}
