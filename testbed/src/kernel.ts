/**
 * `npm run test:kernel -- [--only NAMES] [--update] [--limit SECONDS] [--verbose]`: our boards on a real kernel's USB,
 * judged by strangers; our programmer on the same kernel through libusb. `--update` writes the expectations anew.
 */
import { parseArgs } from 'node:util';
import { Bench } from './lib/bench.ts';
import { Checks } from './lib/checks.ts';
import { Problem } from './lib/problem.ts';
import { runToEnd } from './lib/run-to-end.ts';
import type { TranscriptOptions } from './lib/transcript.ts';
import { access } from './rungs/access.ts';
import { browser } from './rungs/browser.ts';
import { desk } from './rungs/desk.ts';
import { faults } from './rungs/faults.ts';
import { fwupd } from './rungs/fwupd.ts';
import { port } from './rungs/port.ts';
import { probe } from './rungs/probe.ts';
import { programs } from './rungs/programs.ts';
import { strangers } from './rungs/strangers.ts';
import { stub } from './rungs/stub.ts';
import { unplug } from './rungs/unplug.ts';

type KernelRung = (bench: Bench, checks: Checks, options: TranscriptOptions) => Promise<void>;

const RUNGS: Readonly<Record<string, KernelRung>> = {
  port,
  strangers,
  fwupd,
  stub,
  programs,
  access,
  unplug,
  faults,
  probe,
  desk,
  browser,
};

/** Minutes of an emulated processor, and a browser of 400 MB: only where it is named. */
const BY_NAME_ONLY: readonly string[] = ['browser'];
const USUAL = Object.keys(RUNGS).filter((name) => !BY_NAME_ONLY.includes(name));

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: USUAL.join(',') },
    update: { type: 'boolean', default: false },
    limit: { type: 'string', default: '600' },
    verbose: { type: 'boolean', default: false },
  },
});

await runToEnd(async () => {
  const checks = new Checks();
  const started = performance.now();
  const bench = await Bench.start({ limitMs: Number(values.limit) * 1000, verbose: values.verbose });
  try {
    console.log(`guest up after ${(bench.guest.bootMs / 1000).toFixed(1)} s`);
    for (const name of values.only.split(',')) {
      const rung = RUNGS[name];
      if (!rung) throw new Problem(`There is no rung "${name}". There are: ${Object.keys(RUNGS).join(', ')}`);
      await rung(bench, checks, { update: values.update });
    }
  } finally {
    await bench.close();
  }
  const status = checks.end();
  console.log(`in ${((performance.now() - started) / 1000).toFixed(0)} s`);
  return status;
});
