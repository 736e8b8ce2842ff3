/**
 * `npm run bench`: speed and memory as ratios from one run; `-- --json` prints the figures for machines, `-- --write` writes the table
 * of README.md, and `-- --against DIR` measures the transfers of another built checkout in the same run.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { measureCore } from './core.ts';
import { measureExplain } from './explain.ts';
import { measureFiles } from './files.ts';
import { type JobFigures, measureJobs } from './jobs.ts';
import { measureStart } from './start.ts';
import { measureTransfers } from './transfers.ts';

const MARKS = { start: '<!-- bench -->', end: '<!-- /bench -->' } as const;

const here = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

const against = process.argv.indexOf('--against');
const others = against < 0 ? [] : process.argv.slice(against + 1, against + 2);
const figures = {
  jobs: await measureJobs(),
  transfers: await measureTransfers([here(''), ...others]),
  start: measureStarts(),
  core: measureCore(),
  explain: await measureExplain(),
  files: measureFiles(),
};

if (process.argv.includes('--json')) console.log(JSON.stringify(figures));
else show(figures);

if (process.argv.includes('--write')) writeFileSync(here('README.md'), readmeWith(figures.jobs));

/** The program as its tarball has it, and as it is in a clone. */
function measureStarts(): ReturnType<typeof measureStart> {
  const folder = mkdtempSync(join(tmpdir(), 'sureflash-bench-'));
  try {
    execFileSync(process.execPath, [here('release/bundle.mjs'), folder]);
    const programs = { installed: join(folder, 'sureflash.cjs'), 'in a clone': here('packages/cli/bin/sureflash.js') };
    return measureStart(programs);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function show({ jobs, transfers, start, core, explain, files }: typeof figures): void {
  console.log('Whole jobs with verification, modelled silicon and full-speed bus, virtual clock');
  console.log('limit: cells, ROM and bus: each byte once down and once back, three transfers a block or erase;');
  console.log('the ROM needs more time for a packet than the bus (docs/virtual-figures.md).');
  console.log('Looks: at places outside the job, before and after it; they are a part of the job.');
  console.log('What is unchanged is read twice in a run that changes something else: to skip it, and for the proof.\n');
  console.table(Object.fromEntries(jobs.map((job) => [job.name, rowOf(job)])));
  console.log(
    '\nProcessor time of the client, the least of several runs; the device answers from a recording of the same job',
  );
  console.log(`Load average now: ${loadavg()[0]?.toFixed(1)}`);
  console.table(transfers);
  console.log('\nFirmware files of 8 MiB');
  const { ratios, contentBytes: _, ...formats } = files;
  console.table(formats);
  console.log(
    `Intel HEX in ${ratios.intelHexTimeToNrf} and S-records in ${ratios.srecTimeToNrf} of the time of nrf-intel-hex`,
  );
  console.log('\nStart: processor time of a command in ms, the least of 15 runs, and against bare node -e 0');
  console.table(start);
  console.log('\nThe Cortex-M core, millions of instructions a second by the wall and of processor time');
  console.table(core);
  console.log('\nExplanations of runs that failed, ms of processor time');
  console.table(explain);
}

/** A job by the heads of its columns. */
function rowOf(job: JobFigures): Record<string, string | number> {
  return {
    'job ms': job.jobMs,
    'cells ms': job.cellsMs,
    'ROM ms': job.romMs,
    'bus ms': job.busMs,
    'limit ms': job.limitMs,
    'job/(cells+ROM+bus)': job.ratio,
    'job/limit': job.ratioToLimit,
    'transfers/block': job.transfersPerBlock ?? '',
    transfers: job.transfers,
    'looks ms': job.looksMs,
    'our CPU ms': job.wallMs,
  };
}

/** @returns README.md with the jobs that it shows between its marks */
function readmeWith(jobs: readonly JobFigures[]): string {
  const readme = readFileSync(here('README.md'), 'utf8');
  const [from, to] = [readme.indexOf(MARKS.start), readme.indexOf(MARKS.end)];
  if (from < 0 || to < from) throw new Error(`README.md has no place between ${MARKS.start} and ${MARKS.end}`);
  const seconds = (ms: number): string => `${(ms / 1000).toFixed(ms < 10_000 ? 2 : 1)} s`;
  const rows = jobs
    .filter(({ name }) => /over another|105.*unchanged|407.*from erased/.test(name))
    .map(({ name, jobMs, cellsMs, romMs, busMs, ratioToLimit }) => {
      const title = name.replace(/^(\w+) /, '$1, ');
      const cells = cellsMs ? seconds(cellsMs) : '0';
      const row = [title, seconds(jobMs), cells, seconds(romMs), seconds(busMs), `${ratioToLimit.toFixed(2)} ×`];
      return `| ${row.join(' | ')} |`;
    });
  const head = ['| job | time | cells | ROM | bus | to cells + ROM + least bus time |', '|---|---|---|---|---|---|'];
  return `${readme.slice(0, from + MARKS.start.length)}\n${[...head, ...rows].join('\n')}\n${readme.slice(to)}`;
}
