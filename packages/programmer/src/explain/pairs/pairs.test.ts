import { expect, test } from 'vitest';
import { candidatesAgain } from '../candidates/candidates.ts';
import { fixedIn } from '../candidates/candidates-data.ts';
import { evidentChanges } from '../candidates/evident-changes.ts';
import { guessErased } from '../estimate/erased.ts';
import { findTraces } from '../estimate/landing.ts';
import { guessParts } from '../estimate/parts.ts';
import { placePairs } from '../estimate/place-pairs.ts';
import { seeThrough } from '../estimate/through.ts';
import { isOfPlaces, sievePlaces, tracesFit } from '../estimate/traces.ts';
import { heldByByte } from '../exact/byte-limits.ts';
import { tryCarried } from '../exact/carried.ts';
import { tryModel } from '../exact/exact.ts';
import { ordersOf } from '../exact/orders.ts';
import { paceOf } from '../exact/pace.ts';
import { type SearchProblem, searchProblemOf } from '../exact/problem.ts';
import { type Search, tryAll } from '../exact/trying.ts';
import { condition } from '../grammar/condition.ts';
import { evenly, keyOf, keyOfModel, type Model, type Primitive, when } from '../grammar/primitive.ts';
import {
  closedUp,
  erasesFirst,
  patched,
  repeated,
  rotated,
  stripes,
  swap,
  table,
  widened,
} from '../primitives/data.ts';
import { eraseNeighbour, eraseShare } from '../primitives/erase.ts';
import { ahead } from '../primitives/filter.ts';
import { blankGuard, guardBehind } from '../primitives/guard.ts';
import { bounded, filled, headLost, headOnly, late, lost, tailLost } from '../primitives/part.ts';
import {
  aligned,
  baseIgnored,
  ERASES,
  numberWraps,
  READS,
  reorder,
  shift,
  stride,
  WRITES,
} from '../primitives/place.ts';
import { constant, lateAnswer, lateData } from '../primitives/source.ts';
import { evidentAlone } from '../ranking/evident.ts';
import { evidentReads } from '../ranking/evident-reads.ts';
import { dataFit, echoFit, findEchoes, partFit, telltaleBlocks } from '../ranking/fits.ts';
import { losses } from '../ranking/losses.ts';
import { restOf } from '../ranking/rest.ts';
import type { Change, ReadRequest, Shape } from '../recording/record.ts';
import { search } from '../search.ts';
import { predict } from '../simulate/predict.ts';
import { madeUpBytes } from '../verdict/jobs.ts';
import { bothChanged } from './changed-twice.ts';
import { twoErases } from './erase-pairs.ts';
import { anyLosses, twoLosses } from './loss-pairs.ts';
import { tryHalves } from './pairs.ts';
import { undoneIn, withUndone } from './sources-undone.ts';

const START = 0x0800_0000;
const BLOCK = 1024;
const SIZE = 64 * 1024;
const PAGE = 2048;
const shape: Shape = {
  start: START,
  end: START + SIZE,
  sectors: Array.from({ length: SIZE / PAGE }, (_, i) => ({ start: START + i * PAGE, end: START + (i + 1) * PAGE })),
  erasedValue: 0xff,
  cells: 'plain',
  writeSize: 2,
};

/** What is erased and not written. */
const BLANK = { kind: 'read', base: START + 8 * PAGE + 512, number: 0, address: START + 8 * PAGE + 512 } as const;

/** A job of 12 blocks and a short one on a loader that deviates as `model` says; a blank place is read amid the proof. */
function problemOf(model: Model, content: Uint8Array = madeUpBytes(9, SIZE)): SearchProblem {
  const at = START + 2 * PAGE;
  const image = madeUpBytes(5, 12 * BLOCK + 300);
  const blocks = Array.from({ length: 13 }, (_, i) => {
    const bytes = image.subarray(i * BLOCK, (i + 1) * BLOCK);
    const address = at + i * BLOCK;
    return bytes.length === BLOCK
      ? { base: at, number: i, address, bytes }
      : { base: address, number: 0, address, bytes };
  });
  const reads = blocks.map(({ bytes, ...block }): ReadRequest => ({ kind: 'read', ...block, length: bytes.length }));
  const erases = shape.sectors
    .slice(2, 9)
    .map(({ start, end }): Change => ({ kind: 'erase', address: start, length: end - start }));
  const writes = blocks.map((block): Change => ({ kind: 'write', ...block }));
  const blank: ReadRequest = { ...BLANK, length: 512 };
  const asked = [...reads, ...erases, ...writes, ...reads.slice(0, 6), blank, ...reads.slice(6), blank];
  const answers = predict(model, shape, asked, { blockSize: BLOCK, content });
  let next = 0;
  const operations = asked.map((operation) =>
    operation.kind === 'read' ? { ...operation, bytes: answers[next++]?.value ?? new Uint8Array(0) } : operation,
  );
  return searchProblemOf({ shape, blockSize: BLOCK, operations });
}

const clock = { now: () => 0, sleep: async () => {} };

async function foundIn(problem: SearchProblem, most: number): Promise<string[]> {
  const { exact } = await search(problem, paceOf({ clock, limitMs: 1, most }));
  return (exact[0]?.model ?? []).map(keyOf).sort();
}

/** What is undone, with each candidate that is left. */
const undoneWithAll = (problem: SearchProblem): Model[] =>
  undoneIn(problem).flatMap((undone) =>
    withUndone(
      problem,
      undone,
      undone.problem.candidates.map((each) => [each]),
    ),
  );

const inverted = table(WRITES, 'xor', 0x80);

test.each<readonly [string, Model]>([
  ['two changes of data, neither of which explains a byte alone', [swap(WRITES, 2), inverted]],
  ['a part of each block, read at another distance', [stride(READS, 512), headOnly(WRITES, 256)]],
  ['a loss that only the other deviation lets see', [when(condition('every', 5, 1), lost(WRITES)), swap(WRITES, 4, 2)]],
  [
    'reads of one value, and erases that leave the end',
    [when(condition('every', 3, 2), constant(0)), tailLost(ERASES, 32)],
  ],
])('a search finds %s', async (_, model) => {
  expect(await foundIn(problemOf(model), 8000)).toEqual(model.map(keyOf).sort());
});

test('traces of what was written keep the place where it went, and sort others out', () => {
  const { candidates, seen, ground } = problemOf([shift(WRITES, 0x100)]);
  const traces = findTraces(seen);
  const { whole, others } = sievePlaces(candidates, traces, ground);
  expect(tracesFit(traces, [shift(WRITES, 0x100)], ground)).toBe(traces.length);
  expect(tracesFit(traces, [shift(WRITES, 0x200)], ground)).toBe(0);
  expect(whole.map(keyOf)).toContain('shift(w by=256)');
  expect(others.map(keyOf)).toEqual(expect.arrayContaining(['shift(w by=512)', keyOf(aligned(WRITES, 0x1000))]));
});

test('reads that gave the same speak for a place that they share', () => {
  const wraps = numberWraps(READS, 4);
  const { seen, ground } = problemOf([wraps, when(condition('first'), lost(ERASES))]);
  const echoes = findEchoes(seen);
  expect(echoes.length).toBeGreaterThan(4);
  expect(echoFit(echoes, [wraps], ground)).toBe(1);
  expect(echoFit(echoes, [numberWraps(READS, 8)], ground)).toBeLessThan(1);
  expect(echoFit(echoes, [numberWraps(READS, 1)], ground)).toBeLessThan(1);
});

test('a change of data agrees with more bits the nearer it is to the truth', () => {
  const { seen, ground } = problemOf([swap(WRITES, 2), inverted]);
  const fit = (primitive: Model[0] | undefined): number => dataFit(telltaleBlocks(seen), primitive, ground.erasedValue);
  expect(fit(swap(WRITES, 2))).toBeGreaterThan(0.85);
  expect(fit(undefined)).toBeLessThan(0.6);
  expect(fit(swap(WRITES, 8))).toBeLessThan(0.6);
});

test('a part agrees where what does not arrive is wrong', () => {
  const { seen, ground } = problemOf([headOnly(WRITES, 256)]);
  const fit = (n: number): number => partFit(telltaleBlocks(seen), headOnly(WRITES, n), ground);
  expect([fit(256) > 0.98, fit(512) < 0.8, fit(128) < 0.95]).toEqual([true, true, true]);
});

test('beside one deviation only what the other does is left', () => {
  const problem = problemOf([swap(WRITES, 2), stripes(WRITES, [64, 0, 16])]);
  const { blocks } = seeThrough(problem.seen, restOf(problem, swap(WRITES, 2)));
  const left = new Set(
    blocks.flatMap(({ step, found }) => [...found].flatMap((is, i) => (is === step.bytes[i] ? [] : [i % 64]))),
  );
  expect([...left].sort((a, b) => a - b)).toEqual(Array.from({ length: 16 }, (_, i) => i));
});

test('reads of one value tell at which reads, whatever else deviates', () => {
  const model = [when(condition('every', 3, 2), constant(0)), shift(WRITES, 0x100)];
  expect(evidentAlone(problemOf(model)).map(keyOf)).toContain('constant(r value=0)@every(3 2)');
});

test('a few bytes on the way out and many on the way in are found though one distance explains as much', () => {
  const model = [shift(WRITES, 0x800), shift(READS, 8)];
  const { candidates, seen, ground } = problemOf(model);
  const pairs = placePairs(candidates.filter(isOfPlaces), findTraces(seen), ground);
  expect(pairs.map((pair) => pair.map(keyOf))).toContainEqual(model.map(keyOf));
});

test('two places are found from where written bytes turned up, if neither alone explains it', () => {
  const model = [reorder(WRITES, 1), shift(READS, 0x200)];
  const { candidates, seen, ground } = problemOf(model);
  const pairs = placePairs(candidates.filter(isOfPlaces), findTraces(seen), ground);
  expect(pairs.map((pair) => pair.map(keyOf))).toContainEqual(model.map(keyOf));
  const { seen: alone } = problemOf([shift(READS, 0x200)]);
  expect(placePairs(candidates.filter(isOfPlaces), findTraces(alone), ground)).toEqual([]);
});

test('reads bear the mark of bytes that repeat and of bits that are stuck, whatever flash holds', () => {
  const lostFirst = when(condition('first'), lost(ERASES));
  expect(evidentReads(problemOf([repeated(READS, 16), lostFirst])).map(keyOf)).toContain('repeated(r bytes=16)');
  const stuck = table(READS, 'and', 0xfb, [2, 1]);
  expect(evidentReads(problemOf([stuck, lostFirst])).map(keyOf)).toContain(keyOf(stuck));
  expect(evidentReads(problemOf([lostFirst]))).toEqual([]);
});

test('what became of old content tells how erases go, whatever is written there', () => {
  const half = eraseShare(1, 2);
  expect(evidentAlone(problemOf([half, shift(WRITES, 0x100)])).map(keyOf)).toContain(keyOf(half));
  expect(evidentAlone(problemOf([swap(WRITES, 2)])).filter(({ on }) => on.includes('erase'))).toEqual([]);
});

test('an erase that goes to another sector is cut short there', () => {
  const erase: Change = { kind: 'erase', address: START, length: PAGE };
  const reads = [0, PAGE, 2 * PAGE - 32].map(
    (offset): ReadRequest => ({ kind: 'read', base: START, number: 0, address: START + offset, length: 32 }),
  );
  const model = [eraseNeighbour(1, 1), tailLost(ERASES, 32)];
  const answers = predict(model, shape, [erase, ...reads], { blockSize: BLOCK, content: new Uint8Array(SIZE) });
  expect(answers.map(({ value }) => value[0])).toEqual([0, 0xff, 0]);
});

test.each<readonly [string, Model, (problem: SearchProblem) => Iterable<Model>, readonly string[]]>([
  [
    'a filter of writes, and a loss by the count of those that it let through',
    [evenly(ahead(when(condition('every', 5, 1), lost(WRITES)))), when(condition('from-count', 7), lost(WRITES))],
    twoLosses,
    ['lost(w ahead=1)@', 'lost(w)@from-count(7)'],
  ],
  [
    'a loss by count, and blocks that are lost where flash is not blank',
    [when(condition('from-count', 9), lost(WRITES)), evenly(blankGuard('write', 'sector-start', 8))],
    twoLosses,
    ['blank-check(w place=1 ', 'lost(w)@'],
  ],
  [
    'a loss before a delay: what is lost does not push out what waits',
    [evenly(ahead(when(condition('every', 5, 1), lost(WRITES)))), late(WRITES, WRITES, 1)],
    twoLosses,
    ['lost(w ahead=1)@', 'late(w by=1 '],
  ],
  [
    'a loss before losses from a number of bytes on: what is lost is not counted',
    [evenly(ahead(when(condition('up-to-count', 2), lost(WRITES)))), when(condition('from-bytes', 2048), lost(WRITES))],
    twoLosses,
    ['lost(w ahead=1)@', 'lost(w)@from-bytes(2048)'],
  ],
  [
    'the same for erases',
    [evenly(ahead(when(condition('every', 3, 1), lost(ERASES)))), late(ERASES, ERASES, 1)],
    twoLosses,
    ['lost(e ahead=1)@', 'late(e by=1 '],
  ],
  [
    'blocks that all go to a few places, and some that are lost',
    [aligned(WRITES, 0x4000), when(condition('every', 5, 4), lost(WRITES))],
    (problem) => anyLosses(problem, aligned(WRITES, 0x4000)),
    ['aligned(w unit=16384)', 'lost(w)@every(5 4)'],
  ],
  [
    'erases that go elsewhere, and leave a part',
    [eraseNeighbour(1, 1), tailLost(ERASES, 948)],
    twoErases,
    ['erase-neighbour(e by=1 instead=1)', 'tail-lost(e bytes=948)'],
  ],
  [
    'erases that go elsewhere, and are lost by count',
    [eraseNeighbour(1, 1), when(condition('every', 3, 1), lost(ERASES))],
    twoErases,
    ['erase-neighbour(e by=1 instead=1)', 'lost(e)@every(3 1)'],
  ],
  [
    'answers that come late, of changed bytes',
    [evenly(lateAnswer(0xff)), evenly(swap(READS, 8, 4))],
    undoneWithAll,
    ['lag(r fill=255)', 'swap(r group=8 unit=4 '],
  ],
  [
    'blocks of the one before, of which only the first bytes arrive',
    [evenly(lateData(1)), evenly(headOnly(WRITES, 256))],
    undoneWithAll,
    ['previous-data(w keeps=1)', 'head-only(w bytes=256)'],
  ],
  [
    'blocks that change places, of which the last bytes are lost',
    [reorder(WRITES, 1), evenly(tailLost(WRITES, 4))],
    undoneWithAll,
    ['reorder(w mask=1)', 'tail-lost(w bytes=4)'],
  ],
  [
    'blocks that change places, where half of them come back to theirs',
    [reorder(WRITES, 1), evenly(shift(READS, -BLOCK))],
    undoneWithAll,
    ['reorder(w mask=1)', 'shift(r by=-'],
  ],
  [
    'answers that change places, of inverted bytes',
    [reorder(READS, 2), evenly(table(WRITES, 'invert'))],
    undoneWithAll,
    ['reorder(r mask=2)', 'table(w table=0 '],
  ],
  [
    'bytes that are changed on the way in and change places on the way out',
    [evenly(swap(WRITES, 2)), evenly(swap(READS, 4))],
    (problem) => bothChanged(problem, problem.candidates),
    ['swap(w group=2 unit=1 ', 'swap(r group=4 unit=1 '],
  ],
  [
    'a check for blank flash where a block has gone',
    [shift(WRITES, 2 * BLOCK), guardBehind(blankGuard('write', 'address', 4 * BLOCK), shift(WRITES, 2 * BLOCK))],
    (problem) => ordersOf(problem, shift(WRITES, 2 * BLOCK), blankGuard('write', 'address', 4 * BLOCK)),
    ['shift(w ', 'blank-check(w place=0 bytes=4096 behind=1)'],
  ],
  [
    'an erase of the sector that was asked for, before blocks go elsewhere',
    [shift(WRITES, 6 * BLOCK), erasesFirst(0, 1)],
    (problem) => ordersOf(problem, shift(WRITES, 6 * BLOCK), erasesFirst(0)),
    ['shift(w ', 'erases-first(w unit=0 asked=1)'],
  ],
  [
    'erases that are lost, and writes that look at what stands there',
    [when(condition('every', 3, 1), lost(ERASES)), blankGuard('write', 'address', 2 * BLOCK)],
    twoLosses,
    ['lost(e)@every(3 1)', 'blank-check(w place=0 bytes=2048)'],
  ],
  [
    'bytes that change places and slip',
    [evenly(swap(WRITES, 2)), evenly(rotated(WRITES, -5, 'none'))],
    (problem) => bothChanged(problem, problem.candidates),
    ['swap(w group=2 unit=1 ', 'rotated(w by=-5 filling=0)'],
  ],
  [
    'bytes that change places twice on the way out',
    [evenly(swap(READS, 8)), evenly(swap(READS, 8, 4))],
    (problem) => bothChanged(problem, problem.candidates),
    ['swap(r group=8 unit=1 ', 'swap(r group=8 unit=4 '],
  ],
  [
    'a change of bytes that are written where nothing was erased',
    [evenly(lost(ERASES)), evenly(table(WRITES, 'xor', 0x44))],
    ({ candidates }) => candidates.map((each): Model => [evenly(lost(ERASES)), each]),
    ['lost(e)', 'table(w table=3 value=68)'],
  ],
  [
    'bytes that slip on the way in, and change places on the way out',
    [shift(WRITES, 2), evenly(swap(READS, 4, 2))],
    (problem) => bothChanged(problem, problem.candidates),
    ['shift(w by=2)', 'swap(r group=4 unit=2 '],
  ],
  [
    'one value from an address on, byte by byte, where whole reads show it',
    [evenly(filled(bounded(READS, 2 * PAGE + 6 * BLOCK, 1), 0x5a)), evenly(swap(READS, 4))],
    (problem) =>
      heldByByte(problem, [
        when(condition('from-address', 2 * PAGE + 5 * BLOCK + 4), constant(0x5a)),
        evenly(swap(READS, 4)),
      ]),
    [`bounded(r limit=${2 * PAGE + 6 * BLOCK} above=1 fill=90`, 'swap(r group=4 unit=1 '],
  ],
  [
    'bits that are lost on the way out, after bytes have changed places',
    [evenly(table(READS, 'and', 0x7f)), evenly(swap(READS, 4))],
    (problem) => bothChanged(problem, problem.candidates),
    ['table(r table=1 value=127)', 'swap(r group=4 unit=1 '],
  ],
])('among what is proposed is %s', (_, model, propose, keys) => {
  const problem = problemOf(model);
  const isMeant = (each: Model): boolean => keys.every((key) => each.some((own) => keyOf(own).startsWith(key)));
  const meant = [...propose(problem)].filter(isMeant);
  expect(meant.filter((each) => tryModel(problem, each))).not.toEqual([]);
});

const LAST_BYTES = evenly(blankGuard('erase', 'sector-end', 4));

/** Every third page ends blank. */
const blankEnds = madeUpBytes(9, SIZE);
for (let end = PAGE; end <= SIZE; end += 3 * PAGE) blankEnds.fill(0xff, end - 16, end);

test.each<readonly [string, Primitive, (problem: SearchProblem) => Iterable<Model>]>([
  ['writes that look at what stands there', evenly(blankGuard('write', 'address', 2 * BLOCK)), twoLosses],
  ['erases that go to another sector', eraseNeighbour(1, 1), twoErases],
])('erases that pass over what looks blank are proposed beside %s', (_, other, propose) => {
  const problem = problemOf([LAST_BYTES, other], blankEnds);
  // What a search for losses alone learns of single erases is wrong beside other deviations.
  losses(problem);
  const [one, two] = [keyOf(LAST_BYTES), keyOf(other)];
  const meant = [...propose(problem)].filter((model) =>
    [one, two].every((key) => model.some((own) => keyOf(own) === key)),
  );
  expect(meant.filter((each) => tryModel(problem, each))).not.toEqual([]);
});

test('how far bytes moved within blocks is seen behind a loader that reads elsewhere', () => {
  const base = shift(READS, -BLOCK);
  const problem = problemOf([base, closedUp(WRITES, 128, 64)]);
  const keysBehind = (primitive: Model[0]): string[] =>
    candidatesAgain(seeThrough(problem.seen, restOf(problem, primitive)), new Set()).map(keyOf);
  expect(keysBehind(base)).toContain('closed-up(w from=128 by=64)');
  expect(keysBehind(shift(READS, BLOCK))).not.toContain('closed-up(w from=128 by=64)');
});

test('the part of each sector that erases leave is seen, where several leave the same', () => {
  expect(guessErased(problemOf([headOnly(ERASES, 1100)]).seen).rightHeads).toEqual([1100]);
  expect(guessErased(problemOf([tailLost(ERASES, 52)]).seen).tails).toEqual([52]);
  expect(guessErased(problemOf([when(condition('first'), headOnly(ERASES, 1100))]).seen).rightHeads).toEqual([]);
});

test('a pair of which one half explains next to nothing is not what was looked for', async () => {
  const problem = problemOf([swap(WRITES, 2)]);
  const model = [swap(WRITES, 2), when(condition('only', 900), lost(ERASES))];
  const state: Search = { problem, pace: paceOf({ clock, limitMs: 1 }), exact: [] };
  expect(tryModel(problem, model)).toBeDefined();
  await tryAll(state, [model, [swap(WRITES, 2)]]);
  expect(state.exact.map((each) => each.model.map(keyOf))).toEqual([[keyOf(swap(WRITES, 2))]]);
});

test('a half that explains a few bytes is named where nothing better is found, and not claimed', async () => {
  const model = [table(WRITES, 'and', 0xfe), when(condition('first-of-run'), headLost(WRITES, 4))];
  const problem = problemOf(model);
  expect(tryCarried(problem, [model])).toEqual([]);
  expect(await foundIn(problem, 8000)).toEqual(model.map(keyOf).sort());
});

test('what is enough in a part is tried with all others in everything', async () => {
  const model: Model = [shift(READS, -BLOCK), when(condition('first'), lost(WRITES))];
  const state: Search = { problem: problemOf(model), pace: paceOf({ clock, limitMs: 1, most: 6000 }), exact: [] };
  expect(await tryHalves(state, [swap(READS, 2), shift(READS, -BLOCK)])).toBe(true);
  expect(state.exact[0]?.model.map(keyOf).sort()).toEqual(model.map(keyOf).sort());
});

test('what every block bears that arrived is seen, though others are lost', () => {
  const marked = patched(WRITES, 64, 72, 0xa5);
  const { patches } = guessParts(problemOf([marked, when(condition('every', 5, 1), lost(WRITES))]).seen);
  expect(patches).toEqual([{ from: 64, to: 72, value: 0xa5 }]);
});

test('a change of data is evident where it shows blocks that lie elsewhere', () => {
  const seenIn = (model: Model): string[] => {
    const { seen, candidates } = problemOf(model);
    return evidentChanges(seen, candidates).changes.map(keyOf);
  };
  expect(seenIn([reorder(WRITES, 1), swap(WRITES, 4)])).toContain('swap(w group=4 unit=1 tail=0)');
  expect(seenIn([baseIgnored(WRITES, 0x4000), widened(WRITES, 4)])).toContain('widened(w unit=4)');
  expect(seenIn([reorder(WRITES, 1)])).toEqual([]);
  expect(seenIn([shift(READS, -4 * BLOCK), rotated(WRITES, 3, 'none')])).toContain('rotated(w by=3 filling=0)');
});

test('how far bytes slipped is seen behind a change that is evident', () => {
  const slippedIn = (model: Model): string[] => {
    const { seen, candidates } = problemOf(model);
    return evidentChanges(seen, candidates).slipped.map(keyOf);
  };
  expect(slippedIn([rotated(WRITES, -16, 'ones'), widened(WRITES, 2)])).toContain('rotated(w by=-16 filling=2)');
  expect(slippedIn([widened(READS, 2), rotated(READS, 32, 'zero')])).toContain('rotated(r by=32 filling=1)');
  expect(slippedIn([widened(WRITES, 2)])).toEqual([]);
});

test('every answer bears bytes of one value that all have at one place, though nothing else arrives', () => {
  const marked = patched(READS, 0, 8, 0xa5);
  expect(fixedIn(problemOf([marked, lost(WRITES)]).seen).map(keyOf)).toContain(keyOf(marked));
  expect(fixedIn(problemOf([lost(WRITES)]).seen)).toEqual([]);
});

test('reads of one value are evident though places hold it that others left blank', () => {
  const model = [when(condition('every', 2, 1), constant(0xff)), when(condition('up-to-count', 3), lost(WRITES))];
  expect(evidentAlone(problemOf(model)).map(keyOf)).toContain('constant(r value=255)@every(2 1)');
});

test('beside a check for blank flash, those that look at more or less are tried as well', async () => {
  const found: Model = [when(condition('first'), lost(ERASES)), blankGuard('write', 'address', BLOCK)];
  const state: Search = { problem: problemOf(found), pace: paceOf({ clock, limitMs: 1 }), exact: [] };
  await tryAll(state, [found]);
  const guards = state.exact.map(({ model }) => model.find(({ hooks }) => hooks.guard)?.parameters['bytes']);
  expect(guards).toEqual(expect.arrayContaining([BLOCK, 4, 1]));
});

test('what counts the blocks that another loss lets through counts anew when the loader starts anew', () => {
  const everyFifth = when(condition('all-but-every', 5, 1), lost(WRITES));
  const model: Model = [evenly(ahead(when(condition('short'), lost(WRITES)))), everyFifth];
  const job = jobAt(2 * PAGE, [BLOCK, 300, BLOCK, BLOCK, 200, BLOCK, BLOCK, BLOCK]);
  const again = jobAt(12 * PAGE, [300, BLOCK, BLOCK, 100, BLOCK, BLOCK, BLOCK, BLOCK]);
  const asked = [...job, { kind: 'restart' } as const, ...again];
  const answers = predict(model, shape, asked, { blockSize: BLOCK, content: madeUpBytes(9, SIZE) });
  let next = 0;
  const operations = asked.map((operation) =>
    operation.kind === 'read' ? { ...operation, bytes: answers[next++]?.value ?? new Uint8Array(0) } : operation,
  );
  const problem = searchProblemOf({ shape, blockSize: BLOCK, operations });
  expect([...twoLosses(problem)].map(keyOfModel)).toContain(keyOfModel(model));
});

/** Blocks of these lengths, each in a page of its own, written after all pages were erased, and read. */
function jobAt(offset: number, lengths: readonly number[]): (Change | ReadRequest)[] {
  const at = (i: number): number => START + offset + i * PAGE;
  return [
    ...lengths.map((_, i): Change => ({ kind: 'erase', address: at(i), length: PAGE })),
    ...lengths.map(
      (length, i): Change => ({
        kind: 'write',
        base: at(i),
        number: 0,
        address: at(i),
        bytes: madeUpBytes(offset + i, length),
      }),
    ),
    ...lengths.map((length, i): ReadRequest => ({ kind: 'read', base: at(i), number: 0, address: at(i), length })),
  ];
}
