/**
 * `npm run signals`: kills the command line at random moments of a job, on boards in processes of their own, and runs it
 * once more. Arguments: how many runs (default 200), the first seed (default 1), how many at a time (default 4). Prints a
 * line for each way, each run that is not as it should be, and ends with 1 where there is one.
 */
import { isGood, KILL_CASES, type Killed, tryKill, undisturbedMs, WAYS } from './kill.ts';

const [runs = 200, firstSeed = 1, atOnce = 4] = process.argv.slice(2).map(Number);
const killed: Killed[] = [];
const jobs: number[] = [];
for (const subject of KILL_CASES) jobs.push(await undisturbedMs(subject));

/** The same moment for the same seed. */
function momentOf(seed: number): number {
  return ((Math.imul(seed, 2_654_435_761) >>> 0) / 2 ** 32) * 1.05;
}

let next = firstSeed;
async function work(): Promise<void> {
  while (next < firstSeed + runs) {
    const seed = next++;
    const way = WAYS[seed % WAYS.length] ?? 'kill';
    const at = Math.floor(seed / WAYS.length) % KILL_CASES.length;
    const subject = KILL_CASES[at];
    if (!subject) continue;
    const result = await tryKill(subject, { way, moment: momentOf(seed), jobMs: jobs[at] ?? 1000, seed });
    killed.push(result);
    if (!isGood(result)) process.stdout.write(`seed ${seed}: ${JSON.stringify(result)}\n`);
  }
}
await Promise.all(Array.from({ length: atOnce }, work));

const rows = WAYS.map((way) => {
  const all = killed.filter((each) => each.way === way);
  const count = (what: (each: Killed) => boolean): number => all.filter(what).length;
  return {
    way,
    runs: all.length,
    ended: [...new Set(all.map(({ ended }) => ended))].join(' '),
    'flash had lost bytes': count(({ lost }) => lost > 0),
    'bytes in no file': count(({ unkept }) => unkept > 0),
    'next run completes': count(({ nextExit, completed }) => nextExit === '0' && completed),
    'bytes missing': count(({ missing }) => missing > 0),
  };
});
for (const row of rows) process.stdout.write(`${JSON.stringify(row)}\n`);
const bad = killed.filter((each) => !isGood(each)).length;
process.stdout.write(`${killed.length} runs, ${bad} not as they should be\n`);
process.exitCode = bad === 0 ? 0 : 1;
