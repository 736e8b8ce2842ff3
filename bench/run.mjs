/**
 * `npm run bench`: speed and memory as ratios from one run; `-- --json` prints the figures for machines, `-- --write` writes the table
 * of README.md, and `-- --against DIR` measures the transfers of another built checkout in the same run.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { measureCore } from './core.mjs';
import { measureJobs } from './jobs.mjs';
import { measureStart } from './start.mjs';
import { measureTransfers } from './transfers.mjs';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

const jobs = await measureJobs();
const against = process.argv.indexOf('--against');
const transfers = await measureTransfers([here('..'), ...(against < 0 ? [] : [process.argv[against + 1]])]);
const start = measureStart(here('../packages/cli/bin/sureflash.js'));
const core = measureCore();
const files = JSON.parse(execFileSync(process.execPath, [here('../packages/image/bench.mjs')], { encoding: 'utf8' }));

if (process.argv.includes('--json')) {
  console.log(JSON.stringify({ jobs, transfers, start, core, files }));
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
  console.log(
    '\nProcessor time of the client, the least of several runs; the device answers from a recording of the same job',
  );
  console.log(`Load average now: ${loadavg()[0].toFixed(1)}`);
  console.table(transfers);
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

if (process.argv.includes('--write')) writeFileSync(here('../README.md'), readmeWith(jobs));

/** The jobs that README.md shows, between its marks. */
function readmeWith(measured) {
  const readme = readFileSync(here('../README.md'), 'utf8');
  const [start, end] = ['<!-- bench -->', '<!-- /bench -->'];
  const [from, to] = [readme.indexOf(start), readme.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`README.md has no place between ${start} and ${end}`);
  const seconds = (ms) => `${(ms / 1000).toFixed(ms < 10_000 ? 2 : 1)} s`;
  const rows = measured
    .filter(({ name }) => /over another|105.*unchanged|407.*from erased/.test(name))
    .map(({ name, jobMs, cellsMs, romMs, busMs, ratioToLimit }) => {
      const title = name.replace(/^(\w+) /, '$1, ');
      return `| ${[title, seconds(jobMs), cellsMs ? seconds(cellsMs) : '0', seconds(romMs), seconds(busMs), `${ratioToLimit.toFixed(2)} ×`].join(' | ')} |`;
    });
  const head = ['| job | time | cells | ROM | bus | to cells + ROM + least bus time |', '|---|---|---|---|---|---|'];
  return `${readme.slice(0, from + start.length)}\n${[...head, ...rows].join('\n')}\n${readme.slice(to)}`;
}
