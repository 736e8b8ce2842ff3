/**
 * `node testbed/kernel.mjs [--only NAMES] [--update] [--limit SECONDS] [--verbose]`: our boards on a real kernel's USB,
 * judged by strangers; our programmer on the same kernel through libusb. `--update` writes the expectations anew.
 */
import { parseArgs } from 'node:util';
import { Bench } from './lib/bench.mjs';
import { Checks } from './lib/checks.mjs';
import { Problem } from './lib/problem.mjs';
import { runToEnd } from './lib/run-to-end.mjs';
import { access } from './rungs/access.mjs';
import { faults } from './rungs/faults.mjs';
import { fwupd } from './rungs/fwupd.mjs';
import { port } from './rungs/port.mjs';
import { programs } from './rungs/programs.mjs';
import { strangers } from './rungs/strangers.mjs';
import { stub } from './rungs/stub.mjs';
import { unplug } from './rungs/unplug.mjs';

const RUNGS = { port, strangers, fwupd, stub, programs, access, unplug, faults };

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: Object.keys(RUNGS).join(',') },
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
