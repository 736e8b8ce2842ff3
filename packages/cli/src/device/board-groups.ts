/** Every virtual board that has a name, group by group. */
import {
  faultyBoards,
  quirkScenarios,
  romRows,
  romScenarios,
  type Scenario,
  scenarioNameOf,
  scenarios,
} from '@sureflash/virtual';

export interface BoardGroup {
  readonly name: 'short-list' | 'reported-deviation' | 'defect' | 'rom';
  readonly title: string;
  readonly boards: readonly Scenario[];
  /** A board in a few words. */
  readonly lineOf: (board: Scenario) => string;
}

/** All parts that share a ROM: who looks for one of them finds it. */
const PARTS = new Map(
  romRows.map((row) => [scenarioNameOf(row), [row.line, row.variant].filter(Boolean).join(', ')] as const),
);

const titleOf = ({ title }: Scenario): string => title;

export const SHORT_LIST: BoardGroup = {
  name: 'short-list',
  title: 'The short list',
  boards: scenarios,
  lineOf: titleOf,
};

/** The short list first; no board is in two of them. */
export const BOARD_GROUPS: readonly BoardGroup[] = [
  SHORT_LIST,
  {
    name: 'reported-deviation',
    title: 'Devices with a deviation that was reported of a real one',
    boards: quirkScenarios,
    lineOf: titleOf,
  },
  {
    name: 'defect',
    title: 'Bootloaders with a defect',
    boards: faultyBoards,
    lineOf: ({ title }) => title.replace(/^A bootloader with a defect: /, ''),
  },
  {
    name: 'rom',
    title: 'ROM bootloaders of the other STM32 with USB DFU',
    boards: romScenarios.filter((board) => !scenarios.includes(board)),
    lineOf: ({ name, title }) => PARTS.get(name) ?? title,
  },
];

export const BOARD_NAMES: readonly string[] = BOARD_GROUPS.flatMap(({ boards }) => boards.map(({ name }) => name));
