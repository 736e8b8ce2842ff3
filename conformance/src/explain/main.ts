/**
 * `npm run explain-trial -- [--loaders 5000] [--first 1] [--group one|two|hidden|outside] [--kind erase-] [--limit 2000] [--misses]`:
 * explains composed loaders and judges by jobs held out. Without a group two fifths have one deviation, one fifth two that
 * both left a trace in the run, one fifth two of which one left none, one fifth one that no grammar of mistakes has. With a kind, every kind whose name begins so has as many loaders. Ctrl+C
 * ends it with a table of the loaders until then.
 */
import { Console } from 'node:console';
import { parseArgs } from 'node:util';
import { kindNames } from '@sureflash/virtual/composed';
import { tallyOf } from './tally.ts';
import { type ExplainTrialId, type ExplainTrialResult, tryLoader } from './trial.ts';

const { values } = parseArgs({
  options: {
    loaders: { type: 'string', default: '5000' },
    first: { type: 'string', default: '1' },
    group: { type: 'string', default: 'all' },
    kind: { type: 'string' },
    limit: { type: 'string', default: '2000' },
    misses: { type: 'boolean', default: false },
  },
});
const terminal = new Console(process.stdout);
const loaders = Number(values.loaders);
const first = Number(values.first);
const limitMs = Number(values.limit);
/** Seeds of one kind lie this far from those of the next. */
const SEEDS_PER_KIND = 1000;

const idOf = (seed: number, group: string): ExplainTrialId => {
  const name = group === 'all' ? (['one', 'one', 'two', 'hidden', 'outside'][seed % 5] ?? 'one') : group;
  const isHidden = name === 'hidden';
  return { seed, deviations: name === 'two' || isHidden ? 2 : 1, hidden: isHidden, outside: name === 'outside' };
};

function* trialIds(): Iterable<ExplainTrialId> {
  const { kind, group } = values;
  if (kind === undefined) {
    for (let seed = first; seed < first + loaders; seed++) yield idOf(seed, group);
    return;
  }
  for (const [i, name] of kindNames({ outside: group === 'outside' }).entries()) {
    if (!name.startsWith(kind)) continue;
    const from = first + i * SEEDS_PER_KIND;
    for (let seed = from; seed < from + loaders; seed++)
      yield { ...idOf(seed, group === 'all' ? 'one' : group), kind: name };
  }
}

function groupOf({ outside, deviations, hidden = false }: ExplainTrialId): string {
  if (outside) return 'outside the grammar';
  if (deviations === 1) return 'one deviation';
  return hidden ? 'two, one without a trace' : 'two deviations';
}

function grouped(
  results: readonly ExplainTrialResult[],
  by: (result: ExplainTrialResult) => string,
): Map<string, ExplainTrialResult[]> {
  const groups = new Map<string, ExplainTrialResult[]>();
  for (const result of results) groups.set(by(result), [...(groups.get(by(result)) ?? []), result]);
  return groups;
}

const shareText = (n: number, of: number): string => `${((100 * n) / of).toFixed(1)} %`;

function printTable(results: readonly ExplainTrialResult[]): void {
  const rows: Record<string, Record<string, string | number>> = {};
  for (const [group, those] of grouped(results, groupOf)) {
    const ms = those.map((result) => result.ms).sort((a, b) => a - b);
    for (const verdict of ['alone', 'tried'] as const) {
      const tally = tallyOf(those, verdict);
      const n = tally.trials;
      rows[`${group}, ${verdict === 'alone' ? 'from the run' : 'with trials'}`] = {
        loaders: n,
        'certain and right': shareText(tally.certainRight, n),
        'first right': shareText(tally.firstRight, n),
        'among three': shareText(tally.namedRight, n),
        'cannot tell': shareText(tally.cannotTell, n),
        'nothing tells': `${tally.untellable}${tally.untellableWrong > 0 ? ` (${tally.untellableWrong} certain)` : ''}`,
        'certain and wrong': `${tally.certainWrong} (${shareText(tally.certainWrong, n)})`,
        'median, 95 % ms': `${Math.round(ms[ms.length >> 1] ?? 0)}, ${Math.round(ms[Math.floor(ms.length * 0.95)] ?? 0)}`,
      };
    }
  }
  terminal.table(rows);
}

function printKinds(results: readonly ExplainTrialResult[]): void {
  const rows: Record<string, object> = {};
  for (const [kinds, those] of grouped(results, (result) => result.kinds.join(' + '))) {
    const { trials: n, certainRight, firstRight, namedRight, certainWrong } = tallyOf(those, 'tried');
    if (certainRight < n) rows[kinds] = { n, certainRight, firstRight, namedRight, certainWrong };
  }
  terminal.table(rows);
}

function printMiss(result: ExplainTrialResult): void {
  const { seed, chip, old, truth, alone, tried, trials: n, differing, ms, isUntellable } = result;
  if (tried.certainty === 'certain' && tried.right[0] === true && !(alone.certainty === 'certain' && !alone.right[0]))
    return;
  const say = ({ certainty, right, named }: typeof tried): string =>
    `${certainty}: ${named.map((name, i) => `${right[i] ? 'RIGHT' : 'wrong'} ${name}`).join(', ')}`;
  process.stdout.write(
    `${seed} ${chip} ${old} "${truth}" (${differing} bytes, ${n} trials, ${Math.round(ms)} ms)${isUntellable ? ' NOTHING TELLS' : ''}\n`,
  );
  process.stdout.write(`   run    ${say(alone)}\n   trials ${say(tried)}\n`);
}

const heard: ExplainTrialResult[] = [];
let isOver = false;
process.once('SIGINT', () => {
  isOver = true;
});
for (const id of trialIds()) {
  if (isOver) break;
  const result = await tryLoader(id, { limitMs });
  heard.push(result);
  if (values.misses) printMiss(result);
}
if (values.kind !== undefined) printKinds(heard);
printTable(heard);
