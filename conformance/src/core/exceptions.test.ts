/** Exceptions of every kind, as compiled programs meet them, on QEMU's boards and on the core of `virtual`. */

import type { CoreName } from '@sureflash/virtual';
import { describe, expect, test } from 'vitest';
import { BOARDS, compile, qemuMissing, runInQemu, runOnCore } from './qemu.ts';

const missing = qemuMissing();
if (missing) process.stdout.write(`exceptions are not compared with QEMU: ${missing}\n`);

const CORES: readonly CoreName[] = ['m0', 'm3', 'm4', 'm7'];

describe.skipIf(missing !== undefined)('exceptions, compared with QEMU', () => {
  for (const core of CORES) {
    for (const level of ['-Os', '-O2'] as const) {
      test(`a program with every kind of exception logs the same on ${core}, built with ${level}`, () => {
        const program = compile('exceptions', core, level);
        try {
          const theirs = runInQemu(program, BOARDS[core] ?? '');
          expect(theirs.length).toBeGreaterThan(90);
          expect(runOnCore(program, core)).toEqual(theirs);
        } finally {
          program.dispose();
        }
      });
    }
  }
});
