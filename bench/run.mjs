/** `npm run bench`: speed and memory as ratios from one run; `-- --json` prints the figures for machines. */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { measureCore } from './core.mjs';
import { measureJobs } from './jobs.mjs';
import { measureStart } from './start.mjs';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

const jobs = await measureJobs();
const start = measureStart(here('../packages/cli/bin/sureflash.js'));
const core = measureCore();
const files = JSON.parse(execFileSync(process.execPath, [here('../packages/image/bench.mjs')], { encoding: 'utf8' }));

if (process.argv.includes('--json')) {
  console.log(JSON.stringify({ jobs, start, core, files }));
} else {
  console.log('Whole jobs with verification, modelled silicon and full-speed bus, virtual clock');
  console.log('limit: cells, ROM and bus: each byte once down and once back, three transfers a block or erase;');
  console.log('the ROM needs more time for a packet than the bus (docs/virtual-figures.md).');
  console.log('What is unchanged is read twice in a run that changes something else: to skip it, and for the proof.\n');
  console.table(
    Object.fromEntries(
      jobs.map(({ name, ...job }) => [
        name,
        {
          'job ms': job.jobMs,
          'cells ms': job.cellsMs,
          'ROM ms': job.romMs,
          'bus ms': job.busMs,
          'limit ms': job.limitMs,
          'job/(cells+ROM+bus)': job.ratio,
          'job/limit': job.ratioToLimit,
          'transfers/block': job.transfersPerBlock ?? '',
          transfers: job.transfers,
          'our CPU ms': job.wallMs,
        },
      ]),
    ),
  );
  console.log('\nFirmware files of 8 MiB');
  const { ratios, contentBytes, ...formats } = files;
  console.table(formats);
  console.log(
    `Intel HEX in ${ratios.intelHexTimeToNrf} and S-records in ${ratios.srecTimeToNrf} of the time of nrf-intel-hex`,
  );
  console.log('\nStart: processor time of a command in ms, the least of 15 runs, and against bare node -e 0');
  console.table(start);
  console.log('\nThe Cortex-M core, millions of instructions a second by the wall and of processor time');
  console.table(core);
}
