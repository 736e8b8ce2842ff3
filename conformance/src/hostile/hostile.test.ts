import { platform } from 'node:os';
import { beforeAll, describe, expect, it } from 'vitest';
import { dfuDevice } from './dfu-device.ts';
import { HOSTILE_CASES, meet, momentFor } from './meet.ts';
import { serveDevice } from './raw-server.ts';
import type { CliRun, Used } from './run-cli.ts';

/**
 * Beyond what the same program takes for an honest device. The bound is 2 s on a quiet machine, which `npm run hostile`
 * shows; a bomb took minutes. On a busy machine the same work takes up to four times as long.
 */
const MOST_CPU_MS = 10_000;
const MOST_KB = 200 * 1024;
/** SIGINT itself where the program had not begun to listen; what had ended by then has ended in its own way. */
const ENDS_INTERRUPTED = [130, 'SIGINT'];
const isDefect = ({ exit, output }: CliRun): boolean => exit === 1 || output.includes('defect of sureflash');
const ALL = HOSTILE_CASES.flatMap((each) => each.verbs.map((words) => ({ ...each, words })));

describe.skipIf(platform() !== 'linux')('the command line', () => {
  let honest: Used = { cpuMs: 0, peakKb: 0 };

  beforeAll(async () => {
    const serve = serveDevice(dfuDevice());
    const subject = { name: 'an honest device', verbs: [], serve };
    const { alone } = await meet(subject, 'info --usbip 127.0.0.1:{port}/1-1', 0.5);
    if (alone?.exit !== 0 || !alone.used) throw new Error(`an honest device is not served: ${alone?.output}`);
    honest = alone.used;
  });

  it.each(ALL)('that meets $name ends in time and memory, Ctrl-C at any moment included: $words', async (subject) => {
    const { words, name } = subject;
    const { alone, interrupted } = await meet(subject, words, momentFor(name + words));
    const runs = [interrupted, ...(alone ? [alone] : [])];
    for (const run of runs) {
      expect(run).not.toSatisfy(isDefect);
      expect(run.exit).not.toBe('SIGKILL');
      expect(run.used?.cpuMs ?? 0).toBeLessThan(honest.cpuMs + MOST_CPU_MS);
      expect(run.used?.peakKb ?? 0).toBeLessThan(MOST_KB);
    }
    // What does not end of itself has been ended by Ctrl-C.
    expect([...ENDS_INTERRUPTED, ...(alone ? [alone.exit] : [])]).toContain(interrupted.exit);
  });
});
