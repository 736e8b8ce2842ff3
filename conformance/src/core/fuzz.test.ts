/** A few thousand random steps on each core; `npm run fuzz-core` takes a million. */

import type { CoreName } from '@sureflash/virtual';
import { describe, expect, test } from 'vitest';
import { fuzz } from './fuzz.ts';
import { unicornMissing } from './unicorn.ts';

const missing = unicornMissing();
if (missing) process.stdout.write(`instructions are not compared with Unicorn: ${missing}\n`);

const CORES: readonly CoreName[] = ['m0', 'm3', 'm4', 'm7', 'm33'];

describe.skipIf(missing !== undefined)('instructions, compared with Unicorn', () => {
  CORES.forEach((core, index) => {
    test(`random steps leave the same registers, flags and memory on ${core}`, () => {
      const { differences, steps, faults } = fuzz({ core, steps: 3000, seed: 100 + index });
      expect(differences).toEqual([]);
      expect(steps).toBeGreaterThanOrEqual(3000);
      expect(faults).toBeGreaterThan(50);
    });
  });
});
