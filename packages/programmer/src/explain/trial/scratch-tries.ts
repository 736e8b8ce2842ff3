/** What a trial erases and writes besides, where models differ in what becomes of it. */
import type { Range } from '../../target/geometry.ts';
import type { ConditionKind } from '../grammar/condition.ts';
import { limitsIn } from '../grammar/limits.ts';
import type { Model, Primitive } from '../grammar/primitive.ts';
import { actsOnPieces } from '../primitives/pieces.ts';
import { type Asked, eraseOf, readAt } from '../recording/asked.ts';
import type { Recording } from '../recording/record.ts';
import { inUnits, trialUnitOf } from '../recording/write-units.ts';
import { writtenWithLandings } from './scratch-landings.ts';
import { isAllIn, readsOf, writesOf, writtenAnew } from './trial-blocks.ts';

/** Limits at which it is tried what becomes of a block across them, and the block. */
const MOST_LIMIT_TRIALS = 2;
const BELOW_LIMIT = 136;
const ABOVE_LIMIT = 104;
const MOST_BETWEEN_LIMITS = 2;

/** A block across each limit of writes that lies in sectors which may be erased. */
export function limitTrials(models: readonly Model[], sectors: readonly Range[], recording: Recording): Asked[] {
  const { shape, blockSize } = recording;
  const ofWrites = models.map((model) => model.filter(({ on }) => on.includes('write')));
  const limits = limitsIn(ofWrites)
    .map((limit) => shape.start + limit)
    .sort((a, b) => a - b);
  const across = limits.map((limit) => ({ start: limit - BELOW_LIMIT, end: limit + ABOVE_LIMIT }));
  // A block begins behind one limit and ends before the next: one of them may be of starts, and one of ends.
  const between = limits.flatMap((limit, i) => {
    const room = (limits[i + 1] ?? limit) - limit;
    return room > 0 && room <= blockSize ? [{ start: limit + room / 4, end: limit + room / 2 }] : [];
  });
  const written = writtenWithLandings(models, sectors, recording);
  return [...across.slice(0, MOST_LIMIT_TRIALS), ...between.slice(0, MOST_BETWEEN_LIMITS)]
    .map((block) => inUnits(block, trialUnitOf(shape)))
    .filter((block) => isAllIn(block, sectors))
    .flatMap((block, i) => written(block, LIMIT_SEED + i));
}

const MOST_RUN_TRIALS = 1;
const MOST_RUN_BYTES = 0x12000;

/** A run that is longer than the numbers of blocks from which on something happens, as models say. */
export function runTrials(models: readonly Model[], sectors: readonly Range[], recording: Recording): Asked[] {
  const { shape, blockSize } = recording;
  const written = writtenWithLandings(models, sectors, recording);
  return [...new Set(models.flat().flatMap((primitive) => numbersIn(primitive, blockSize)))]
    .map((number) => (number + 2) * blockSize)
    .filter((length) => length <= MOST_RUN_BYTES)
    .sort((a, b) => b - a)
    .slice(0, MOST_RUN_TRIALS)
    .flatMap((length, i) => {
      const highest = sectors.toReversed().map(({ end }) => ({ start: end - length, end }));
      const place = highest.find((each) => isAllIn(each, sectors));
      if (place) return written(place, RUN_SEED + i);
      const start = Math.min(sectors[0]?.start ?? shape.start, shape.end - length);
      return readsOf(start, start + length, blockSize);
    });
}

const MOST_ALIAS_TRIALS = 12;
const ALIAS_BYTES = 64;

/** Where all reads come from one place: what is written to places that differ from it in one line of the address. */
export function aliasTrials(
  models: readonly Model[],
  sectors: readonly Range[],
  { shape, blockSize }: Recording,
): Asked[] {
  const places = models.flatMap((model) =>
    model
      .filter(({ kind, on, condition }) => kind === 'one-place' && on.includes('read') && !condition)
      .flatMap(({ parameters: { at } }) => at ?? []),
  );
  const lines = Array.from({ length: Math.ceil(Math.log2(shape.end - shape.start)) }, (_, line) => 2 ** line);
  const aliases = new Set(places.flatMap((at) => lines.flatMap((by) => [at ^ by, at - by, at + by])));
  return [...aliases]
    .map((at) => ({ start: shape.start + at, end: shape.start + at + ALIAS_BYTES }))
    .filter((block) => sectors.some(({ start, end }) => block.start >= start && block.end <= end))
    .slice(-MOST_ALIAS_TRIALS)
    .flatMap((block, i) =>
      writtenAnew(inUnits(block, trialUnitOf(shape)), sectors, { blockSize, seed: ALIAS_SEED + i }),
    );
}

/** Whose second value is a block number. */
const OF_RUNS: readonly ConditionKind[] = ['every-in-run', 'all-but-every-in-run'];

/** Block numbers at which, or from which on, a deviation shows. */
function numbersIn({ kind, parameters, condition }: Primitive, blockSize: number): number[] {
  const { period, signed } = parameters;
  const ofKind = kind !== 'number-wraps' ? undefined : signed === undefined ? period : 2 ** (signed - 1) / blockSize;
  return [
    ...(ofKind === undefined ? [] : [Math.ceil(ofKind)]),
    ...(condition?.kind === 'from-number' ? condition.values.slice(0, 1) : []),
    ...(condition && OF_RUNS.includes(condition.kind) ? condition.values.slice(1, 2) : []),
  ];
}

const MOST_CUT_TRIALS = 2;
/** Of a block across a border, the share that lies below it. */
const BELOW_BORDER = 1 / 4;

/** A block across a border at which a model cuts it: another deviation may change each piece, or the block. */
export function cutTrials(models: readonly Model[], sectors: readonly Range[], recording: Recording): Asked[] {
  const { shape, blockSize } = recording;
  const grains = models.flatMap((model) =>
    model.some(actsOnPieces) ? model.flatMap(({ hooks: { grain } }) => (grain === undefined ? [] : [grain])) : [],
  );
  const unit = trialUnitOf(shape);
  const below = Math.ceil((blockSize * BELOW_BORDER) / unit) * unit;
  return [...new Set(grains)]
    .filter((grain) => grain >= blockSize)
    .flatMap((grain) => {
      const blocks = sectors.map(({ start }) => {
        const border = shape.start + Math.ceil((start - shape.start + below) / grain) * grain;
        return { start: border - below, end: border - below + blockSize };
      });
      return blocks.find((block) => isAllIn(block, sectors)) ?? [];
    })
    .slice(0, MOST_CUT_TRIALS)
    .flatMap((block, i) => writtenAnew(block, sectors, { blockSize, seed: CUT_SEED + i }));
}

const ALIAS_SEED = 7301;
const RUN_SEED = 7201;
const CUT_SEED = 7101;
const LIMIT_SEED = 7001;

/** Sectors in which it is tried what an erase or a write looks at first. */
const MOST_GUARD_TRIALS = 4;
/** Behind all that is looked at where a sector starts, and the length of what is written there. */
const GUARDED_AT = 512;
const GUARDED_BYTES = 64;

/** For each number of bytes that an operation may look at first: all of them are blank but the last of these. */
export function guardTrials(
  models: readonly Model[],
  sectors: readonly Range[],
  { shape, blockSize }: Recording,
): Asked[] {
  const guards = models.flat().filter(({ kind }) => kind === 'blank-check');
  const looked = new Map(
    guards.map(({ on, parameters: { place = 0, bytes = 0 } }) => [
      `${on.join()} ${place} ${bytes}`,
      { on, place, bytes },
    ]),
  );
  const unit = trialUnitOf(shape);
  return [...looked.values()].slice(0, MOST_GUARD_TRIALS).flatMap(({ on, place, bytes }, i): Asked[] => {
    const sector = sectors[i];
    if (!sector) return [];
    const own = place === 0 ? { start: sector.start, end: sector.start + bytes } : sector;
    const used = place === 2 ? sector.end - bytes : own.start + bytes - 1;
    if (!isAllIn(own, sectors) || used < own.start || used >= own.end) return [];
    const start = used - (used % unit);
    const written = new Uint8Array(unit).fill(0xff);
    written[used - start] = 0x5a;
    const erases = sectors.filter((each) => each.start < own.end && each.end > own.start).map(eraseOf);
    const look = readAt(start, unit);
    const marked: Asked[] = [
      ...erases,
      { kind: 'write', base: start, number: 0, address: start, bytes: written },
      look,
    ];
    if (on.includes('erase')) return place === 0 ? [] : [...marked, ...erases, look];
    const at = own.start + (place === 0 ? 0 : GUARDED_AT);
    const guarded = { start: at, end: at + GUARDED_BYTES };
    const isFree = guarded.end <= start || guarded.start >= start + unit;
    const block = writesOf(guarded, blockSize, GUARD_SEED + i);
    return isFree ? [...marked, ...block, ...readsOf(guarded.start, guarded.end, blockSize)] : [];
  });
}

const GUARD_SEED = 7401;
