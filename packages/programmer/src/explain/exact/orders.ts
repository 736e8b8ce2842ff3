/** The ways in which two deviations can act together. It tries none. */

import { evenly, type Model, type Primitive, type PrimitiveKind, STAGES } from '../grammar/primitive.ts';
import { erasesFirst } from '../primitives/data.ts';
import { ahead, countsOn } from '../primitives/filter.ts';
import { guardBehind } from '../primitives/guard.ts';
import { leavesPart, ofAnswer, onWhatIsLeft, partOfWhatIsLeft } from '../primitives/left-of-block.ts';
import { paddedBehind, paddedPieces } from '../primitives/part.ts';
import { actsOnPieces, pieced } from '../primitives/pieces.ts';
import { movedBehind, unaligned } from '../primitives/place.ts';
import type { StepKind } from '../recording/steps.ts';
import { erasesThrough } from '../simulate/erases-through.ts';
import type { SearchProblem } from './problem.ts';

/**
 * Both orders where they differ; once more where one keeps writes from what the other counts, or cuts blocks before the
 * other does each piece.
 */
export function ordersOf(problem: SearchProblem, a: Primitive, b: Primitive): Model[] {
  const areBeside = !a.on.some((kind) => b.on.includes(kind));
  const filtered = [...aheadOf(a, b), ...aheadOf(b, a)];
  if (areBeside) return [[a, b], ...filtered, ...erasedThrough(a, b), ...erasedThrough(b, a)];
  if (filtered.length > 0) return [[a, b], ...filtered];
  if (STAGES[a.stage] === STAGES[b.stage])
    return a.stage === 'gate' ? [[a, b]] : [[a, b], [b, a], ...behindPart(a, b), ...behindPart(b, a)];
  return [
    [a, b],
    ...afterCut(problem, a, b),
    ...afterCut(problem, b, a),
    ...behindPart(a, b),
    ...behindPart(b, a),
    ...ofAnswerBeside(a, b),
    ...ofAnswerBeside(b, a),
    ...besideMove(a, b),
    ...besideMove(b, a),
    ...fromWhereItIsSent(a, b),
    ...fromWhereItIsSent(b, a),
  ];
}

/** An erase that is not what flash does by itself may begin just where another deviation sends it. */
function fromWhereItIsSent(other: Primitive, place: Primitive): Model[] {
  const { stage, on, hooks } = place;
  if (stage !== 'block' || !on.includes('erase') || !hooks.runs || other.on.join() !== 'erase') return [];
  const isDoneByBytes = other.stage === 'part' || other.hooks.erasesTo !== undefined;
  return isDoneByBytes ? [[variantOf(place, 'unaligned', unaligned), other]] : [];
}

/** Moves by a distance, or to the start of a unit, wherever a block has come to lie. */
const FROM_WHERE_IT_IS: readonly PrimitiveKind[] = ['shift', 'aligned'];

/** What acts on a block where another deviation has sent it, or just there no longer, or fills it up when it is changed. */
function besideMove(other: Primitive, place: Primitive): Model[] {
  if (place.stage === 'data' && place.hooks.data)
    return other.kind === 'padded'
      ? [[place, variantOf(other, 'filled last', (each) => paddedBehind(each, 'data'))]]
      : [];
  if (place.stage !== 'block' && place.stage !== 'byte') return [];
  const { kind, hooks, parameters } = other;
  if (hooks.guard) return [[place, evenly(guardBehind(other, place))]];
  if (kind === 'erases-first')
    return [
      [place, variantOf(other, 'asked', () => erasesFirst(parameters['unit'] ?? 0, 1))],
      ...(place.on.includes('erase') ? erasedThrough(other, place) : []),
    ];
  if (place.stage === 'block') return [];
  if (kind === 'padded')
    return [[place, variantOf(other, 'filled', hooks.data?.looksBack ? filledBehind : paddedPieces)]];
  return FROM_WHERE_IT_IS.includes(kind) ? [[place, variantOf(other, 'moved', movedBehind)]] : [];
}

const filledBehind = (padded: Primitive): Primitive => paddedBehind(padded, 'second');

/** What erases before each write, with erases that deviate as others do. */
function erasedThrough(first: Primitive, other: Primitive): Model[] {
  const through = first.hooks.erasesFirst && erasesThrough(first, other);
  return through ? [[through, other]] : [];
}

const leftByPart = new WeakMap<Primitive, WeakMap<Primitive, Primitive>>();

/** Data that is changed after a part of each block was kept back, or a part of what is left. */
function behindPart(part: Primitive, other: Primitive): Model[] {
  const isPart = other.stage === 'part' && part.stage === 'part' && part.on.join() === 'write';
  if (!isPart && (other.stage !== 'data' || !leavesPart(part))) return [];
  const own = leftByPart.get(part) ?? new WeakMap<Primitive, Primitive>();
  leftByPart.set(part, own);
  const known = own.get(other);
  if (known) return [[part, known]];
  const made = isPart ? partOfWhatIsLeft(other, part) : onWhatIsLeft(other, part);
  if (!made) return [];
  const one = evenly(made);
  own.set(other, one);
  return [[part, one]];
}

/** What fills up a read in the end, when its bytes have changed, or before only these do. */
function ofAnswerBeside(part: Primitive, other: Primitive): Model[] {
  const { data } = other.hooks;
  if (part.stage !== 'part' || !data || !ofAnswer(part)) return [];
  const own = variantOf(part, 'answer', (each) => ofAnswer(each) ?? each);
  return data.table || data.key
    ? [
        [other, own],
        [own, other],
      ]
    : [[other, own]];
}

/** What counts operations may count only those that a filter let through. */
function aheadOf(loss: Primitive, other: Primitive): Model[] {
  const [kind] = loss.on;
  const isFilter = loss.kind === 'lost' && loss.condition !== undefined && loss.on.length === 1;
  return isFilter && kind && countsOn(kind, other) ? [[evenly(ahead(loss)), other]] : [];
}

function afterCut(problem: SearchProblem, place: Primitive, other: Primitive): Model[] {
  const { grain } = place.hooks;
  if (grain === undefined || place.condition || !actsOnPieces(other)) return [];
  const kinds = other.on.filter((kind) => kind !== 'erase' && place.on.includes(kind));
  return kinds.some((kind) => cuts(problem, kind, grain))
    ? [[place, variantOf(other, `pieces of ${grain}`, (each) => pieced(each, grain))]]
    : [];
}

const cutsByProblem = new WeakMap<SearchProblem, Map<string, boolean>>();

/** Whether any block lies across a multiple of `grain`. */
export function cuts(problem: SearchProblem, kind: StepKind, grain: number): boolean {
  const own = cutsByProblem.get(problem) ?? new Map<string, boolean>();
  cutsByProblem.set(problem, own);
  const key = `${kind} ${grain}`;
  const told =
    own.get(key) ??
    problem.steps.some(
      (step) =>
        step.kind === kind &&
        step.length > 0 &&
        Math.floor(step.address / grain) !== Math.floor((step.address + step.length - 1) / grain),
    );
  own.set(key, told);
  return told;
}

const variants = new WeakMap<Primitive, Map<string, Primitive>>();

/** The same one each time: what is known of its hooks stays known. `name`: of the way in which it is made. */
function variantOf(primitive: Primitive, name: string, make: (primitive: Primitive) => Primitive): Primitive {
  const own = variants.get(primitive) ?? new Map<string, Primitive>();
  variants.set(primitive, own);
  const one = own.get(name) ?? evenly(make(primitive));
  own.set(name, one);
  return one;
}
