/** What the campaign over debug probes found, as it is kept, and as a part of `docs/reliability.md`. */
import { readFileSync, writeFileSync } from 'node:fs';

/** The runs of one fault, on all chips behind all probes. */
export interface FaultFigures {
  readonly fault: string;
  readonly survived: number;
  readonly completed: number;
  /** False successes, hangs, and chips that the next run did not finish. */
  readonly broken: number;
}

const FIGURES = new URL('../../expectations/probe-faults.json', import.meta.url);
const RELIABILITY_PAGE = new URL('../../../docs/reliability.md', import.meta.url);

export const readProbeFigures = (): readonly FaultFigures[] =>
  JSON.parse(readFileSync(FIGURES, 'utf8')) as FaultFigures[];

/** Keeps the rows, a line each, and puts them into the page. @param chips as for `probeSection` */
export function writeProbeFigures(rows: readonly FaultFigures[], chips: number): void {
  const line = (row: FaultFigures): string => `  ${JSON.stringify(row, undefined, 1).replaceAll(/\n ?/g, ' ')}`;
  writeFileSync(FIGURES, `[\n${rows.map(line).join(',\n')}\n]\n`);
  const page = readFileSync(RELIABILITY_PAGE, 'utf8');
  writeFileSync(
    RELIABILITY_PAGE,
    page.replace(SECTION, () => probeSection(rows, chips)),
  );
}

/** From its heading to the next one. */
const SECTION = /^## Through a debug probe\n[\s\S]*?(?=^## )/m;

const WORDS: Readonly<Record<string, string>> = {
  WAIT: 'the chip asks to be asked again',
  FAULT: 'the chip refuses an access',
  parity: 'an answer does not add up',
  'lost reply': 'the probe carries a command out, and its answer is lost',
  'probe reset': 'the probe restarts and has forgotten the chip',
  mute: 'the probe says nothing any more until it is plugged in anew',
  'target reset': 'the chip is reset by somebody else',
  'target power': 'the chip loses its power for a moment',
};
const CELLS = ['survived', 'completed', 'broken'] as const;
const FAULT_HEAD =
  '| fault | runs | success | fails, and the next run completes | promise broken |\n| --- | --- | --- | --- | --- |';

const struckRuns = (row: FaultFigures): number => CELLS.reduce((total, cell) => total + row[cell], 0);
const sum = (rows: readonly FaultFigures[], of: (row: FaultFigures) => number): number =>
  rows.reduce((total, row) => total + of(row), 0);

/** @param chips rows of the chip table that have a board */
export function probeSection(rows: readonly FaultFigures[], chips: number): string {
  const line = (row: FaultFigures): string =>
    `| ${row.fault}: ${WORDS[row.fault] ?? ''} | ${[struckRuns(row), ...CELLS.map((cell) => row[cell])].join(' | ')} |`;
  return `## Through a debug probe

\`npm run campaign:probe -- --write\` strikes a job with every fault of the wire between host, probe and chip, at the first, the middle and the last command of each
kind that the job sends, on an STM32F103, L476 and G071 behind an ST-LINK/V2-1, an STLINK-V3E and a CMSIS-DAP probe: ${sum(rows, struckRuns)} runs, each that fails followed by
a second run without the fault. **${sum(rows, ({ broken }) => broken)}** of them end in a false success, in a hang, or with a chip that the next run does not finish. Success is judged by the
cells here too.

${FAULT_HEAD}
${rows.map(line).join('\n')}

Every row of the chip table that has a board, ${chips} of them, is programmed through an ST-LINK/V2-1, changed, cut on the host's side and by a loss of power, completed and
started in each CI run, and a row of each family through an STLINK-V3E or a CMSIS-DAP probe; with \`ALL_ROWS=1\` all rows are tried through both.

`;
}
