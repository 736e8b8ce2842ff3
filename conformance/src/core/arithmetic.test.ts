/** What gcc makes of ordinary C, on every core, and on QEMU where it has the core. */

import type { CoreName } from '@sureflash/virtual';
import { describe, expect, test } from 'vitest';
import { BOARDS, compileForQemu, qemuMissing, runInQemu, runOnCore } from './qemu.ts';

const missing = qemuMissing();
if (missing) process.stdout.write(`compiled arithmetic is not compared with QEMU: ${missing}\n`);

const CORES: readonly CoreName[] = ['m0', 'm0+', 'm3', 'm4', 'm7', 'm23', 'm33'];

describe.skipIf(missing !== undefined)('ordinary C, compiled', () => {
  for (const level of ['-Os', '-O2'] as const) {
    test(`logs on every core what QEMU's Cortex-M3 logs, built with ${level}`, () => {
      const reference = compileForQemu('arithmetic', 'm3', level);
      const expected = runInQemu(reference, BOARDS['m3'] ?? '');
      reference.dispose();
      expect(expected.length).toBeGreaterThan(250);
      for (const core of CORES) {
        const program = compileForQemu('arithmetic', core, level);
        expect({ core, log: runOnCore(program, core) }).toEqual({ core, log: expected });
        program.dispose();
      }
    });
  }
});
