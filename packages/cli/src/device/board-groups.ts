/** Every virtual board that has a name, group by group. */
import {
  cmsisDapScenarios,
  defectiveScenarios,
  impostorScenarios,
  knownScenarios,
  type ProbeScenario,
  probeScenarios,
  reportedScenarios,
  romRows,
  romScenarios,
  type Scenario,
  scenarioNameOf,
  secureChipScenarios,
  strangerScenarios,
  troubledProbeScenarios,
  unseenScenarios,
} from '@sureflash/virtual';

export interface BoardGroup {
  readonly name:
    | 'short-list'
    | 'probe'
    | 'probe-trouble'
    | 'probe-secure'
    | 'reported-deviation'
    | 'stranger'
    | 'defect'
    | 'impostor'
    | 'rom';
  readonly title: string;
  readonly boards: readonly (Scenario | ProbeScenario)[];
  /** A board in a few words. */
  readonly lineOf: (board: Scenario | ProbeScenario) => string;
}

/** All parts that share a ROM: who looks for one of them finds it. */
const PARTS = new Map(
  romRows.map((row) => [scenarioNameOf(row), [row.line, row.variant].filter(Boolean).join(', ')] as const),
);

const titleOf = ({ title }: Pick<Scenario, 'title'>): string => title;

/** Shown beside the short list. */
export const PROBES: BoardGroup = {
  name: 'probe',
  title: 'Chips behind a debug probe',
  boards: [...probeScenarios, ...cmsisDapScenarios],
  lineOf: titleOf,
};

export const SHORT_LIST: BoardGroup = {
  name: 'short-list',
  title: 'The short list',
  boards: knownScenarios,
  lineOf: titleOf,
};

/** The short list first; no board is in two of them. */
export const BOARD_GROUPS: readonly BoardGroup[] = [
  SHORT_LIST,
  PROBES,
  {
    name: 'probe-trouble',
    title: 'Chips behind a debug probe, with something in the way',
    boards: troubledProbeScenarios,
    lineOf: titleOf,
  },
  {
    name: 'probe-secure',
    title: 'Chips with TrustZone on, or a product state, behind a debug probe',
    boards: secureChipScenarios,
    lineOf: titleOf,
  },
  {
    name: 'reported-deviation',
    title: 'Devices with a deviation that was reported for a real device',
    boards: reportedScenarios,
    lineOf: titleOf,
  },
  {
    name: 'stranger',
    title: 'Loaders of other makers, as found in the field',
    boards: strangerScenarios,
    lineOf: titleOf,
  },
  {
    name: 'defect',
    title: 'Bootloaders with a defect',
    boards: defectiveScenarios,
    lineOf: ({ title }) => title.replace(/^A bootloader with a defect: /, ''),
  },
  {
    name: 'impostor',
    title: 'Loaders with the strings of a ROM that do something else as well',
    boards: [...impostorScenarios, ...unseenScenarios],
    lineOf: ({ title }) => title.replace(/^A loader [^:]*: /, ''),
  },
  {
    name: 'rom',
    title: 'ROM bootloaders of the other STM32 with USB DFU',
    boards: romScenarios.filter((board) => !knownScenarios.includes(board)),
    lineOf: ({ name, title }) => PARTS.get(name) ?? title,
  },
];

export const BOARD_NAMES: readonly string[] = BOARD_GROUPS.flatMap(({ boards }) => boards.map(({ name }) => name));
