/** `npm run fuzz-core -- --steps 1000000 --seed 1`: random steps of every core against Unicorn, and what differed. */

import { parseArgs } from 'node:util';
import type { CoreName } from '@sureflash/virtual';
import { fuzz } from './fuzz.ts';
import { unicornMissing } from './unicorn.ts';

const CORES: readonly CoreName[] = ['m0', 'm3', 'm4', 'm7', 'm33'];

const { values } = parseArgs({
  options: {
    steps: { type: 'string', default: '1000000' },
    seed: { type: 'string', default: '1' },
    core: { type: 'string' },
  },
});
const missing = unicornMissing();
if (missing) process.stdout.write(`not fuzzed: ${missing}\n`);
else {
  const cores = CORES.filter((core) => values.core === undefined || core === values.core);
  let failed = false;
  for (const core of cores) {
    const begun = performance.now();
    const result = fuzz({ core, steps: Math.ceil(Number(values.steps) / cores.length), seed: Number(values.seed) });
    const seconds = ((performance.now() - begun) / 1000).toFixed(1);
    process.stdout.write(
      `${core}: ${result.steps} steps of ${result.patterns} classes in ${seconds} s, ${result.faults} faults, ` +
        `${result.differences.length} differences${JSON.stringify(result.excused)}\n`,
    );
    for (const difference of result.differences) process.stdout.write(`${JSON.stringify(difference, undefined, 1)}\n`);
    failed ||= result.differences.length > 0;
  }
  process.exitCode = failed ? 1 : 0;
}
