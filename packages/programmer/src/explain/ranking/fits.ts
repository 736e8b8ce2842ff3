/** How well deviations agree with what was seen, without a simulation: a quick sieve for pairs. It decides nothing. */

import type { Seen, SeenBlock } from '../estimate/seen.ts';
import { MUST, MUST_NOT } from '../exact/needs.ts';
import { markedValue, NO_BYTE } from '../grammar/marks.ts';
import type { Model, Primitive } from '../grammar/primitive.ts';
import { bitCount } from '../memory/fours.ts';
import { placeInRuns } from '../primitives/runs.ts';
import type { Ground, Step } from '../recording/steps.ts';
import { machineOf, modelRunsOf, wholeOf } from '../simulate/machine.ts';
import { sourceIndex, tableAt, transformOf } from '../simulate/transform.ts';

const FITTED_BLOCKS = 5;
/** Not a multiple of any usual group or period. */
const EVERY = 23;

/** Some blocks that came out wrong, in which a change of data can be seen: those that hold something of their own, if any do. */
export function telltaleBlocks({ blocks, firstRead, ground }: Seen): SeenBlock[] {
  const wrong = blocks.filter((block) => block.wrong > 0).sort((a, b) => b.wrong - a.wrong);
  const telling = wrong.filter((block) => holdsItsOwn(block, firstRead, ground));
  const some = telling.length > 0 ? telling : wrong;
  const every = Math.max(1, Math.floor(some.length / 2 / FITTED_BLOCKS));
  return some.filter((_, i) => i % every === 0).slice(0, FITTED_BLOCKS);
}

/** Whether something was read that is neither erased, nor what stood there, nor what was written. */
function holdsItsOwn({ step, found }: SeenBlock, firstRead: Int16Array, { erasedValue }: Ground): boolean {
  let own = 0;
  for (let i = 0; i < step.length && own < LEAST_OWN; i += 3) {
    const is = found[i] ?? -1;
    if (is >= 0 && is !== erasedValue && is !== step.bytes[i] && is !== firstRead[step.address + i]) own++;
  }
  return own >= LEAST_OWN;
}

const LEAST_OWN = 4;

/** Indices of a block that are looked at: some of all, and some of those that came out wrong. */
function lookedAt({ step, found, wrong }: SeenBlock): number[] {
  const some: number[] = [];
  for (let i = step.index % EVERY; i < step.length; i += EVERY) some.push(i);
  if (wrong === 0) return some;
  const every = Math.max(1, Math.floor(wrong / MOST_WRONG_INDICES));
  let n = 0;
  for (let i = 0; i < step.length; i++)
    if ((found[i] ?? -1) >= 0 && found[i] !== step.bytes[i] && n++ % every === 0) some.push(i);
  return some;
}

const MOST_WRONG_INDICES = 48;
const fittedIndices = new WeakMap<SeenBlock, readonly number[]>();

function indicesIn(block: SeenBlock): readonly number[] {
  const known = fittedIndices.get(block) ?? lookedAt(block);
  fittedIndices.set(block, known);
  return known;
}

/** What of a block arrives at index `i`; -1 for nothing, `undefined` for what is not known. */
function arriving(primitive: Primitive | undefined, step: Step, ground: Ground): (i: number) => number | undefined {
  const transform = primitive && transformOf([primitive], step);
  const runs = primitive?.hooks.data ? undefined : primitive?.hooks.runs?.(wholeOf(step), step, ground);
  return (i) => {
    if (runs && placeInRuns(runs, i) === undefined) return -1;
    const at = transform ? sourceIndex(transform, i, step.length) : i;
    if (at >= step.length || at === NO_BYTE.none) return -1;
    if (at < 0 && markedValue(at) === undefined) return undefined;
    let byte = at < 0 ? (markedValue(at) ?? 0) : (step.bytes[at] ?? 0);
    const table = transform && tableAt(transform, i);
    if (table) byte = table[byte] ?? 0;
    for (const key of transform?.keys ?? []) byte ^= key(i, step.address + i, step) & 0xff;
    return byte;
  };
}

/** Bytes of a block, of those that are looked at, that are otherwise than if `primitive` were what becomes of it. */
function wrongOfBlock(block: SeenBlock, primitive: Primitive | undefined, ground: Ground): number {
  const { step, found } = block;
  const byteAt = arriving(primitive, step, ground);
  let wrong = 0;
  for (const i of indicesIn(block)) {
    const is = found[i] ?? -1;
    const byte = byteAt(i);
    if (is >= 0 && byte !== undefined && is !== (byte < 0 ? ground.erasedValue : byte)) wrong++;
  }
  return wrong;
}

/** For each block, whether `primitive` must have struck it, because it is right with it alone, or must not have. */
export function needsOfBlocks(blocks: readonly SeenBlock[], primitive: Primitive, ground: Ground): Uint8Array {
  return Uint8Array.from(blocks, (block) => {
    const without = block.wrong === 0 ? 0 : wrongOfBlock(block, undefined, ground);
    const struck = wrongOfBlock(block, primitive, ground);
    if (without === 0) return struck > 0 ? MUST_NOT : 0;
    return struck === 0 ? MUST : 0;
  });
}

/** Share of the bits of some blocks that come out as they were read if `primitive` is what becomes of their bytes; -1: none can be told. */
export function dataFit(blocks: readonly SeenBlock[], primitive: Primitive | undefined, erased: number): number {
  let all = 0;
  let wrong = 0;
  for (const block of blocks) {
    const { step, found } = block;
    const transform = primitive && transformOf([primitive], step);
    for (const i of indicesIn(block)) {
      const is = found[i] ?? -1;
      // What is erased may be lost as well.
      if (is < 0 || is === erased) continue;
      const at = transform ? sourceIndex(transform, i, step.length) : i;
      if (at >= step.length || (at < 0 && markedValue(at) === undefined)) continue;
      let byte = at < 0 ? (markedValue(at) ?? erased) : (step.bytes[at] ?? 0);
      const table = transform && tableAt(transform, i);
      if (table) byte = table[byte] ?? 0;
      for (const key of transform?.keys ?? []) byte ^= key(i, step.address + i, step) & 0xff;
      all += 8;
      wrong += bitCount(byte ^ is);
    }
  }
  return all === 0 ? -1 : 1 - wrong / all;
}

/** Share of the bytes of some blocks that are right where `primitive` lets them arrive, and wrong where it does not. */
export function partFit(blocks: readonly SeenBlock[], primitive: Primitive | undefined, ground: Ground): number {
  let all = 0;
  let fitting = 0;
  for (const block of blocks) {
    const { step, found } = block;
    const runs = primitive?.hooks.runs?.(wholeOf(step), step, ground) ?? wholeOf(step);
    for (const i of indicesIn(block)) {
      if ((found[i] ?? -1) < 0 || step.bytes[i] === ground.erasedValue) continue;
      const arrives = placeInRuns(runs, i) !== undefined;
      all++;
      if (arrives === (found[i] === step.bytes[i])) fitting++;
    }
  }
  return all === 0 ? -1 : fitting / all;
}

/** Two reads of different places, and whether they gave the same. */
export interface Echo {
  readonly reads: readonly [Step, Step];
  readonly isSame: boolean;
}

const ECHO_BYTES = 64;
const MOST_ECHOES = 12;

/** Reads that begin alike, though nothing alike was to stand there, and as many neighbours that do not. */
export function findEchoes({ after }: Seen): Echo[] {
  const heads = new Map<string, Step>();
  const same: Echo[] = [];
  const others: Echo[] = [];
  let last: Step | undefined;
  for (const { step, value, unknown } of after) {
    const head = step.bytes.subarray(0, ECHO_BYTES);
    if (head.length < ECHO_BYTES || new Set(head).size < ECHO_BYTES / 8) continue;
    const key = head.join();
    const other = heads.get(key);
    const isDue = value.subarray(0, ECHO_BYTES).every((byte, i) => unknown[i] === 0 && byte === head[i]);
    if (!other) {
      heads.set(key, step);
      if (last) others.push({ reads: [last, step], isSame: false });
      last = step;
    } else if (other.address !== step.address && !isDue) same.push({ reads: [other, step], isSame: true });
  }
  return same.length === 0 ? [] : [...someEchoes(same), ...someEchoes(others)];
}

function someEchoes(echoes: readonly Echo[]): Echo[] {
  const every = Math.max(1, Math.floor(echoes.length / MOST_ECHOES));
  return echoes.filter((_, i) => i % every === 0).slice(0, MOST_ECHOES);
}

/** Of some echoes, the share that a model gives: the same where both come from one place, else not. */
export function echoFit(echoes: readonly Echo[], model: Model, ground: Ground): number {
  if (echoes.length === 0) return 0;
  const { chains } = machineOf(model, ground);
  const sourceOf = (step: Step): number | undefined => modelRunsOf(chains.read, step, ground, { indices: [0, 1] })?.[1];
  const fitting = echoes.filter(({ reads: [one, other], isSame }) => (sourceOf(one) === sourceOf(other)) === isSame);
  return fitting.length / echoes.length;
}
