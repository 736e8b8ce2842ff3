import { expect, test } from 'vitest';
import { FLASH_START, flashOf } from '../../testing/flash-shapes.ts';
import { blankGuard } from './primitives/guard.ts';
import type { Recording, Shape } from './record.ts';
import { scratchTrial } from './scratch.ts';

const START = FLASH_START;
const KB = 1024;
const VARIANTS = [0, 1, 2, 3, 4, 5];

/** RM0008 §3.3.3: pages of 2 KB. RM0090 §3.4: four sectors of 16 KB, one of 64 KB, then some of 128 KB. */
const PAGES = flashOf(Array.from({ length: 128 }, () => 2 * KB));
const SECTORS = flashOf([16, 16, 16, 16, 64, 128, 128, 128].map((size) => size * KB));

test.each<[string, Shape, number, number]>([
  ['many pages', PAGES, 4, 100],
  ['few pages', PAGES, 0, 8],
  ['sectors from 16 to 64 KB', SECTORS, 0, 128],
  ['two sectors', SECTORS, 16, 48],
])('it erases and writes only in its place, and writes only what is erased: %s', (_, shape, from, to) => {
  const scratch = { start: START + from * KB, end: START + to * KB };
  const recording: Recording = { shape, blockSize: 2 * KB, operations: [] };
  const models = [[blankGuard('erase', 'sector-end', 256)], [blankGuard('erase', 'sector-start', 8)]];
  for (const variant of VARIANTS) {
    const isErased = new Uint8Array(shape.end - START);
    const wrote: boolean[] = [];
    for (const operation of scratchTrial(scratch, recording, variant, models)) {
      if (operation.kind === 'read' || operation.kind === 'erase-all') continue;
      const length = operation.kind === 'erase' ? operation.length : operation.bytes.length;
      expect(operation.address).toBeGreaterThanOrEqual(scratch.start);
      expect(operation.address + length).toBeLessThanOrEqual(scratch.end);
      const cells = isErased.subarray(operation.address - START, operation.address - START + length);
      if (operation.kind === 'write') wrote.push(cells.every((one) => one === 1));
      cells.fill(operation.kind === 'erase' ? 1 : 0);
    }
    expect(wrote.length).toBeGreaterThan(0);
    expect(wrote).not.toContain(false);
  }
});
