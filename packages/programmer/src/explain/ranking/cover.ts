/** Which telling windows each single deviation explains alone: of two deviations, only one acts in many places. It tries no pair. */

import { checkWindow, checkWindowAlone, spreadOut, type Window, withContent } from '../check/windows.ts';
import type { RunPace } from '../exact/pace.ts';
import type { SearchProblem } from '../exact/problem.ts';
import { isOfReads, type Model, type Primitive } from '../grammar/primitive.ts';
import { machineOf } from '../simulate/machine.ts';

/** Deviations of one kind that are right and wrong in the same windows: on what was seen they may well be one. */
export interface Cover {
  readonly primitive: Primitive;
  /** The others, dearer. */
  readonly alike: readonly Primitive[];
  /** 1 for each window that it explains. */
  readonly explains: Uint8Array;
  /** Windows that it explains, each by how few others explain it, less for what it makes wrong. */
  readonly worth: number;
}

export interface CoverWindows {
  /** A right loader is wrong in them. */
  readonly wrong: readonly Window[];
  /** A right loader is right in them. */
  readonly right: readonly Window[];
}

export function coverWindows({ chosenWindows, ground: { erasedValue } }: SearchProblem): CoverWindows {
  const wrong = withContent(
    chosenWindows.filter(({ differing }) => differing > 0),
    ({ step, from, to }) => step.bytes.subarray(from, to),
    { erasedValue, most: MOST_WRONG_COVERED },
  );
  const right = spreadOut(
    chosenWindows.filter(({ differing }) => differing === 0),
    MOST_RIGHT_COVERED,
  );
  return { wrong, right };
}

const MOST_WRONG_COVERED = 28;
const MOST_RIGHT_COVERED = 12;

/**
 * Whether a model is exact in a wrong window, and tells something there. Reads that deviate are looked at whatever others
 * gave; where they say nothing so, by what others gave.
 */
export function explainerOf(problem: SearchProblem, model: Model): (window: Window) => boolean {
  const machine = machineOf(model, problem.ground);
  const tells = (window: Window): boolean => (checkWindow(machine, window, problem)?.toldBits ?? 0) > 0;
  if (!model.some(isOfReads)) return tells;
  return (window) => {
    const alone = checkWindowAlone(machine, window, problem);
    return alone !== undefined && (alone.toldBits > 0 || tells(window));
  };
}

/** Windows that are looked at first: what explains none of them explains next to nothing. */
const FIRST_WINDOWS = 4;

/**
 * Those that explain anything, the most telling first: what many explain tells little. Of those that look alike, the
 * cheapest stands for all. `undefined` when the time is up.
 */
export async function coversOf(
  problem: SearchProblem,
  pace: RunPace,
  { primitives, windows }: { readonly primitives: readonly Primitive[]; readonly windows: CoverWindows },
): Promise<Cover[] | undefined> {
  const all = new Map<string, Unranked>();
  for (const primitive of primitives) {
    if (!(await pace.goOn())) return undefined;
    const marks = marksOf(problem, primitive, windows);
    if (!marks) continue;
    const key = `${primitive.on.join()} ${primitive.stage} ${marks.explains.join('')} ${marks.spoils.join('')}`;
    const known = all.get(key);
    if (known) known.alike.push(primitive);
    else all.set(key, { primitive, alike: [], ...marks });
  }
  return ranked([...all.values()], windows);
}

interface CoverMarks {
  readonly explains: Uint8Array;
  /** 1 for each right window that it makes wrong. */
  readonly spoils: Uint8Array;
}

interface Unranked extends CoverMarks {
  readonly primitive: Primitive;
  readonly alike: Primitive[];
}

function marksOf(problem: SearchProblem, primitive: Primitive, { wrong, right }: CoverWindows): CoverMarks | undefined {
  const explains = explainerOf(problem, [primitive]);
  const every = Math.max(1, Math.round(wrong.length / FIRST_WINDOWS));
  const ahead = wrong.filter((_, i) => i % every === 0);
  const first = ahead.filter(explains);
  if (first.length === 0) return undefined;
  const marks = wrong.map((window) => (ahead.includes(window) ? first.includes(window) : explains(window)));
  const machine = machineOf([primitive], problem.ground);
  const spoils = right.map((window) => checkWindow(machine, window, problem) === undefined);
  return { explains: Uint8Array.from(marks, Number), spoils: Uint8Array.from(spoils, Number) };
}

function ranked(covers: readonly Unranked[], { wrong, right }: CoverWindows): Cover[] {
  const explainers = new Float64Array(wrong.length);
  for (const { explains } of covers)
    for (const [i, one] of explains.entries()) explainers[i] = (explainers[i] ?? 0) + one;
  const worthOf = ({ explains, spoils }: Unranked): number => {
    const worth = explains.reduce((sum, one, i) => sum + (one === 1 ? 1 / (explainers[i] ?? 1) : 0), 0);
    return worth * (1 - marksIn(spoils) / (right.length + 1));
  };
  return covers
    .map((cover) => ({ ...cover, worth: worthOf(cover) }))
    .sort((a, b) => b.worth - a.worth || a.primitive.bits - b.primitive.bits);
}

export const marksIn = (marks: Uint8Array): number => marks.reduce((sum, one) => sum + one, 0);
