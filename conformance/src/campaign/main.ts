/**
 * `npm run campaign [-- --sample N] [--json] [--write] [--threads N]`: every fault at every transfer, over several boards.
 * `--sample` does about N runs instead of all; `--write` writes docs/reliability.md. Ends with status 1 if a promise is broken.
 */
import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { readProbeFigures } from '../probe/figures.ts';
import { CASES } from './cases.ts';
import { readDfuUtilResults } from './dfu-util.ts';
import { pageOf } from './page.ts';
import { doTrials } from './pool.ts';
import { meetStrangers } from './strangers.ts';
import { isFalseSuccess, problemsOf, sumOf, sumsBy } from './tally.ts';
import { courseOf, isAsExpected, type TrialId, type TrialResult, trialsOf } from './trial.ts';

const PAGE = new URL('../../../docs/reliability.md', import.meta.url);
const DFU_UTIL = new URL('../../../testbed/expectations/faults.json', import.meta.url);
/** Of each mood behind each board's descriptors; in a sample fewer. */
const SEEDS = 40;
const SEEDS_OF_SAMPLE = 4;
/** In a sample. */
const LEAST_OF_KIND = 12;
const MOST_SHOWN = 20;

const { values } = parseArgs({
  options: {
    sample: { type: 'string' },
    json: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
    threads: { type: 'string', default: String(availableParallelism()) },
  },
});

const say = (text: string): void => void process.stdout.write(`${text}\n`);
const started = performance.now();

const all: TrialId[] = [];
const refused: string[] = [];
for (const each of CASES) {
  const course = await courseOf(each);
  if (!isAsExpected(course)) refused.push(`${each.scenario} (${course.ending.code || course.ending.kind})`);
  all.push(...trialsOf(course));
}
const trials = values.sample === undefined ? all : sampleOf(all, Number(values.sample));
if (values.write && trials.length < all.length) throw new Error('--write needs the whole campaign');

const results: TrialResult[] = [];
await doTrials(trials, { threads: Number(values.threads), onResult: (result) => results.push(result) });
results.sort(byOrderOf(trials));
const strangers = await meetStrangers(values.sample === undefined ? SEEDS : SEEDS_OF_SAMPLE);
const total = sumOf(results);
const odd = strangers.filter(({ ending }) => ending.kind !== 'error');
const problems = [
  ...problemsOf(total),
  ...(refused.length > 0 ? [`undisturbed, these end otherwise than they have to: ${refused.join(', ')}`] : []),
  ...(odd.length > 0 ? [`${odd.length} strangers ended otherwise`] : []),
];
if (values.json) say(JSON.stringify({ total, problems, results, strangers }));
else showTotals();
if (values.write)
  writeFileSync(
    PAGE,
    pageOf({ results, strangers, dfuUtil: readDfuUtilResults(DFU_UTIL), probes: readProbeFigures() }),
  );
process.exitCode = problems.length > 0 ? 1 : 0;

/** Evenly spread over boards and transfers, and some of each kind of fault. */
function sampleOf(from: readonly TrialId[], wanted: number): TrialId[] {
  const kinds = [...new Set(from.map(({ kind }) => kind))];
  return kinds.flatMap((kind) => {
    const group = from.filter((trial) => trial.kind === kind);
    const step = group.length / Math.max(LEAST_OF_KIND, (group.length * wanted) / from.length);
    return step <= 1 ? group : group.filter((_, i) => Math.floor(i / step) !== Math.floor((i - 1) / step));
  });
}

/** Threads end in any order; the page shall not depend on it. */
function byOrderOf(order: readonly TrialId[]): (a: TrialResult, b: TrialResult) => number {
  const keyOf = ({ scenario, kind, at }: TrialId): string => `${scenario} ${kind} ${at}`;
  const places = new Map(order.map((trial, i) => [keyOf(trial), i]));
  return (a, b) => (places.get(keyOf(a)) ?? 0) - (places.get(keyOf(b)) ?? 0);
}

function showTotals(): void {
  const shown = sumsBy(results, 'kind').map(([name, row]) => {
    const { runs, successes, falseSuccesses, hangs, defects, afterPowerCycle, notCompleted, knowable, unknowable } =
      row;
    const wrongCause = knowable.wrong + unknowable.wrong;
    const stopped = hangs + defects;
    return [name, { runs, successes, falseSuccesses, stopped, afterPowerCycle, notCompleted, wrongCause }];
  });
  // biome-ignore lint/suspicious/noConsole: a table on the terminal is what this program is for
  console.table(Object.fromEntries(shown));
  const isBad = (each: TrialResult): boolean =>
    isFalseSuccess(each) ||
    each.next === 'other' ||
    ['hang', 'defect'].includes(each.ending.kind) ||
    each.destroysAgainst === true;
  const bad = results.filter(isBad);
  for (const each of bad.slice(0, MOST_SHOWN)) say(`  ${JSON.stringify(each)}`);
  say(
    `${results.length} runs and ${strangers.length} strangers in ${((performance.now() - started) / 1000).toFixed(0)} s`,
  );
  for (const problem of problems) say(`not as promised: ${problem}`);
}
