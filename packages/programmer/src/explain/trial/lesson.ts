/** Makes up the trial from which a loader is learned of which nothing is known yet. It carries nothing out. */
import type { Range } from '../../target/geometry.ts';
import { type Asked, eraseOf, readAt } from '../recording/asked.ts';
import type { ReadRequest, Recording, Shape } from '../recording/record.ts';
import { trialUnitOf } from '../recording/write-units.ts';
import { piecesIn, sectorsIn, TAIL } from './scratch.ts';
import { looksOf } from './scratch-looks.ts';
import { readsOf, writesOf } from './trial-blocks.ts';

const LESSON_LOOK_BYTES = 64;

/**
 * Every step is seen alone: what stands there, what an erase leaves, what blocks leave. Some blocks hold one value, which
 * shows what becomes of bytes wherever they go; some lie at places that differ in one address line.
 */
export function lesson(scratch: Range, recording: Recording): Asked[] {
  const { shape, blockSize } = recording;
  const stretches = stretchesOf(scratch, shape);
  const planned = stretches.map(({ sectors, start, end }, n) => ({
    sectors: n % 2 === 0 ? sectors.toReversed() : sectors,
    pieces: piecesIn(
      {
        start: start + (n % 2) * TAIL,
        end: Math.min(end, start + STRETCH_BYTES),
        blockSize,
        unit: trialUnitOf(shape),
        writeSize: shape.writeSize,
      },
      n,
    ),
  }));
  const pieces = planned.flatMap((each) => each.pieces);
  const looks = [...looksOf(recording), ...gridOf(scratch), ...pieces.map(({ start }) => otherHalf(start, shape))];
  const reads = pieces.flatMap(({ start, end }) => readsOf(start, end, blockSize));
  const changes = planned.flatMap((each, n): Asked[] => [
    ...each.sectors.map(eraseOf),
    ...each.sectors.flatMap(looksAtSector),
    ...each.pieces.flatMap((piece, i) => withOneValue(writesOf(piece, blockSize, n * 16 + i))),
  ]);
  const beside = pieces.map(({ start, end }) => readAt(start + 13, Math.min(300, end - start - 13)));
  return [...looks, ...reads, ...changes, ...reads, ...looks, ...beside.toReversed()];
}

function looksAtSector({ start, end }: Range): ReadRequest[] {
  const middle = start + (end - start) / 2;
  return [start, middle, end - LESSON_LOOK_BYTES].map((at) => readAt(at, LESSON_LOOK_BYTES));
}

const MOST_GRID = 128;

/** Where something may have landed. */
function gridOf({ start, end }: Range): ReadRequest[] {
  const every = Math.max(1024, Math.ceil((end - start) / MOST_GRID / 64) * 64);
  const looks: ReadRequest[] = [];
  for (let at = start; at + LESSON_LOOK_BYTES <= end; at += every) looks.push(readAt(at, LESSON_LOOK_BYTES));
  return looks;
}

/** The same place in the other half of the flash: two banks, or the highest address line. */
function otherHalf(address: number, { start, end }: Shape): ReadRequest {
  const size = end - start;
  return readAt(start + ((address - start + size / 2) % size), LESSON_LOOK_BYTES);
}

/** A short block of about this length stands alone. */
const ALONE_BYTES = [600, 632] as const;

/** One of some blocks holds one value only. */
function withOneValue(writes: Asked[]): Asked[] {
  return writes.map((write, i) =>
    write.kind === 'write' && (writes.length === 1 ? isAlone(write.bytes) : i % 3 === 1)
      ? { ...write, bytes: write.bytes.map(() => write.bytes[3] ?? 0) }
      : write,
  );
}

const isAlone = ({ length }: Uint8Array): boolean => length >= ALONE_BYTES[0] && length < ALONE_BYTES[1];

/** Where stretches begin, from the start of the place: two lie apart by each of the lower address lines that fit. */
const STRETCHES = [0, 0x4000, 0x8000, 0x1_0000];
const SECTORS_PER_STRETCH = 4;
/** Written in each. */
const STRETCH_BYTES = 0x2000;
/** An erase of a larger sector takes its time. */
const MOST_SECTOR_BYTES = 0x1_0000;

interface Stretch extends Range {
  readonly sectors: readonly Range[];
}

/** Four small sectors or one large one at each of a few places, and at the end. */
function stretchesOf(scratch: Range, shape: Shape): Stretch[] {
  const inside = sectorsIn(scratch, shape);
  const small = inside.filter(({ start, end }) => end - start <= MOST_SECTOR_BYTES);
  const all = small.length > 0 ? small : inside.slice(0, 1);
  const [first] = all;
  if (!first) return [];
  const count = first.end - first.start < 0x4000 ? SECTORS_PER_STRETCH : 1;
  const from = STRETCHES.map((by) => all.findIndex(({ start }) => start >= scratch.start + by));
  const taken = new Set<Range>();
  return [...from, all.length - count].flatMap((at) => {
    const own = at < 0 ? [] : all.slice(at, at + count).filter((sector) => !taken.has(sector));
    for (const sector of own) taken.add(sector);
    const [head] = own;
    return head ? [{ sectors: own, start: head.start, end: own.at(-1)?.end ?? head.end }] : [];
  });
}
