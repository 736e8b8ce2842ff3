/**
 * `npm run bench:probe`: jobs through virtual ST-LINKs against what cells and wire allow, and a race with OpenOCD and st-flash, in model time.
 * `-- --json` prints the figures for machines, `-- --write` writes the last chapter of docs/performance.md.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { measureProbeJobs } from './probe-jobs.ts';
import { probeChapter, withProbeChapter } from './probe-page.ts';
import { openocdVersion, raceProbes } from './probe-race.ts';
import { stFlashVersion } from './probe-stranger.ts';

const isJson = process.argv.includes('--json');
const tell = (each: object): void => void (isJson || console.log(JSON.stringify(each)));

const jobs = await measureProbeJobs(tell);
const openocd = openocdVersion();
const stFlash = stFlashVersion();
const races = openocd === undefined ? [] : await raceProbes(tell);
if (isJson) console.log(JSON.stringify({ modelled: true, jobs, openocd, stFlash, races }));

if (process.argv.includes('--write')) {
  const page = fileURLToPath(new URL('../../docs/performance.md', import.meta.url));
  const date = new Date().toISOString().slice(0, 10);
  writeFileSync(
    page,
    withProbeChapter(readFileSync(page, 'utf8'), probeChapter({ date, openocd, stFlash, jobs, races })),
  );
}
