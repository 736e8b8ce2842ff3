import { MemoryImage } from '@sureflash/image';
import { describe, expect, it } from 'vitest';
import { regionOf } from '../../testing/memory-target.ts';
import { factsOf, type Observation } from '../diagnosis/observation.ts';
import type { Range } from '../target/geometry.ts';
import { observeRun } from './run.ts';
import type { SectorRecord } from './run-record.ts';

const START = 0x0800_0000;
const SECTOR = 256;
const COUNT = 6;
const BLOCK = 512;
const region = regionOf({ start: START, sizes: Array.from({ length: COUNT }, () => SECTOR) });
const image = Uint8Array.from({ length: COUNT * SECTOR }, (_, i) => (i * 7) ^ (i >> 8));
const expected = new MemoryImage([{ address: START, bytes: image }]);

/** What is observed after a run that has replaced these sectors and left `proven` in flash, or so it was read. */
async function observed(
  proven: Uint8Array,
  { now = proven, replaced = COUNT }: { now?: Uint8Array; replaced?: number } = {},
): Promise<Observation[]> {
  const first = Array.from(image, (byte, i) => ({ address: START + i, expected: byte, found: proven[i] ?? 0 })).filter(
    (each) => each.expected !== each.found,
  );
  const holds = ({ start, end }: Range): boolean => first.some(({ address }) => address >= start && address < end);
  const sectors = region.sectors.map(
    (sector, i): SectorRecord => ({ sector, action: i < replaced ? 'replace' : 'keep' }),
  );
  const differences = {
    first,
    differing: first.length,
    compared: image.length,
    sectors: region.sectors.filter(holds),
  };
  const read = async ({ start, end }: Range): Promise<Uint8Array> => now.slice(start - START, end - START);
  return await observeRun(read, { expected, regions: [region], differences, sectors, blockSize: BLOCK });
}

/** The image with these sectors erased. */
function without(...erased: readonly number[]): Uint8Array {
  const bytes = image.slice();
  for (const index of erased) bytes.fill(0xff, index * SECTOR, (index + 1) * SECTOR);
  return bytes;
}

describe('a run whose proof failed', () => {
  it.each([
    ['one sector', [2], { start: START + 2 * SECTOR, end: START + 3 * SECTOR, sectors: 1, right: 5 }],
    ['the sectors of one block', [2, 3], { start: START + 2 * SECTOR, end: START + 4 * SECTOR, sectors: 2, right: 4 }],
    ['more than a block', [1, 2, 3], undefined],
    ['two places', [0, 5], undefined],
  ])('may have lost one operation, or not: %s', async (_, erased, facts) => {
    expect(factsOf(await observed(without(...erased)), 'one-operation')).toEqual(facts);
  });

  it('takes nothing for an exception where hardly anything else was written', async () => {
    expect(factsOf(await observed(without(0), { replaced: 2 }), 'one-operation')).toBeUndefined();
    expect(factsOf(await observed(without(0), { replaced: 3 }), 'one-operation')?.right).toBe(2);
  });

  it('blames no operation for what the second look does not find', async () => {
    expect(factsOf(await observed(without(2), { now: image }), 'one-operation')).toBeUndefined();
  });
});
