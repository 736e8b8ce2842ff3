import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { noiseFor, START } from '../../testing/composed.ts';
import { Flash } from '../flash/flash.ts';
import { SparseCells } from './cells.ts';
import { COMPOSED_CHIPS, geometryOf, sectorAt } from './geometry.ts';
import { sameBytes } from './run.ts';

type Action = { readonly at: number; readonly bytes: Uint8Array | undefined };

/** Across the edges of pages, sectors and copied pieces. */
const actions: fc.Arbitrary<Action[]> = fc.array(
  fc.record({
    at: fc.nat(0x9000),
    bytes: fc.option(fc.uint8Array({ minLength: 1, maxLength: 5000 }), { nil: undefined, freq: 4 }),
  }),
  { maxLength: 12 },
);

describe('sparse cells', () => {
  it.each(COMPOSED_CHIPS)('hold what the flash of an %s holds after the same operations', (chip) => {
    const geometry = geometryOf(chip);
    const { start, sectors, cells: kind, overwrite, programBytes } = geometry;
    const sectorBytes = sectors.map((sector) => sector.end - sector.start);
    const eraseMs = Object.fromEntries(sectorBytes.map((bytes) => [bytes, 1]));
    const property = fc.property(actions, (list) => {
      const flash = new Flash({
        regions: [{ start, sectorBytes }],
        kind,
        overwrite,
        programBytes,
        programMs: 1,
        eraseMs,
        massEraseMs: 1,
      });
      const cells = SparseCells.holding(geometry, new Uint8Array(geometry.bytes).fill(0xff));
      for (const { at, bytes } of list) {
        const sector = sectorAt(geometry, start + at);
        if (bytes) {
          flash.program(start + at, bytes, 0);
          cells.program(start + at, bytes);
        } else if (sector) {
          flash.erase(sector.start, 0);
          cells.clear(sector.start, sector.end - sector.start);
        }
      }
      expect(sameBytes(cells.read(start, 0x1_0000), flash.peek(start, 0x1_0000))).toBe(true);
    });
    fc.assert(property, { numRuns: 40 });
  });

  it('take an ECC unit that holds a value as programmed, and one of ones as erased', () => {
    const geometry = geometryOf('L476');
    const content = new Uint8Array(geometry.bytes).fill(0xff);
    content.set([0xff, 0xfe], 8);
    const cells = SparseCells.holding(geometry, content);
    cells.program(START, new Uint8Array(16).fill(0x12));
    expect([...cells.read(START, 11)]).toEqual([...new Uint8Array(8).fill(0x12), 0xff, 0xfe, 0xff]);
  });

  it('pass over what is no flash, and read ones there', () => {
    const geometry = geometryOf('F105');
    const cells = SparseCells.holding(geometry, noiseFor('F105'));
    cells.clear(START + geometry.bytes - 2, 4);
    cells.program(START + geometry.bytes - 2, Uint8Array.of(1, 2, 3, 4));
    expect([...cells.read(START + geometry.bytes - 2, 4)]).toEqual([1, 2, 0xff, 0xff]);
    cells.program(START - 2, Uint8Array.of(1, 2, 0, 0));
    expect([...cells.read(START - 2, 4)]).toEqual([0xff, 0xff, 0, 0]);
  });

  it('tell what they went through, once', () => {
    const cells = SparseCells.holding(geometryOf('F105'), noiseFor('F105'));
    cells.clear(START, 2048);
    cells.program(START + 16, Uint8Array.of(1, 2, 3));
    expect(cells.takeWork()).toMatchObject({ clearedBytes: 2048, programmedUnits: 2, touched: [{ address: START }] });
    expect(cells.takeWork()).toEqual({ clearedBytes: 0, programmedUnits: 0, touched: [] });
  });
});
