/**
 * `npm run explain-trial`: explains composed loaders and judges by jobs held out. Arguments: how many (default 5000), the
 * first seed (default 1). Half have one deviation, a quarter two, a quarter one that no grammar of mistakes has.
 */
import { tallyOf } from './tally.ts';
import { type ExplainTrialId, type ExplainTrialResult, tryLoader } from './trial.ts';

const [count = 5000, first = 1] = process.argv.slice(2).map(Number);
const groups = new Map<string, ExplainTrialResult[]>();

function trialOf(seed: number): ExplainTrialId {
  const turn = seed % 4;
  return { seed, deviations: turn === 2 ? 2 : 1, outside: turn === 3 };
}

function report(): void {
  const rows = [...groups].map(([name, results]) => {
    const ms = results.map((result) => result.ms).sort((a, b) => a - b);
    const at = (share: number): number => Math.round(ms[Math.floor(ms.length * share)] ?? 0);
    return [name, { ...tallyOf(results), 'median ms': at(0.5), '95 % ms': at(0.95) }] as const;
  });
  process.stdout.write(`${JSON.stringify(Object.fromEntries(rows), undefined, 2)}\n`);
}

for (let seed = first; seed < first + count; seed++) {
  const trial = trialOf(seed);
  const name = trial.outside ? 'outside the grammar' : trial.deviations === 2 ? 'two deviations' : 'one deviation';
  groups.set(name, [...(groups.get(name) ?? []), await tryLoader(trial)]);
  if ((seed - first) % 100 === 99) report();
}
report();
