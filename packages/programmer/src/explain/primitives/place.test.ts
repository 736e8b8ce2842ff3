import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Primitive } from '../grammar/primitive.ts';
import { groundOf, stepsOf } from '../recording/steps.ts';
import { modelRunsOf } from '../simulate/machine.ts';
import { line, linesExchanged, modulo } from './lines.ts';
import { headLost, oddTailLost, tailLost } from './part.ts';
import { also, shift, spread, stride, WRITES } from './place.ts';

const SIZE = 0x8000;
const BLOCK = 512;
const shape = {
  start: 0x0800_0000,
  end: 0x0800_0000 + SIZE,
  sectors: [{ start: 0x0800_0000, end: 0x0800_0000 + SIZE }],
  erasedValue: 0xff,
  cells: 'plain',
  writeSize: 2,
} as const;
const ground = groundOf(shape, BLOCK);

/** Where each byte of a block goes, by its index, found by sending every byte as a block of its own. */
function byteByByte(primitive: Primitive, address: number, length: number): Map<number, number[]> {
  const places = new Map<number, number[]>();
  for (let i = 0; i < length; i++) {
    const [step] = stepsOf(
      [
        {
          kind: 'write',
          base: shape.start + address + i,
          number: 0,
          address: shape.start + address + i,
          bytes: new Uint8Array(1),
        },
      ],
      shape,
      BLOCK,
    );
    if (step) places.set(i, targets(modelRunsOf([primitive], step, ground) ?? []).get(0) ?? []);
  }
  return places;
}

function targets(runs: readonly number[]): Map<number, number[]> {
  const places = new Map<number, number[]>();
  for (let r = 0; r < runs.length; r += 3) {
    for (let k = 0; k < (runs[r + 2] ?? 0); k++) {
      const i = (runs[r] ?? 0) + k;
      places.set(i, [...(places.get(i) ?? []), (runs[r + 1] ?? 0) + k]);
    }
  }
  return places;
}

const primitive = fc.oneof(
  fc.integer({ min: -5000, max: 5000 }).map((by) => shift(WRITES, by)),
  fc
    .tuple(fc.integer({ min: 0, max: 14 }), fc.integer({ min: 0, max: 2 }))
    .map(([bit, value]) => line(WRITES, bit, value)),
  fc.integer({ min: 0, max: 13 }).map((bit) => linesExchanged(WRITES, bit, bit + 1)),
  fc.integer({ min: 7, max: 5000 }).map((size) => modulo(WRITES, size)),
  fc.integer({ min: 1, max: 5000 }).map((by) => also(WRITES, by)),
);
/** Those too that take the bytes of a block apart. */
const anyPlace = fc.oneof(
  primitive,
  fc.tuple(fc.constantFrom(1, 2, 4, 8, 16), fc.constantFrom(0.5, 2, 4)).map(([unit, by]) => spread(WRITES, unit, by)),
);
const place = fc.record({
  address: fc.integer({ min: 0, max: SIZE - BLOCK }),
  length: fc.integer({ min: 1, max: BLOCK }),
});

const stepAt = (address: number, length: number, number = 0) =>
  stepsOf(
    [
      {
        kind: 'write',
        base: shape.start + address - number * BLOCK,
        number,
        address: shape.start + address,
        bytes: new Uint8Array(length),
      },
    ],
    shape,
    BLOCK,
  )[0];

test('a block that is cut into runs lands where its bytes would land one by one', () => {
  fc.assert(
    fc.property(primitive, place, (each, { address, length }) => {
      const step = stepAt(address, length);
      const runs = step && modelRunsOf([each], step, ground);
      expect(targets(runs ?? [])).toEqual(byteByByte(each, address, length));
    }),
    { numRuns: 60 },
  );
});

test('every run lies within the bounds that a primitive states for it', () => {
  fc.assert(
    fc.property(anyPlace, place, (each, { address, length }) => {
      const step = stepAt(address, length);
      if (!step) return;
      const [low, high] = each.hooks.box?.(address, address + length, step, ground) ?? [-Infinity, Infinity];
      for (const all of targets(modelRunsOf([each], step, ground) ?? []).values()) {
        for (const at of all) expect(at >= low && at < high).toBe(true);
      }
    }),
  );
});

test('runs that are asked for with bounds hold all that lies within them', () => {
  fc.assert(
    fc.property(anyPlace, place, fc.integer({ min: -BLOCK, max: 4 * BLOCK }), (each, { address, length }, by) => {
      const low = each.kind === 'modulo' ? Math.abs(by) : address + by;
      const step = stepAt(address, length);
      if (!step) return;
      const within = (runs: readonly number[] | undefined) =>
        [...targets(runs ?? [])]
          .flatMap(([i, all]) => all.filter((at) => at >= low && at < low + 64).map((at) => `${i} ${at}`))
          .sort();
      expect(within(modelRunsOf([each], step, ground, { offsets: [low, low + 64] }))).toEqual(
        within(modelRunsOf([each], step, ground)),
      );
    }),
  );
});

test('a stride counts from the address that was set', () => {
  const step = stepAt(3 * BLOCK, BLOCK, 3);
  expect(step && modelRunsOf([stride(WRITES, 1024)], step, ground)).toEqual([0, 3072, BLOCK]);
});

test('a lost head, a lost tail and an odd tail leave the other bytes where they belong', () => {
  const step = stepAt(1000, 100);
  expect(step && modelRunsOf([headLost(WRITES, 8)], step, ground)).toEqual([8, 1008, 92]);
  expect(step && modelRunsOf([tailLost(WRITES, 8)], step, ground)).toEqual([0, 1000, 92]);
  expect(step && modelRunsOf([oddTailLost(WRITES, 64)], step, ground)).toEqual([0, 1000, 64]);
});
