/** What a trial erases and writes besides, where models differ in what becomes of it. */
import type { Range } from '../target/geometry.ts';
import { type Asked, eraseOf, readAt } from './asked.ts';
import { limitsIn } from './limits.ts';
import type { Model } from './primitive.ts';
import { actsOnPieces } from './primitives/pieces.ts';
import type { Recording } from './record.ts';
import { readsOf, writesOf } from './trial-blocks.ts';
import { inUnits, trialUnitOf } from './write-units.ts';

/** Limits at which it is tried what becomes of a block across them, and the block. */
const MOST_LIMIT_TRIALS = 2;
const BELOW_LIMIT = 136;
const ABOVE_LIMIT = 104;

/** A block across each limit of writes that lies in sectors which may be erased. */
export function limitTrials(models: readonly Model[], sectors: readonly Range[], recording: Recording): Asked[] {
  const { shape, blockSize } = recording;
  const ofWrites = models.map((model) => model.filter(({ on }) => on.includes('write')));
  return limitsIn(ofWrites)
    .map((limit) => shape.start + limit)
    .map((limit) => inUnits({ start: limit - BELOW_LIMIT, end: limit + ABOVE_LIMIT }, trialUnitOf(shape)))
    .filter((block) => isAllIn(block, sectors))
    .slice(0, MOST_LIMIT_TRIALS)
    .flatMap((block, i) => writtenAnew(block, sectors, { blockSize, seed: LIMIT_SEED + i }));
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

/** All of it lies in sectors that follow one another. */
function isAllIn({ start, end }: Range, sectors: readonly Range[]): boolean {
  const own = sectors.filter((each) => each.start < end && each.end > start);
  const bytes = own.reduce((sum, each) => sum + Math.min(end, each.end) - Math.max(start, each.start), 0);
  return bytes === end - start;
}

/** Erases all that a place touches, writes it and reads it. */
function writtenAnew(
  place: Range,
  sectors: readonly Range[],
  { blockSize, seed }: { readonly blockSize: number; readonly seed: number },
): Asked[] {
  const { start, end } = place;
  return [
    ...sectors.filter((each) => each.start < end && each.end > start).map(eraseOf),
    ...writesOf(place, blockSize, seed),
    ...readsOf(start, end, blockSize),
  ];
}

const CUT_SEED = 7101;
const LIMIT_SEED = 7001;

/** Sectors in which it is tried what an erase looks at first. */
const MOST_GUARD_TRIALS = 4;

/** For each number of bytes that an erase may look at first: all of them are blank but the last of these. */
export function guardTrials(models: readonly Model[], sectors: readonly Range[], unit: number): Asked[] {
  const guards = models.flat().filter(({ kind, on }) => kind === 'blank-check' && on.includes('erase'));
  const looked = new Map(
    guards.map(({ parameters: { place = 0, bytes = 0 } }) => [`${place} ${bytes}`, { place, bytes }]),
  );
  return [...looked.values()].slice(0, MOST_GUARD_TRIALS).flatMap(({ place, bytes }, i): Asked[] => {
    const sector = sectors[i];
    if (!sector || place === 0 || bytes > sector.end - sector.start) return [];
    const at = place === 1 ? sector.start + bytes - 1 : sector.end - bytes;
    const start = at - (at % unit);
    const written = new Uint8Array(unit).fill(0xff);
    written[at - start] = 0x5a;
    const erase = eraseOf(sector);
    const look = readAt(start, unit);
    return [erase, { kind: 'write', base: start, number: 0, address: start, bytes: written }, look, erase, look];
  });
}
