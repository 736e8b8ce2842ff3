/** Sums of a campaign as tables in Markdown. */
import { faultKinds } from '@sureflash/virtual';
import { CASES } from './cases.ts';
import type { DfuUtilResult } from './dfu-util.ts';
import type { StrangerResult } from './strangers.ts';
import { type Row, sumsBy } from './tally.ts';
import type { TrialResult } from './trial.ts';

type Cells = Readonly<Record<string, string | number>>;

function table(rows: readonly Cells[]): string {
  const [head = {}] = rows;
  const line = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`;
  const keys = Object.keys(head);
  return [line(keys), line(keys.map(() => '---')), ...rows.map((row) => line(keys.map((key) => row[key] ?? '')))].join(
    '\n',
  );
}

const seconds = (ms: number): string => (ms / 1000).toFixed(1);

export function outcomes(row: Row): Cells {
  return {
    runs: row.runs,
    success: row.successes,
    'without proof': row.withoutProof,
    'false success': row.falseSuccesses,
    'destructive advice': row.destructiveAdvice,
    'hang or defect': row.hangs + row.defects,
    'longest s': seconds(row.longestMs),
    'next run completes': row.completed,
    'after a power cycle': row.afterPowerCycle,
    'does not': row.notCompleted,
  };
}

export function causes({ knowable, unknowable }: Row): Cells {
  return {
    'allowed: right': knowable.right,
    'allowed: among rivals': knowable.among,
    'allowed: none named': knowable.open,
    'allowed: wrong': knowable.wrong,
    'not allowed: none named': unknowable.open,
    'not allowed: possible': unknowable.right + unknowable.among,
    'not allowed: wrong': unknowable.wrong,
  };
}

/** A row for each kind of fault. */
export function kindTable(results: readonly TrialResult[], cells: (row: Row) => Cells): string {
  const sums = new Map(sumsBy(results, 'kind'));
  return table(
    faultKinds.flatMap(({ name }) => {
      const row = sums.get(name);
      return row ? [{ fault: `\`${name}\``, ...cells(row) }] : [];
    }),
  );
}

export function boardTable(results: readonly TrialResult[]): string {
  const flash = new Map(CASES.map((each) => [each.scenario, each.flash]));
  return table(
    sumsBy(results, 'scenario').map(([name, row]) => ({ board: name, flash: flash.get(name) ?? '', ...outcomes(row) })),
  );
}

export function strangerTable(strangers: readonly StrangerResult[]): string {
  return table(
    [...new Set(strangers.map(({ mood }) => mood))].map((mood) => {
      const group = strangers.filter((each) => each.mood === mood);
      const ended = (kind: string): number => group.filter(({ ending }) => ending.kind === kind).length;
      return {
        'a device that': mood,
        runs: group.length,
        'typed error': ended('error'),
        success: ended('success'),
        'hang or defect': ended('hang') + ended('defect'),
        'longest s': seconds(Math.max(...group.map(({ ending }) => ending.ms))),
        'most transfers': Math.max(...group.map(({ transfers }) => transfers)),
      };
    }),
  );
}

export function dfuUtilTable(results: readonly DfuUtilResult[]): string {
  return table(
    [...new Set(results.map(({ kind }) => kind))].map((kind) => {
      const group = results.filter((each) => each.kind === kind);
      const count = (program: string, test: (result: DfuUtilResult) => boolean): number =>
        group.filter((each) => each.program === program && test(each)).length;
      return {
        fault: `\`${kind}\``,
        runs: count('dfu-util', () => true),
        'dfu-util: success': count('dfu-util', ({ success }) => success),
        'dfu-util: success over wrong flash': count('dfu-util', ({ success, holds }) => success && !holds),
        'sureflash: runs': count('sureflash', () => true),
        'sureflash: success': count('sureflash', ({ success }) => success),
        'sureflash: success over wrong flash': count('sureflash', ({ success, holds }) => success && !holds),
      };
    }),
  );
}
