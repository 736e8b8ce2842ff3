import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { START, telling } from '../../testing/composed.ts';
import { composeLoader, kindNames } from './compose.ts';
import { COMPOSED_CHIPS } from './geometry.ts';
import type { ComposedLoader } from './loader.ts';
import type { Operation } from './operation.ts';
import { carryOut, sameBytes } from './run.ts';

const PAGE = 2048;
const places = fc.record({ page: fc.nat(40), index: fc.nat(5) });
const operations: fc.Arbitrary<Operation[]> = fc.array(
  fc.oneof(
    places.map(({ page }): Operation => ({ kind: 'erase', address: START + page * PAGE, length: PAGE })),
    fc.tuple(places, fc.integer({ min: 8, max: 256 })).map(([{ page, index }, eights]): Operation => {
      const base = START + page * PAGE;
      return { kind: 'write', base, number: index + 2, address: base + index * PAGE, bytes: telling(eights * 8, page) };
    }),
    places.map(({ page, index }): Operation => {
      const base = START + page * PAGE;
      return { kind: 'read', base, number: index + 2, address: base + index * PAGE, length: PAGE };
    }),
  ),
  { minLength: 1, maxLength: 20 },
);
const answers = (loader: ComposedLoader, list: readonly Operation[]): Uint8Array[] =>
  list.flatMap((operation) => carryOut(loader, operation) ?? []);
const compositions = fc.record({
  seed: fc.nat(),
  deviations: fc.constantFrom(1 as const, 2 as const),
  outside: fc.boolean(),
});

describe('a composed loader', () => {
  it('has one of many kinds of deviation', () => {
    expect(kindNames({ outside: false }).length).toBeGreaterThanOrEqual(60);
    expect(kindNames({ outside: true }).length).toBeGreaterThanOrEqual(15);
    expect(new Set(kindNames()).size).toBe(kindNames().length);
    expect(kindNames({ chip: 'F105' })).not.toContain('write-half-units-twice');
  });

  it('is the same for the same seed, after a restart too', () => {
    const property = fc.property(compositions, operations, ({ seed, ...options }, list) => {
      const loader = composeLoader(seed, options);
      const first = answers(loader, list);
      expect(answers(composeLoader(seed, options), list)).toEqual(first);
      expect(answers(loader.restart(), list)).toEqual(first);
      expect(composeLoader(seed, options).describe()).toBe(loader.describe());
    });
    fc.assert(property, { numRuns: 60 });
  });

  it('takes a block that begins below the flash: what lies in it is written, with its whole 256 bytes', () => {
    const loader = composeLoader(1, { chip: 'L476', kind: 'write-overwrites' });
    const bytes = telling(200, 1);
    loader.apply({ kind: 'write', base: START + 128, number: 2, address: START + 128, bytes });
    loader.apply({ kind: 'write', base: START - 104, number: 2, address: START - 104, bytes });
    expect(loader.peek(START, 96)).toEqual(bytes.subarray(104));
    expect(new Set(loader.peek(START + 96, 160))).toEqual(new Set([0xff]));
  });

  it('finds flash as it was when it starts anew, units of ones that were programmed with it', () => {
    const loader = composeLoader(1, { chip: 'L476', kind: 'read-first-unit-repeated' });
    const ones = new Uint8Array(8).fill(0xff);
    const write = (bytes: Uint8Array): Operation => ({ kind: 'write', base: START, number: 2, address: START, bytes });
    loader.apply(write(ones));
    const again = loader.reset();
    again.apply(write(telling(8, 1)));
    expect(again.peek(START, 8)).toEqual(ones);
  });

  it('goes on as its copy does, and neither changes the other', () => {
    const property = fc.property(compositions, operations, operations, ({ seed, ...options }, before, after) => {
      const [loader, alone] = [composeLoader(seed, options), composeLoader(seed, options)];
      for (const each of [loader, alone]) answers(each, before);
      const copy = loader.clone();
      const expected = answers(alone, after);
      expect(answers(copy, after)).toEqual(expected);
      expect(answers(loader, after)).toEqual(expected);
      const { bytes } = loader.geometry;
      expect(sameBytes(loader.peek(START, bytes), alone.peek(START, bytes))).toBe(true);
    });
    fc.assert(property, { numRuns: 60 });
  });

  it('has two deviations of different kinds where two are asked for, one of them odd only if wanted', () => {
    for (let seed = 0; seed < 200; seed++) {
      const { deviations } = composeLoader(seed, { deviations: 2 });
      expect(new Set(deviations.map(({ kind }) => kind)).size).toBe(2);
      expect(deviations.filter(({ outside }) => outside)).toHaveLength(0);
      const odd = composeLoader(seed, { deviations: 2, outside: true }).deviations;
      expect(odd.filter(({ outside }) => outside)).toHaveLength(1);
    }
  });

  it('uses every chip and nearly every kind', () => {
    const loaders = Array.from({ length: 1500 }, (_, seed) => composeLoader(seed));
    expect(new Set(loaders.map(({ geometry }) => geometry.chip))).toEqual(new Set(COMPOSED_CHIPS));
    const kinds = new Set(loaders.flatMap((loader) => loader.kinds));
    expect(kinds.size).toBeGreaterThan(0.95 * kindNames({ outside: false }).length);
  });

  it('gives the words of its deviations in the order in which they act', () => {
    const layers = ['when', 'number', 'where', 'what'];
    for (let seed = 0; seed < 100; seed++) {
      const { deviations, ...loader } = composeLoader(seed, { deviations: 2 });
      const order = deviations.map(({ layer }) => layers.indexOf(layer));
      expect(order).toEqual(order.toSorted((a, b) => a - b));
      expect(loader.describe()).toBe(deviations.map(({ words }) => words).join('; then '));
    }
  });

  it('does as it is asked when its deviation is put right', () => {
    const [write] = [{ kind: 'write', base: START, number: 2, address: START, bytes: telling(64) } as const];
    for (let seed = 0; seed < 50; seed++) {
      const right = composeLoader(seed).without(0);
      right.apply(write);
      expect([right.kinds, right.read({ base: START, number: 2, address: START, length: 64 })]).toEqual([
        [],
        telling(64),
      ]);
    }
  });

  it('reads device id and flash size outside the flash', () => {
    const { geometry, ...loader } = composeLoader(1, { kind: 'write-empty', chip: 'F105' });
    const address = 0x1fff_f7e0;
    expect([...loader.read({ base: address, number: 2, address, length: 2 })]).toEqual([0x00, 0x01]);
    expect(geometry.system.address).toBe(address);
  });

  it('refuses a kind that there is not', () => {
    expect(() => composeLoader(1, { kind: 'write-nonsense' })).toThrow(RangeError);
  });
});
