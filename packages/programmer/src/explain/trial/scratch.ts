/** Makes up trials in erased sectors that break the coincidences of a job. It carries nothing out. */
import type { Range } from '../../target/geometry.ts';
import type { Model, Primitive } from '../grammar/primitive.ts';
import { type Asked, eraseOf, readAt } from '../recording/asked.ts';
import type { ReadRequest, Recording, Shape } from '../recording/record.ts';
import { inUnits, trialUnitOf } from '../recording/write-units.ts';
import { landingTrials } from './scratch-landings.ts';
import { landingLooks, limitLooks, lineLooks, looksOf, originLooks, sectorLooks } from './scratch-looks.ts';
import { aliasTrials, cutTrials, guardTrials, limitTrials, runTrials } from './scratch-tries.ts';
import { beginningsFor, readsOf, writesOf } from './trial-blocks.ts';

/** More sectors are not needed, and each erase takes its time. */
const MOST_TRIAL_SECTORS = 11;
const LARGE_TRIAL_SECTOR = 0x4000;
const isSmall = ({ start, end }: Range): boolean => end - start <= LARGE_TRIAL_SECTOR;
const isLeast = ({ start, end }: Range): boolean => end - start <= 4 * LARGE_TRIAL_SECTOR;
/** Of each written piece, before a sector is erased again. */
const BETWEEN_BYTES = 64;
/** A length that is a multiple of no more than 8. */
export const TAIL = 40;

/**
 * A trial that breaks the coincidences of a job: it begins at the highest place and at odd pages, has short blocks in the
 * middle, runs of several lengths, erases after writes, and reads in another order and at odd addresses.
 */
export function scratchTrial(scratch: Range, recording: Recording, variant: number, models: readonly Model[]): Asked[] {
  const { shape, blockSize } = recording;
  const segments = segmentsOf(scratch, shape, variant);
  const borders = bordersOf(segments);
  const unit = trialUnitOf(shape);
  const beginnings = beginningsFor(models);
  const asked: Asked[] = [];
  const written: Range[] = [];
  for (const [n, { sectors, start, end }] of segments.entries()) {
    asked.push(...apart(n % 2 === 0 ? sectors.toReversed() : sectors).map(eraseOf));
    const from = start + (borders.includes(start) ? ABOVE_BORDER : 0);
    const place = { start: from + (n % 2) * TAIL, end, blockSize, unit, writeSize: shape.writeSize };
    const pieces = piecesIn(place, variant + n);
    for (const piece of n % 2 === 0 ? pieces : pieces.toReversed()) {
      const isLong = (one: Range): boolean => one.end - one.start > blockSize;
      const nth = variant + written.filter((one) => isLong(one) === isLong(piece)).length;
      asked.push(...writesOf(piece, blockSize, variant * 64 + written.length, { nth, beginnings }));
      written.push(piece);
    }
  }
  // What stands after the first erases may be gone after this one.
  asked.push(...written.map(({ start }) => readAt(start, BETWEEN_BYTES)));
  const again = erasedAgain(segments, borders, { variant, blockSize, unit });
  asked.push(...again.asked);
  written.push(...again.written);
  // Cells take a byte once: nothing is written where something stands.
  const across = borders
    .map((at) => inUnits({ start: at - 2 * LOW_OF_BORDER, end: at + LOW_OF_BORDER }, unit))
    .filter((piece) => !written.some((other) => other.start < piece.end && other.end > piece.start));
  asked.push(...across.flatMap((piece, i) => writesOf(piece, blockSize, variant * 64 + 48 + i)));
  written.push(...across);
  const open = sectorsIn(scratch, shape);
  // They erase what the others have written, which is read before.
  const besides = [
    ...guardTrials(models, open.filter(isSmall), recording),
    ...[limitTrials, cutTrials, runTrials, landingTrials, aliasTrials].flatMap((trials) =>
      trials(models, open.filter(isLeast), recording),
    ),
  ];
  const looks = segments.flatMap(({ start, end }) => [readAt(end - 128, 128), readAt(start, 128)]);
  looks.push(...toldLooks(models, { asked: [...asked, ...besides], written }, recording));
  const reads = written.flatMap(({ start, end }) => readsOf(start, end, blockSize));
  return [
    ...looks,
    ...asked,
    ...reads,
    ...besides,
    ...looks,
    ...readsBeside(written).toReversed(),
    ...readsThrough(segments, models, blockSize),
  ];
}

/** What is lost every time may be lost only since some count was reached: a loader that starts anew shows it. */
export const isLostAlways = ({ kind, condition }: Primitive): boolean => kind === 'lost' && !condition;

/** Every second one, then the others: an erase of two sectors is not two erases. Of three, one stands beside both others. */
const apart = (sectors: readonly Range[]): Range[] =>
  (sectors.length > 3 ? [1, 0] : [0, 1]).flatMap((turn) => sectors.filter((_, i) => i % 2 === turn));

/** A sector that is erased once more, and written. */
function erasedAgain(
  segments: readonly TrialSegment[],
  borders: readonly number[],
  { variant, blockSize, unit }: Pick<PiecePlace, 'blockSize' | 'unit'> & { readonly variant: number },
): { readonly asked: readonly Asked[]; readonly written: readonly Range[] } {
  const firsts = segments.flatMap(({ sectors }) => sectors.slice(0, 1));
  const smalls = firsts.some(isSmall) ? firsts.filter(isSmall) : firsts.filter(isLeast);
  const small = smalls[variant % Math.max(1, smalls.length)];
  if (!small) return { asked: [], written: [] };
  const { start } = small;
  const erase = eraseOf(small);
  // After it a run of several blocks, where there is room for one.
  const isRoomy = small.end - start > 4 * blockSize;
  const isFree = !borders.includes(start);
  if (!isFree && !isRoomy) return { asked: [erase], written: [] };
  const from = start + (isFree ? 0 : ABOVE_BORDER);
  const length = isRoomy ? 2 * blockSize + TAIL : Math.min(256, blockSize);
  const piece = inUnits({ start: from, end: from + length }, unit);
  return { asked: [erase, ...writesOf(piece, blockSize, variant * 64 + 63)], written: [piece] };
}

/** Reads of what was looked at before, and where models say that something shows. */
const toldLooks = (
  models: readonly Model[],
  { asked, written }: { readonly asked: readonly Asked[]; readonly written: readonly Range[] },
  recording: Recording,
): ReadRequest[] => [
  ...looksOf(recording),
  ...landingLooks(models, asked, recording),
  ...originLooks(models, [...written, ...startsOf(asked)], recording),
  ...limitLooks(models, recording),
  ...sectorLooks(models, recording),
  ...lineLooks(models, written, recording),
];

/** Where runs of writes begin. */
const startsOf = (asked: readonly Asked[]): Range[] =>
  asked.flatMap((each) =>
    each.kind === 'write' && each.number === 0 ? [{ start: each.address, end: each.address + each.bytes.length }] : [],
  );

/** At odd addresses, and across ends in the middle of a double word. */
const readsBeside = (written: readonly Range[]): ReadRequest[] => [
  ...written.map(({ start, end }) => readAt(start + 13, Math.min(300, end - start - 13))),
  ...written.filter(({ end }) => end % DOUBLE_WORD !== 0).map(({ end }) => readAt(end - DOUBLE_WORD, 2 * DOUBLE_WORD)),
];

/** Segments that are read in one run, with what is blank in them: little may be left of what was written. */
const MOST_READ_THROUGH = 2;
const READ_THROUGH_BLOCKS = 8;
/** Where nothing is said to arrive: it may lie anywhere in them. */
const WHOLE_BLOCKS = 64;

function readsThrough(segments: readonly TrialSegment[], models: readonly Model[], blockSize: number): ReadRequest[] {
  const isNothingWritten = models.some((model) =>
    model.some((each) => isLostAlways(each) && each.on.includes('write')),
  );
  const [most, blocks] = isNothingWritten ? [segments.length, WHOLE_BLOCKS] : [MOST_READ_THROUGH, READ_THROUGH_BLOCKS];
  return segments
    .slice(0, most)
    .flatMap(({ start, end }) => readsOf(start, Math.min(end, start + blocks * blockSize), blockSize));
}

/** Free above a border of two sectors that are erased apart, and half of what is written there. */
const ABOVE_BORDER = 512;
const LOW_OF_BORDER = 200;

/** Where one segment begins at the end of another: a block across it is in both, and ends where no sector does. */
const bordersOf = (segments: readonly TrialSegment[]): number[] =>
  segments.flatMap(({ start }) => (segments.some(({ end }) => end === start) ? [start] : []));

/** Variants from this one on have a large sector as well. */
const VARIANT_WITH_LARGE = 2;

interface TrialSegment extends Range {
  readonly sectors: readonly Range[];
}

/** Whole ones in a place. */
export const sectorsIn = (scratch: Range, { sectors }: Shape): Range[] =>
  sectors.filter(({ start, end }) => start >= scratch.start && end <= scratch.end);

/** The highest sectors of the place first, then some from an odd one in the middle, then the first. */
function segmentsOf(scratch: Range, shape: Shape, variant: number): TrialSegment[] {
  const inside = sectorsIn(scratch, shape);
  // An erase of a large sector takes its time: one of them, where there is no other or the others did not tell.
  const large = inside.find((sector) => !isLeast(sector));
  const least = inside.filter(isLeast);
  const all = large && (least.length === 0 || variant >= VARIANT_WITH_LARGE) ? [...least, large] : least;
  const n = all.length;
  const middle = 2 * Math.floor((n * (3 + variant)) / 16) + 1;
  const cuts =
    (all[0]?.end ?? 0) - (all[0]?.start ?? 0) < LARGE_TRIAL_SECTOR
      ? [
          [n - 4 - variant, n - variant],
          [middle, middle + 4],
          [1, 2],
          [0, 1],
        ]
      : [n - 1, 1, 3, 0, 2].map((i) => [i, i + 1]);
  const taken = new Set<number>();
  // Another one is the first each time: what counts bytes or operations is told by how large that is.
  const turned = cuts.map((_, i) => cuts[(i + variant) % cuts.length] ?? [0, 0]);
  return turned.flatMap(([from = 0, to = 0]) => {
    const indices = Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i).filter(
      (i) => i >= 0 && i < n && !taken.has(i) && taken.size < MOST_TRIAL_SECTORS,
    );
    for (const i of indices) taken.add(i);
    const sectors = indices.flatMap((i) => all[i] ?? []);
    const [first] = sectors;
    const last = sectors.at(-1);
    return first && last && last.end - first.start === sectors.reduce((sum, { start, end }) => sum + end - start, 0)
      ? [{ sectors, start: first.start, end: last.end }]
      : [];
  });
}

/** Distances, and lengths of which each is a multiple of another power of two. */
const CLUSTER = [
  [0, 16],
  [24, 32],
  [72, 48],
  [136, 64],
  [264, 96],
  [520, 192],
  [1032, 128],
  [2056, 256],
] as const;

/** Between two of them: what becomes of a group of bytes that is cut shows at its end. */
const RAGGED_AT = 376;
const RAGGED_LENGTH = 112;
const DOUBLE_WORD = 8;

/** Where pieces are written, and in which units. */
export interface PiecePlace extends Range {
  readonly blockSize: number;
  readonly unit: number;
  /** Cells take no less at once; a last piece ends in the middle of a double word where they do. */
  readonly writeSize: number;
}

export function piecesIn({ start, end, blockSize, unit, writeSize }: PiecePlace, variant: number): Range[] {
  const lengths = [
    [3 * blockSize + TAIL, 600, 24, 2 * blockSize],
    [24, 2 * blockSize + 72, (blockSize * 3) / 4, blockSize],
    [600, blockSize, 3 * blockSize + 8, 24],
  ][variant % 3];
  const pieces: Range[] = [];
  let at = start;
  for (const length of lengths ?? []) {
    const piece = inUnits({ start: at, end: at + length }, unit);
    if (piece.end > end) continue;
    pieces.push(piece);
    at = Math.ceil((piece.end + 256) / 1024) * 1024 + (length === 24 ? unit : 0);
  }
  // Some close together: a unit that is larger than it should be takes one with the other.
  const cluster = at - start >= 1024 ? at - 512 : at;
  const ragged = RAGGED_LENGTH - (writeSize < DOUBLE_WORD ? writeSize : 0);
  for (const [by, length] of [...CLUSTER, [RAGGED_AT, ragged] as const]) {
    const piece = inUnits({ start: cluster + by, end: cluster + by + length }, length === ragged ? writeSize : unit);
    if (piece.end <= end && !pieces.some((other) => other.start < piece.end && other.end > piece.start))
      pieces.push(piece);
  }
  return pieces;
}
