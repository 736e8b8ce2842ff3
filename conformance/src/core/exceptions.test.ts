/** Exceptions of every kind, as compiled programs meet them, on QEMU's boards and on the core of `virtual`. */

import type { CoreName } from '@sureflash/virtual';
import { describe, expect, test } from 'vitest';
import { BOARDS, compileForQemu, qemuMissing, runInQemu, runOnCore } from './qemu.ts';

const missing = qemuMissing();
if (missing) process.stdout.write(`exceptions are not compared with QEMU: ${missing}\n`);

const CORES: readonly CoreName[] = ['m0', 'm3', 'm4', 'm7'];

describe.skipIf(missing !== undefined)('exceptions, compared with QEMU', () => {
  for (const core of CORES) {
    for (const level of ['-Os', '-O2'] as const) {
      test(`a program with every kind of exception logs the same on ${core}, built with ${level}`, () => {
        const program = compileForQemu('exceptions', core, level);
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

  test('on m33 without TrustZone only the values of EXC_RETURN differ from those of m3', () => {
    const [older, newer] = (['m3', 'm33'] as const).map((core) => {
      const program = compileForQemu('exceptions', core, '-Os');
      const log = runOnCore(program, core);
      program.dispose();
      return log;
    });
    const renamed: Readonly<Record<string, string>> = { f1: 'b0', f9: 'b8', fd: 'bc' };
    const expected = older?.map((word) => {
      const link = /^000000(f1|f9|fd)$/.exec(word)?.[1];
      return link === undefined ? word : `000000${renamed[link]}`;
    });
    expect(newer).toEqual(expected);
  });
});
