/** Which deviations are worth a trial beside another, by what that leaves, without a simulation. */

import { candidatesAgain } from '../candidates/candidates.ts';
import { findTraces } from '../estimate/landing.ts';
import type { Seen } from '../estimate/seen.ts';
import { seeThrough } from '../estimate/through.ts';
import { tracesFit } from '../estimate/traces.ts';
import { viewed } from '../estimate/views.ts';
import { MUST, MUST_NOT } from '../exact/needs.ts';
import type { SearchProblem } from '../exact/problem.ts';
import { type Primitive, when } from '../grammar/primitive.ts';
import { evidentBeside } from '../ranking/evident.ts';
import { needsOfBlocks, telltaleBlocks } from '../ranking/fits.ts';
import {
  echoGain,
  fittingData,
  fittingParts,
  type Hunches,
  MOST_DATA,
  MOST_PLACES,
  mostPromising,
} from '../ranking/hunches.ts';
import { allowed } from '../ranking/losses.ts';
import { type Rest, restOf } from '../ranking/rest.ts';

/** What estimators propose beside one deviation. */
const MOST_AGAIN = 120;

/** What one of the beam leaves, and what is seen behind it. */
export interface Behind {
  readonly rest: Rest;
  readonly through: Seen;
}

export function lookBehind(problem: SearchProblem, base: Primitive): Behind {
  const rest = restOf(problem, base);
  return { rest, through: seeThrough(problem.seen, rest) };
}

/** What may be the second deviation by what can be seen: few, the likeliest first. */
export function likelySeconds(problem: SearchProblem, { rest, through }: Behind, hunches: Hunches): Primitive[] {
  const { base, machine } = rest;
  const blocks = telltaleBlocks(through);
  const data = fittingData(hunches.data, problem, blocks, 2 * MOST_DATA);
  const parts = fittingParts(problem, hunches.parts, blocks);
  return [
    ...evidentBeside(problem, base, through, machine),
    ...hunches.evident,
    ...placesBeside(problem, base, hunches),
    ...[...data, ...parts].flatMap(({ primitive, worth }) => [
      primitive,
      ...(worth > LEAST_SURE ? conditioned(problem, through, primitive) : []),
    ]),
    ...hunches.beam,
    ...hunches.odd,
  ];
}

/** What a change of blocks must fit to be all that is wrong with those that it struck. */
const LEAST_SURE = 0.9;
/** Conditions that are taken for each. */
const MOST_CONDITIONS_EACH = 2;

/** A change of blocks under the cheapest conditions that hold for those that it makes right, and for none that are right. */
function conditioned(problem: SearchProblem, { blocks, ground }: Seen, primitive: Primitive): Primitive[] {
  if (primitive.condition || primitive.on.length !== 1 || primitive.on[0] !== 'write') return [];
  const needs = needsOfBlocks(blocks, primitive, ground);
  if (!needs.includes(MUST) || !needs.includes(MUST_NOT)) return [];
  return allowed(problem.classes('write'), needs, true)
    .slice(0, MOST_CONDITIONS_EACH)
    .map((condition) => when(condition, primitive));
}

/** What else may be the second deviation, by the kind of what is left: many. */
export function otherSeconds({ through }: Behind, hunches: Hunches): Primitive[] {
  return [
    ...candidatesAgain(through, hunches.known).slice(0, MOST_AGAIN),
    ...(looksUnerased(through) ? hunches.erases : []),
    ...(looksUnwritten(through) ? hunches.places.filter(({ on }) => on.includes('write')) : []),
  ];
}

/** Of the blocks that are wrong, the share of which nothing arrived. */
const LEAST_UNWRITTEN = 0.3;

function looksUnwritten({ blocks, ground }: Seen): boolean {
  const wrong = blocks.filter((block) => block.wrong > 0);
  const blank = wrong.filter(({ found }) => found.every((byte) => byte < 0 || byte === ground.erasedValue));
  return blank.length > wrong.length * LEAST_UNWRITTEN;
}

/** Of the bytes that are left, the share that speaks of erasing too little or too much. */
const LEAST_UNERASED = 0.5;

/** Whether bytes that are wrong have no bit set that was clear before, or are erased where they should not be. */
function looksUnerased({ after, firstRead, ground }: Seen): boolean {
  let all = 0;
  let kept = 0;
  let erased = 0;
  for (const { step, differs, differing } of after) {
    if (differing === 0) continue;
    for (let i = differs.indexOf(1); i >= 0; i = differs.indexOf(1, i + 1)) {
      const old = firstRead[step.address + i] ?? -1;
      const is = step.bytes[i] ?? 0;
      all++;
      if (is === ground.erasedValue) erased++;
      else if (old < 0 || (is & ~old) === 0) kept++;
    }
  }
  return all > 0 && Math.max(kept, erased) / all > LEAST_UNERASED;
}

function placesBeside(
  { seen, ground }: SearchProblem,
  base: Primitive,
  { traces, echoes, places }: Hunches,
): Primitive[] {
  const isData = base.hooks.data !== undefined;
  const own = isData ? findTraces(seen, (bytes) => viewed(base, bytes)) : traces;
  const start = isData ? [] : [base];
  const alone = tracesFit(own, start, ground);
  const worthOf = (primitive: Primitive): number =>
    Math.max(0, tracesFit(own, [...start, primitive], ground, alone + 1) - alone) / Math.max(1, own.length) +
    echoGain(echoes, start, primitive, ground);
  const rated = places.map((primitive) => ({ primitive, worth: primitive === base ? 0 : worthOf(primitive) }));
  return mostPromising(rated, 0, MOST_PLACES).map(({ primitive }) => primitive);
}
