/** Blocks that are changed twice, each time on the way in or out, so that neither change shows alone. It tries none. */

import type { Expectation } from '../check/expect.ts';
import { spreadOut } from '../check/windows.ts';
import type { Seen } from '../estimate/seen.ts';
import { ordersOf } from '../exact/orders.ts';
import type { SearchProblem } from '../exact/problem.ts';
import { keyButForTail } from '../exact/tails.ts';
import { keyOf, type Model, type Primitive, type PrimitiveKind } from '../grammar/primitive.ts';
import { WRITES } from '../primitives/place.ts';
import type { Step, StepKind } from '../recording/steps.ts';
import { sourceIndices } from '../simulate/transform.ts';
import { inGroups } from '../verdict/alike.ts';

/** Bytes that change their places last, on the way out or in, and are changed or slip before: neither shows alone. */
export function* bothChanged(problem: SearchProblem, primitives: readonly Primitive[]): Iterable<Model> {
  const lasts = alikeButForTails(primitives.filter((each) => MOVES.includes(each.kind) && !isOn(each.on, 'erase')));
  const byKey = new Map(primitives.map((each) => [keyOf(each), each]));
  const writes = alikeButForTails(primitives.filter((each) => changesBytes(each) && isOn(each.on, 'write')));
  const ofReads = primitives.filter((each) => each.stage === 'data' && isOn(each.on, 'read'));
  const reads = alikeButForTails([...ofReads, ...primitives.filter((each) => byFewBytes(each) !== 0)]);
  const written = writtenIn(problem.seen);
  const answers = wrongAnswers(problem.seen);
  for (const [last, ...otherLasts] of lasts) {
    if (!last) continue;
    for (const [read, ...otherReads] of isOn(last.on, 'read') ? reads : []) {
      if (!read || !isChangedInReads(answers, [last, read], written)) continue;
      for (const move of [last, ...otherLasts])
        for (const other of [read, ...otherReads]) if (other !== move) yield* ordersOf(problem, move, other);
    }
    const looks = looksThrough(answers, problem.seen, last);
    // What is enough alone shows alone.
    if (looks.every((look) => fitsIn(look))) continue;
    for (const [write, ...otherWrites] of writes) {
      if (!write || last === write) continue;
      if (!isTrueOfMost(looks, (look) => fitsIn(look, write))) continue;
      // Where blocks are read as they were written, bytes may as well change places on the way in.
      const moves = [last, ...otherLasts].flatMap((each) => [each, byKey.get(keyOf({ ...each, on: WRITES })) ?? each]);
      for (const move of new Set(moves))
        for (const other of [write, ...otherWrites]) if (other !== move) yield* ordersOf(problem, move, other);
    }
  }
}

const MOVES: readonly PrimitiveKind[] = ['swap', 'rotated', 'closed-up'];

/** Answers that are looked at before a pair is tried, bytes of each, and of them the share that it must fit. */
const ANSWERS_LOOKED_AT = 4;
const SAMPLES_OF_ANSWER = 64;
const LEAST_SAMPLES = 16;
/** After as many, what fits fewer than half of them is given up. */
const FIRST_SAMPLES = 8;
const LEAST_FITTING_ANSWERS = 2 / 3;
const LEAST_LIKE = 0.9;

/** A byte of an answer, and where it was written. */
interface Sample {
  readonly byte: number;
  readonly block: Step;
  readonly at: number;
}

/** Some of the answers after all changes, spread over them. */
function wrongAnswers({ after, blocks }: Seen): Expectation[] {
  const end = Math.max(0, ...blocks.map(({ step }) => step.at));
  const wrong = after.filter(
    ({ differing, step: { at, length } }) => differing > 0 && length >= SAMPLES_OF_ANSWER && at > end,
  );
  return spreadOut(wrong, ANSWERS_LOOKED_AT);
}

/** Bytes of some wrong answers, with where they were in a block before they changed places last. */
function looksThrough(answers: readonly Expectation[], { blocks }: Seen, last: Primitive): Sample[][] {
  const isOut = isOn(last.on, 'read');
  const looks = answers.map(({ step: { address, bytes } }) => {
    const origins = isOut ? originsOf(last, bytes.length) : undefined;
    const samples: Sample[] = [];
    for (let i = 0; i < bytes.length; i += (bytes.length / SAMPLES_OF_ANSWER) | 1) {
      const from = address + (origins?.[i] ?? i);
      const block = blocks.find(({ step }) => step.address <= from && step.address + step.length > from)?.step;
      if (!block) continue;
      const at = from - block.address;
      samples.push({ byte: bytes[i] ?? 0, block, at: isOut ? at : (originsOf(last, block.length)?.[at] ?? at) });
    }
    return samples;
  });
  return looks.filter(({ length }) => length >= LEAST_SAMPLES);
}

/** Whether most of them are what was written, with a change or without; of those that come from a byte of the block. */
function fitsIn(look: readonly Sample[], write?: Primitive): boolean {
  const { table, lane: [period, remainder] = [1, 0] } = write?.hooks.data ?? {};
  let all = 0;
  let like = 0;
  let length = 0;
  let origins: Int32Array | undefined;
  for (const { byte, block, at } of look) {
    if (all >= FIRST_SAMPLES && like < all / 2) return false;
    if (block.length !== length) {
      length = block.length;
      origins = write && originsOf(write, length);
    }
    const from = origins?.[at] ?? at;
    if (at < 0 || from < 0) continue;
    const written = block.bytes[from] ?? 0;
    all++;
    if (byte === (table && at % period === remainder ? table[written] : written)) like++;
  }
  return all >= LEAST_SAMPLES && like >= LEAST_LIKE * all;
}

/** What was written at each offset last, -1 where nothing was. */
function writtenIn({ blocks, ground }: Seen): Int16Array {
  const written = new Int16Array(ground.size).fill(-1);
  for (const { step } of blocks)
    for (let i = Math.max(0, -step.address); i < step.length && step.address + i < written.length; i++)
      written[step.address + i] = step.bytes[i] ?? 0;
  return written;
}

/** A distance that is no more than this moves bytes within a group, as a swap of them does. */
const MOST_SLIPPED = 64;

/** How far from its place a byte was written that a read gives; 0 where a deviation does not move all by a few bytes. */
function byFewBytes({ kind, on, condition, parameters: { by = 0 } }: Primitive): number {
  if (kind !== 'shift' || condition || Math.abs(by) > MOST_SLIPPED) return 0;
  return isOn(on, 'write') ? -by : isOn(on, 'read') ? by : 0;
}

/** Whether most of some wrong answers are what was written, with both changes made to each of them. */
function isChangedInReads(
  answers: readonly Expectation[],
  [last, first]: readonly [Primitive, Primitive],
  written: Int16Array,
): boolean {
  const { table, lane: [period, remainder] = [1, 0] } = first.hooks.data ?? {};
  const by = byFewBytes(first);
  return isTrueOfMost(answers, ({ step: { address, bytes } }) => {
    const [lasts, firsts] = [originsOf(last, bytes.length), originsOf(first, bytes.length)];
    let all = 0;
    let like = 0;
    for (let i = 0; i < bytes.length; i += (bytes.length / SAMPLES_OF_ANSWER) | 1) {
      if (all >= FIRST_SAMPLES && like < all / 2) return false;
      const between = lasts?.[i] ?? i;
      const from = between < 0 ? between : (firsts?.[between] ?? between);
      const asked = from < 0 ? -1 : (written[address + from + by] ?? -1);
      if (asked < 0) continue;
      all++;
      if (bytes[i] === (table && between % period === remainder ? table[asked] : asked)) like++;
    }
    return all >= LEAST_SAMPLES && like >= LEAST_LIKE * all;
  });
}

/** It asks no further once too many are not. None are not most. */
function isTrueOfMost<T>(all: readonly T[], isTrue: (each: T) => boolean): boolean {
  let missed = 0;
  for (const each of all) if (!isTrue(each) && ++missed > (1 - LEAST_FITTING_ANSWERS) * all.length) return false;
  return all.length > 0;
}

/** For each byte of a block the index that it comes from; `undefined` where all stay. */
function originsOf({ hooks: { data } }: Primitive, length: number): Int32Array | undefined {
  return data?.move && sourceIndices({ moves: [data.move] }, length);
}

/** Those that differ in what becomes of a group that is cut, together. */
const alikeButForTails = (primitives: readonly Primitive[]): (readonly Primitive[])[] =>
  inGroups(primitives, keyButForTail);

const changesBytes = ({ stage }: Primitive): boolean => stage === 'data' || stage === 'part';

const isOn = (on: Primitive['on'], kind: StepKind): boolean => on.length === 1 && on[0] === kind;
