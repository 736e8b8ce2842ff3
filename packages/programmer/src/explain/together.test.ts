import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FLASH_START, pagedFlash } from '../../testing/flash-shapes.ts';
import { condition } from './grammar/condition.ts';
import { type Model, when } from './grammar/primitive.ts';
import { answered, copied, keptFromStart } from './primitives/copies.ts';
import {
  closedUp,
  combine,
  erasesFirst,
  hole,
  keyed,
  repeated,
  rotated,
  stripes,
  swap,
  table,
  widened,
} from './primitives/data.ts';
import { eraseValue } from './primitives/erase.ts';
import { ahead } from './primitives/filter.ts';
import { ofAnswer, onWhatIsLeft, partOfWhatIsLeft } from './primitives/left-of-block.ts';
import { line } from './primitives/lines.ts';
import {
  bounded,
  filled,
  headLost,
  headOnly,
  headShare,
  late,
  lost,
  padded,
  paddedBehind,
  paddedPieces,
  tailLost,
} from './primitives/part.ts';
import { pieced } from './primitives/pieces.ts';
import {
  aligned,
  CHANGES,
  ERASES,
  firstBaseKept,
  pointerGoesOn,
  READS,
  shift,
  unaligned,
  WRITES,
} from './primitives/place.ts';
import { again, constant, lateAnswer, lateData } from './primitives/source.ts';
import type { Change, ReadRequest } from './recording/record.ts';
import { erasesThrough } from './simulate/erases-through.ts';
import { predict } from './simulate/predict.ts';

const START = FLASH_START;
const SIZE = 0x8000;
const BLOCK = 512;
const shape = pagedFlash(SIZE);

const bytesFrom = (first: number, length: number): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => (first + 7 * i) & 0x7f);
const write = (at: number, bytes: Uint8Array, number = 0, base = at): Change => ({
  kind: 'write',
  base: START + base,
  number,
  address: START + at,
  bytes,
});
const read = (at: number, length: number): ReadRequest => ({
  kind: 'read',
  base: START + at,
  number: 0,
  address: START + at,
  length,
});
const erase = (at: number): Change => ({ kind: 'erase', address: START + at, length: 2048 });
const blank = new Uint8Array(SIZE).fill(0xff);

/** What the reads give, with every byte known. */
function told(model: Model, asked: readonly (Change | ReadRequest)[], content: Uint8Array = blank): Uint8Array[] {
  return predict(model, shape, asked, { blockSize: BLOCK, content }).map(({ value, unknown }) => {
    expect(unknown.every((bits) => bits === 0)).toBe(true);
    return value;
  });
}

test('a block that is cut where its place changes loses the head of each piece', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 500 }), fc.integer({ min: 1, max: BLOCK }), (half, length) => {
      const at = 0x1000 + 2 * half;
      const bytes = bytesFrom(1, length);
      const grain = 256;
      const expected = blank.slice();
      // Each piece goes on its own: only its first four bytes are lost, and address bit A8 is 0.
      for (let i = 0, pieceStart = at; i < length; i++) {
        if ((at + i) % grain === 0) pieceStart = at + i;
        if (at + i - pieceStart >= 4)
          expected[(at + i) & ~grain] = (expected[(at + i) & ~grain] ?? 0) & (bytes[i] ?? 0);
      }
      const model = [line(WRITES, 8, 0), pieced(headLost(WRITES, 4), grain)];
      const from = at & ~(4 * grain - 1);
      expect(told(model, [write(at, bytes), read(from, 8 * grain)])[0]).toEqual(expected.slice(from, from + 8 * grain));
    }),
  );
});

test('of a block that is cut, the bytes of each piece are exchanged within it', () => {
  const bytes = bytesFrom(1, 12);
  const model = [line(WRITES, 8, 1), pieced(swap(WRITES, 4), 256)];
  const parts = told(model, [write(0xfe, bytes), read(0x1fe, 2), read(0x100, 10)]);
  // Two bytes stay as they are, then two whole groups come in reverse, then two bytes are left.
  expect(parts.flatMap((part) => [...part])).toEqual([0, 1, 5, 4, 3, 2, 9, 8, 7, 6, 10, 11].map((i) => bytes[i]));
});

/** The pieces of a block between multiples of 256. */
function piecesOf(at: number, bytes: Uint8Array): { at: number; bytes: Uint8Array }[] {
  const pieces: { at: number; bytes: Uint8Array }[] = [];
  for (let from = at; from < at + bytes.length; ) {
    const to = Math.min(at + bytes.length, (Math.floor(from / 256) + 1) * 256);
    pieces.push({ at: from, bytes: bytes.slice(from - at, to - at) });
    from = to;
  }
  return pieces;
}

const PLACES = [0x1000, 0x2000, 0x3000];
const threeBlocks = fc.tuple(
  ...PLACES.map((place, n) =>
    fc
      .tuple(fc.integer({ min: 0, max: 250 }), fc.integer({ min: 1, max: BLOCK }))
      .map(([half, length]) => ({ at: place + 2 * half, bytes: bytesFrom(3 * n + 1, length) })),
  ),
);

/** What becomes of three blocks whose pieces go to the other 256 bytes of each 512. */
const threeRead = (model: Model, blocks: readonly { at: number; bytes: Uint8Array }[]): Uint8Array[] =>
  told(model, [...blocks.map(({ at, bytes }) => write(at, bytes)), ...PLACES.map((place) => read(place, 0x800))]);

test('what is before a piece of a block that is cut is the piece before', () => {
  fc.assert(
    fc.property(threeBlocks, (blocks) => {
      const expected = blank.slice();
      let before: Uint8Array = new Uint8Array(0);
      for (const { at, bytes } of blocks.flatMap((block) => piecesOf(block.at, block.bytes))) {
        for (const [i, byte] of bytes.entries()) expected[(at + i) ^ 0x100] = i % 16 < 8 ? byte : (before[i] ?? 0);
        before = bytes;
      }
      const model = [line(WRITES, 8, 2), pieced(stripes(WRITES, [16, 8, 16], 'before'), 256)];
      expect(threeRead(model, blocks)).toEqual(PLACES.map((place) => expected.slice(place, place + 0x800)));
    }),
  );
});

test('each piece of a block that is cut goes to the start of its unit', () => {
  fc.assert(
    fc.property(threeBlocks, (blocks) => {
      const expected = blank.slice();
      for (const { at, bytes } of blocks.flatMap((block) => piecesOf(block.at, block.bytes)))
        expected.set(bytes, Math.floor((at ^ 0x100) / 64) * 64);
      const model = [line(WRITES, 8, 2), pieced(aligned(WRITES, 64), 256)];
      expect(threeRead(model, blocks)).toEqual(PLACES.map((place) => expected.slice(place, place + 0x800)));
    }),
  );
});

test('what counts writes counts only those that a filter lets through', () => {
  const blocks = [0, 1, 2].map((n) => write(0x1000 + n * BLOCK, bytesFrom(n + 1, BLOCK), n, 0x1000));
  const filter = ahead(when(condition('first-of-run'), lost(WRITES)));
  const [found] = told([filter, pointerGoesOn(WRITES)], [...blocks, read(0x1000, 3 * BLOCK)]);
  // The address goes on from where the first block that came through belongs.
  expect(found).toEqual(Uint8Array.from([...blank.slice(0, BLOCK), ...bytesFrom(2, BLOCK), ...bytesFrom(3, BLOCK)]));
});

test('a place that is computed from another one is computed from that', () => {
  const asked = [write(0x1000, bytesFrom(1, 64)), write(0x3000, bytesFrom(9, 64)), read(0x1000, 64)];
  const [found] = told([firstBaseKept(WRITES), aligned(WRITES, 0x800)], asked);
  const both = bytesFrom(1, 64).map((byte, i) => byte & (bytesFrom(9, 64)[i] ?? 0));
  expect(found).toEqual(both);
  const moved = told(
    [shift(ERASES, 0x800), line(ERASES, 12, 1)],
    [erase(0x800), read(0x1000, 4), read(0x2000, 4)],
    both0(),
  );
  expect(moved.map((bytes) => bytes[0])).toEqual([0xff, 0]);
});

const both0 = (): Uint8Array => new Uint8Array(SIZE);

test('reads from a copy of what was written know nothing of what deviates behind it', () => {
  const bytes = bytesFrom(1, 64);
  const old = bytesFrom(50, SIZE);
  const asked = [write(0x1000, bytes), read(0x0ff0, 96)];
  const expected = [...old.slice(0x10f0, 0x1100), ...bytes, ...old.slice(0x1140, 0x1150)];
  expect([...(told([shift(READS, 0x100), answered()], asked, old)[0] ?? [])]).toEqual(expected);
  expect(told([copied()], [erase(0x1000), ...asked], old)[0]?.slice(0, 16)).toEqual(old.slice(0xff0, 0x1000));
});

test('reads of what was kept from the start give it until the loader starts anew', () => {
  const old = bytesFrom(50, SIZE);
  const asked = [erase(0x1000), read(0x1000, 16), read(0x1800, 16)];
  const model = [keptFromStart(0x1800)];
  expect(told(model, asked, old)).toEqual([old.slice(0x1000, 0x1010), old.slice(0x1800, 0x1810)]);
  const anew = predict(model, shape, [...asked, { kind: 'restart' }, read(0x1000, 16)], {
    blockSize: BLOCK,
    content: old,
  });
  expect(anew[2]?.value).toEqual(new Uint8Array(16).fill(0xff));
});

test('lines of the read before are as they were then, wherever that came from', () => {
  const old = bytesFrom(50, SIZE);
  const asked = [read(0x1000, 64), erase(0x1000), read(0x2000, 64)];
  const model = [stripes(READS, [64, 32, 64], 'before')];
  expect(told(model, asked, old)[1]).toEqual(
    Uint8Array.from([...old.slice(0x2000, 0x2020), ...old.slice(0x1020, 0x1040)]),
  );
  const moved = told([shift(READS, 0x100), ...model], [read(0x1000, 64), read(0x2000, 64)], old)[1];
  expect(moved).toEqual(Uint8Array.from([...old.slice(0x2100, 0x2120), ...old.slice(0x1120, 0x1140)]));
});

test('an answer that comes late comes with what becomes of its bytes', () => {
  const old = bytesFrom(50, SIZE);
  const [, second] = told([lateAnswer(0), swap(READS, 2)], [read(0x1000, 4), read(0x2000, 4)], old);
  expect([...(second ?? [])]).toEqual([1, 0, 3, 2].map((i) => old[0x1000 + i]));
});

test('an erase that is late by one erase is another loader than one that the next write brings', () => {
  const old = new Uint8Array(SIZE);
  const asked = [erase(0), write(0x1000, bytesFrom(1, 4)), read(0, 4), erase(0x800), read(0, 4)];
  const first = (model: Model): (number | undefined)[] => told(model, asked, old).map((bytes) => bytes[0]);
  expect(first([late(ERASES, ERASES, 1)])).toEqual([0, 0xff]);
  expect(first([late(ERASES, [...ERASES, ...WRITES], 1)])).toEqual([0xff, 0xff]);
});

test('bytes are exchanged within what is left of a block whose head is lost', () => {
  const exchanged = onWhatIsLeft(swap(WRITES, 4), headLost(WRITES, 2));
  const model = exchanged ? [headLost(WRITES, 2), exchanged] : [];
  const [given] = told(model, [write(0, Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10)), read(0, 12)]);
  expect(given).toEqual(Uint8Array.of(0xff, 0xff, 6, 5, 4, 3, 10, 9, 8, 7, 0xff, 0xff));
});

test('bytes are exchanged within each stretch of a block of which others are lost', () => {
  const lostOnes = stripes(WRITES, [6, 4, 6]);
  const exchanged = onWhatIsLeft(swap(WRITES, 4), lostOnes);
  const model = exchanged ? [lostOnes, exchanged] : [];
  const [given] = told(model, [write(0, Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12)), read(0, 12)]);
  expect(given).toEqual(Uint8Array.of(4, 3, 2, 1, 0xff, 0xff, 10, 9, 8, 7, 0xff, 0xff));
});

test('a block that has closed up is widened no further than it is long', () => {
  const asked = [write(0, Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8)), read(0, 8)];
  const [given] = told([closedUp(WRITES, 2, 2), widened(WRITES, 2)], asked);
  expect(given).toEqual(Uint8Array.of(1, 0, 2, 0, 5, 0, 0xff, 0xff));
});

test('of what a part leaves of a block another part is taken, where the first one strikes', () => {
  fc.assert(
    fc.property(threeBlocks, fc.integer({ min: 2, max: 8 }), (blocks, count) => {
      const expected = blank.slice();
      for (const [n, { at, bytes }] of blocks.entries()) {
        const start = n === 0 ? Math.min(16, bytes.length) : 0;
        const end = start + Math.floor((bytes.length - start) / count);
        expected.set(bytes.slice(start, end), at + start);
      }
      const headless = when(condition('first'), headLost(WRITES, 16));
      const share = partOfWhatIsLeft(headShare(WRITES, count), headless);
      expect(threeRead(share ? [headless, share] : [], blocks)).toEqual(
        PLACES.map((place) => expected.slice(place, place + 0x800)),
      );
    }),
  );
});

test('an erase that is done byte by byte begins where it is sent, one of cells with the sector there', () => {
  const asked = [erase(0x1000), read(0, 0x2000)];
  const valued = blank.slice(0, 0x2000);
  expect(told([unaligned(shift(ERASES, -0x500)), eraseValue(0xaa)], asked)[0]).toEqual(
    valued.slice().fill(0xaa, 0xb00, 0x1300),
  );
  expect(told([shift(ERASES, -0x500), eraseValue(0xaa)], asked)[0]).toEqual(valued.slice().fill(0xaa, 0x800, 0x1000));
  const used = new Uint8Array(SIZE).fill(0x11);
  expect(told([unaligned(shift(ERASES, 0x500)), headOnly(ERASES, 64)], asked, used)[0]).toEqual(
    used.slice(0, 0x2000).fill(0xff, 0x1500, 0x1540),
  );
});

test('bytes are exchanged on either side of some that are lost', () => {
  const exchanged = onWhatIsLeft(swap(WRITES, 2), hole(WRITES, 4, 7));
  const model = exchanged ? [hole(WRITES, 4, 7), exchanged] : [];
  const [given] = told(model, [write(0, Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9)), read(0, 9)]);
  expect(given).toEqual(Uint8Array.of(2, 1, 4, 3, 0xff, 0xff, 0xff, 9, 8));
});

test('every second byte of what is left of a block is changed, where its head is lost', () => {
  const every = table(WRITES, 'xor', 0x80, [2, 0]);
  const changed = onWhatIsLeft(every, headLost(WRITES, 1));
  const model = changed ? [headLost(WRITES, 1), changed] : [];
  const [given] = told(model, [write(0, Uint8Array.of(1, 2, 3, 4)), read(0, 4)]);
  expect(given).toEqual(Uint8Array.of(0xff, 0x82, 3, 0x84));
});

test('a padded block is exchanged as a whole, with what the buffer held', () => {
  const asked = [write(0, Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8)), write(0x100, Uint8Array.of(11, 12)), read(0x100, 8)];
  const [given] = told([padded(8, 'buffer'), swap(WRITES, 4)], asked);
  expect(given).toEqual(Uint8Array.of(4, 3, 12, 11, 8, 7, 6, 5));
});

test('what a buffer holds before any block is zeros, or 0xFF', () => {
  const asked = [write(0, Uint8Array.of(11, 12)), read(0, 4), write(0x100, Uint8Array.of(13)), read(0x100, 4)];
  expect(told([padded(4, 'buffer')], asked)).toEqual([Uint8Array.of(11, 12, 0, 0), Uint8Array.of(13, 12, 0, 0)]);
  const blankFirst = told([padded(4, 'blankBuffer')], asked);
  expect(blankFirst).toEqual([Uint8Array.of(11, 12, 0xff, 0xff), Uint8Array.of(13, 12, 0xff, 0xff)]);
});

test('a block with the bytes of a shorter one is as short, and loses its own end', () => {
  const asked = [
    write(0, Uint8Array.of(1, 2, 3, 4)),
    write(0x100, Uint8Array.of(11, 12, 13, 14, 15, 16)),
    read(0x100, 6),
  ];
  const [given] = told([lateData(1), tailLost(WRITES, 2)], asked);
  expect(given).toEqual(Uint8Array.of(1, 2, 0xff, 0xff, 0xff, 0xff));
});

test('of erases, those that a filter lets through come late alone', () => {
  const lostAhead = ahead(when(condition('from-address', 0x1000), lost(ERASES)));
  const content = new Uint8Array(SIZE).fill(0x55);
  const asked = [erase(0), erase(0x1000), read(0, 1), erase(0x800), read(0, 1), read(0x800, 1)];
  expect(told([lostAhead, late(ERASES, ERASES, 1)], asked, content).map(([first]) => first)).toEqual([
    0x55, 0xff, 0x55,
  ]);
});

test('an erase that is lost begins no new count of blocks', () => {
  const lostAhead = ahead(when(condition('from-count', 1), lost(ERASES)));
  const model = [lostAhead, when(condition('after-erase', 1), lost(WRITES))];
  const one = Uint8Array.of(1, 2);
  const asked = [erase(0), write(0x10, one), erase(0x800), write(0x810, one), read(0x10, 1), read(0x810, 1)];
  expect(told(model, asked).map(([first]) => first)).toEqual([0xff, 1]);
});

test('blocks after an erase are counted without those that a filter keeps back', () => {
  const lostAhead = ahead(when(condition('shorter', 4), lost(WRITES)));
  const model = [lostAhead, when(condition('after-erase', 1), lost(WRITES))];
  const four = Uint8Array.of(1, 2, 3, 4);
  const asked = [
    erase(0),
    write(0, Uint8Array.of(9, 9)),
    write(0x10, four),
    write(0x20, four),
    read(0x10, 1),
    read(0x20, 1),
  ];
  expect(told(model, asked).map(([first]) => first)).toEqual([0xff, 1]);
});

test('what stands in for bytes that do not come is changed by what comes behind it alone', () => {
  const blocks = [write(0x1000, bytesFrom(1, 8)), write(0x1008, bytesFrom(9, 8))];
  const inverted = table(WRITES, 'xor', 0xff);
  const stale = stripes(WRITES, [8, 4, 8], 'before');
  const not = (bytes: Uint8Array): number[] => [...bytes].map((byte) => byte ^ 0xff);
  const first = not(bytesFrom(1, 8));
  const second = not(bytesFrom(9, 8)).slice(0, 4);
  const asked = [...blocks, read(0x1000, 16)];
  // A buffer that held zeros at first.
  expect([...(told([inverted, stale], asked)[0] ?? [])]).toEqual([
    ...first.slice(0, 4),
    ...new Uint8Array(4),
    ...second,
    ...first.slice(4),
  ]);
  expect([...(told([stale, inverted], asked)[0] ?? [])].slice(4, 8)).toEqual([0xff, 0xff, 0xff, 0xff]);
  expect([...(told([table(READS, 'xor', 0xff), hole(READS, 2, 4, 'zero')], [read(0x1000, 4)])[0] ?? [])]).toEqual([
    0, 0, 0, 0,
  ]);
  expect([...(told([hole(READS, 2, 4, 'zero'), table(READS, 'xor', 0xff)], [read(0x1000, 4)])[0] ?? [])]).toEqual([
    0, 0, 0xff, 0xff,
  ]);
});

test('bytes of the block before bear the key of that block, where it was put on before them', () => {
  const byNumber = keyed(WRITES, 3);
  const stale = stripes(WRITES, [4, 2, 4], 'before');
  const asked = [write(0x1000, bytesFrom(1, 4), 5, 0x600), write(0x1004, bytesFrom(1, 4), 6, 0x404), read(0x1004, 4)];
  const expected = (key: number): number[] => Array.from(bytesFrom(1, 4), (byte, i) => byte ^ (i < 2 ? 6 : key));
  expect([...(told([byNumber, stale], asked)[0] ?? [])]).toEqual(expected(5));
  expect([...(told([stale, byNumber], asked)[0] ?? [])]).toEqual(expected(6));
});

test('of the block before there is no more than that block had, whatever its bytes became', () => {
  const blocks = [write(0x1000, bytesFrom(1, 4)), write(0x1008, bytesFrom(9, 8))];
  const model = [repeated(WRITES, 2), stripes(WRITES, [8, 4, 8], 'before')];
  const [a = 0, b = 0] = bytesFrom(9, 2);
  expect([...(told(model, [...blocks, read(0x1008, 8)])[0] ?? [])]).toEqual([a, b, a, b, 0, 0, 0, 0]);
});

test('of the block before, bytes are those that it had when its own had slipped', () => {
  fc.assert(
    fc.property(threeBlocks, fc.integer({ min: -8, max: 8 }), (blocks, by) => {
      const expected = blank.slice();
      let before: Uint8Array = new Uint8Array(0);
      for (const { at, bytes } of blocks) {
        const slipped = bytes.map((_, i) => bytes[i - by] ?? 0xff);
        for (const [i, byte] of slipped.entries()) expected[at + i] = i % 16 < 8 ? byte : (before[i] ?? 0);
        before = slipped;
      }
      const model = [rotated(WRITES, by, 'ones'), stripes(WRITES, [16, 8, 16], 'before')];
      expect(threeRead(model, blocks)).toEqual(PLACES.map((place) => expected.slice(place, place + 0x800)));
    }),
  );
});

test('of the block before, bytes are those that it was written with, where each has those of another', () => {
  fc.assert(
    fc.property(threeBlocks, (some) => {
      // Blocks as long as one another: which bytes a shorter one takes is another question.
      const blocks = some.map(({ at }, n) => ({ at, bytes: bytesFrom(3 * n + 1, 64) }));
      const expected = blank.slice();
      let before: Uint8Array = new Uint8Array(0);
      for (const [n, { at }] of blocks.entries()) {
        const bytes = blocks[Math.max(0, n - 1)]?.bytes ?? new Uint8Array(0);
        for (const [i, byte] of bytes.entries()) expected[at + i] = i % 16 < 8 ? byte : (before[i] ?? 0);
        before = bytes;
      }
      const model = [lateData(1), stripes(WRITES, [16, 8, 16], 'before')];
      expect(threeRead(model, blocks)).toEqual(PLACES.map((place) => expected.slice(place, place + 0x800)));
    }),
  );
});

test('of the answer before, bytes are those that it had when its own had slipped', () => {
  const content = blank.map((_, i) => (11 * i + (i >> 8)) & 0xff);
  const place = fc.tuple(fc.integer({ min: 0, max: 0x4000 }), fc.integer({ min: 1, max: BLOCK }));
  fc.assert(
    fc.property(fc.tuple(place, place, place), fc.integer({ min: -8, max: 8 }), (places, by) => {
      let before: Uint8Array = new Uint8Array(0);
      const expected = places.map(([at, length]) => {
        const bytes = content.slice(at, at + length);
        const slipped = bytes.map((_, i) => bytes[i - by] ?? 0xff);
        const given = slipped.map((byte, i) => (i % 16 < 8 ? byte : (before[i] ?? 0)));
        before = slipped;
        return given;
      });
      const model = [rotated(READS, by, 'ones'), stripes(READS, [16, 8, 16], 'before')];
      const asked = places.map(([at, length]) => read(at, length));
      expect(told(model, asked, content)).toEqual(expected);
    }),
  );
});

test('every second byte of a block that is cut is counted anew in each piece', () => {
  const bytes = bytesFrom(1, 8);
  const model = [line(WRITES, 8, 1), pieced(table(WRITES, 'xor', 0x80, [2, 0]), 256)];
  const parts = told(model, [write(0xfd, bytes), read(0x1fd, 3), read(0x100, 5)]);
  const isChanged = [true, false, true, true, false, true, false, true];
  expect(parts.flatMap((part) => [...part])).toEqual([...bytes].map((byte, i) => (isChanged[i] ? byte ^ 0x80 : byte)));
});

test('a block that is filled up when its bytes are changed already has its filling as it is', () => {
  const bytes = bytesFrom(1, 5);
  const asked = [write(0x1000, bytes), read(0x1000, 8)];
  const inverted = table(WRITES, 'xor', 0xff);
  const filled = padded(8, 'zero');
  const not = Array.from(bytes, (byte) => byte ^ 0xff);
  expect([...(told([inverted, paddedBehind(filled, 'data')], asked)[0] ?? [])]).toEqual([...not, 0, 0, 0]);
  expect([...(told([filled, inverted], asked)[0] ?? [])]).toEqual([...not, 0xff, 0xff, 0xff]);
  // What exchanges bytes knows nothing of the filling.
  expect([...(told([swap(WRITES, 4), paddedBehind(filled, 'data')], asked)[0] ?? [])]).toEqual(
    [3, 2, 1, 0, 4].map((i) => bytes[i]).concat([0, 0, 0]),
  );
});

test('each piece of a block that is cut is filled up', () => {
  const bytes = bytesFrom(1, 8);
  const parts = told(
    [line(WRITES, 8, 1), paddedPieces(padded(8, 'zero'))],
    [write(0xfd, bytes), read(0x1fd, 8), read(0x100, 8)],
  );
  expect(parts.map((part) => [...part])).toEqual([
    [...bytes.slice(0, 3), 0, 0, 0, 0, 0],
    [...bytes.slice(3), 0, 0, 0],
  ]);
});

test('an erase before each write goes where erases go, if it calls the same function', () => {
  const old = new Uint8Array(SIZE);
  const away = shift(ERASES, 0x800);
  const through = erasesThrough(erasesFirst(0), away);
  if (!through) throw new Error('there is one');
  const asked = [write(0x1000, bytesFrom(1, 8)), read(0x1000, 8), read(0x1800, 8)];
  expect(told([through, away], asked, old).map(([first]) => first)).toEqual([0, 0xff]);
  expect(told([erasesFirst(0), away], asked, old).map(([first]) => first)).toEqual([bytesFrom(1, 1)[0], 0]);
  expect(erasesThrough(erasesFirst(0), when(condition('first'), away))).toBeUndefined();
  expect(erasesThrough(erasesFirst(64), away)).toBeUndefined();
});

test('what fills up a read fills what is given in the end, or what comes from flash before its bytes change', () => {
  const old = Uint8Array.from({ length: SIZE }, (_, i) => (5 * i + 1) & 0x7f);
  const limit = filled(bounded(READS, 0x1010, 1), 0x7e);
  const inTheEnd = ofAnswer(limit) ?? limit;
  const asked = [read(0x1000, 32), read(0x1010, 4)];
  const byFour = Array.from({ length: 32 }, (_, i) => (i % 4 === 0 ? (old[0x1000 + i / 4] ?? 0) : 0));
  const [whole, beyond] = told([widened(READS, 4), inTheEnd], asked, old);
  expect([...(whole ?? [])]).toEqual(byFour.map((byte, i) => (i < 16 ? byte : 0x7e)));
  expect([...(beyond ?? [])]).toEqual([0x7e, 0x7e, 0x7e, 0x7e]);
  expect([...(told([limit, widened(READS, 4)], asked, old)[0] ?? [])]).toEqual(byFour);
  const head = filled(headOnly(READS, 2), 0);
  const inverted = table(READS, 'xor', 0xff);
  const model = (...some: Model): number[] => [...(told(some, [read(0x1000, 4)], old)[0] ?? [])];
  const [first = 0, second = 0] = [old[0x1000], old[0x1001]];
  expect(model(inverted, ofAnswer(head) ?? head)).toEqual([0xff - first, 0xff - second, 0, 0]);
  expect(model(ofAnswer(head) ?? head, inverted)).toEqual([0xff - first, 0xff - second, 0xff, 0xff]);
});

test('a loader that writes back what stood there with bits cleared clears them where cells refuse', () => {
  const content = blank.slice();
  content.fill(0x5a, 0x1000, 0x1100);
  const refusing = { ...shape, overwrite: 'refuses' as const, writeSize: 2 };
  const asked = [write(0x1000, new Uint8Array(0x200).fill(0x0f)), read(0x1000, 0x200)];
  const given = (model: Model): number[] => {
    const [answer] = predict(model, refusing, asked, { blockSize: BLOCK, content });
    return [...new Set(answer?.value)];
  };
  expect(given([])).toEqual([0x5a, 0x0f]);
  expect(given([combine('and')])).toEqual([0x5a & 0x0f, 0x0f]);
});

test('lines of the read before have passed through the same change of places, in either order', () => {
  const content = bytesFrom(5, SIZE).map((byte, i) => byte ^ (i >> 8));
  const [before, now] = [content.slice(0x400, 0x400 + BLOCK), content.slice(0x1000, 0x1000 + BLOCK)];
  const mixed = now.map((byte, i) => (i % 64 < 32 ? (before[i] ?? 0) : byte));
  const expected = mixed.map((_, i) => mixed[i - (i % 8) + 7 - (i % 8)] ?? 0);
  const [stale, turned] = [stripes(READS, [64, 0, 32], 'before'), swap(READS, 8)];
  for (const model of [
    [stale, turned],
    [turned, stale],
  ]) {
    expect(told(model, [read(0x400, BLOCK), read(0x1000, BLOCK)], content)[1]).toEqual(expected);
  }
});

test('of answers that are repeated and those of one value, what comes first counts', () => {
  const content = bytesFrom(1, SIZE);
  const [repeats, fixed] = [
    when(condition('every', 2, 1), again(0)),
    when(condition('from-address', 0x1000), constant(0x55)),
  ];
  const asked = [read(0x400, 4), read(0x1000, 4)];
  const first = content.slice(0x400, 0x404);
  expect(told([repeats, fixed], asked, content)).toEqual([first, first]);
  expect(told([fixed, repeats], asked, content)).toEqual([first, new Uint8Array(4).fill(0x55)]);
});

test('a write that erases first keeps what it writes itself, where an address line cuts its block', () => {
  const content = new Uint8Array(SIZE);
  const bytes = bytesFrom(3, 0x200);
  const asked = [write(0x1000, bytes), read(0x1000, 0x400)];
  // A8 is 0: the second half of the block lies on the first, and both were erased before.
  const expected = new Uint8Array(0x400).fill(0xff);
  for (let i = 0; i < 0x100; i++) expected[i] = (bytes[i] ?? 0) & (bytes[i + 0x100] ?? 0);
  expect(told([line(WRITES, 8, 0), erasesFirst(0)], asked, content)[0]).toEqual(expected);
});

test('the erase of a write goes through a line that is wrong for erases too, from where it was asked for', () => {
  const content = new Uint8Array(SIZE);
  const both = line(CHANGES, 12, 1);
  const through = erasesThrough(erasesFirst(0), both);
  const asked = [write(0x800, bytesFrom(1, 16)), read(0x800, 16), read(0x1800, 32)];
  const [, moved] = told([through ?? both, both], asked, content);
  expect(moved).toEqual(Uint8Array.from({ length: 32 }, (_, i) => (i < 16 ? 1 + 7 * i : 0xff)));
});
