/** Boards with a debug probe, as people have them on their desks: a chip behind an ST-LINK, and the board of the thread with one. */

import type { Board } from '../board.ts';
import type { Clock } from '../clock.ts';
import { createVirtualStLink, type StLinkName, type VirtualStLink } from '../stlink/index.ts';
import type { UsbConnector } from '../usb/model.ts';
import type { ScenarioOptions } from './make-board.ts';
import { LONGEST_RUN_MS, ProbedBoard } from './probed-board.ts';
import type { Scenario } from './scenario.ts';

/** A probe and what is at it; the plug is that of the probe. */
export interface DebugDesk {
  readonly connector: UsbConnector;
}

/** A board with a probe at it. */
export interface ProbeDesk<Desk extends DebugDesk = DebugDesk> {
  readonly desk: Desk;
  /** The board's own USB plug, where it has one. */
  readonly board?: Board;
}

export interface ProbeScenario<Desk extends DebugDesk = DebugDesk> extends Omit<Scenario, 'create'> {
  /** @throws RangeError for content where the chip has no flash */
  plugIn(clock: Clock, options?: ScenarioOptions): ProbeDesk<Desk>;
}

/** How a probe is made from the options of a scenario, whatever kind of probe it is. */
export const deskOptions = (clock: Clock, { flash, serial, seed = 1 }: ScenarioOptions = {}) => ({
  clock,
  longestRunMs: LONGEST_RUN_MS,
  microcontroller: { seed },
  ...(flash && { flash: new Map(flash.map(({ address, bytes }) => [address, bytes])) }),
  ...(serial !== undefined && { serial }),
});

interface ProbedBoardRow {
  readonly name: string;
  readonly title: string;
  readonly chip: string;
  readonly probe: StLinkName;
  readonly probeText: string;
  readonly source: string;
}

const PROBED_BOARDS: readonly ProbedBoardRow[] = [
  {
    name: 'nucleo-f103rb',
    title: 'Nucleo-F103RB: an STM32F103 behind an ST-LINK/V2-1',
    chip: 'STM32F103',
    probe: 'v2-1',
    probeText: 'ST-LINK/V2-1, V2J37M27',
    source: 'UM1724, RM0008, PM0075',
  },
  {
    name: 'discovery-f407',
    title: 'STM32F4DISCOVERY: an STM32F407 behind an ST-LINK/V2',
    chip: 'STM32F407',
    probe: 'v2',
    probeText: 'ST-LINK/V2, V2J37S7',
    source: 'UM1472, RM0090, DS8626',
  },
  {
    name: 'nucleo-l476rg',
    title: 'Nucleo-L476RG: an STM32L476 behind an ST-LINK/V2-1',
    chip: 'STM32L476',
    probe: 'v2-1',
    probeText: 'ST-LINK/V2-1, V2J37M27',
    source: 'UM1724, RM0351, DS10198',
  },
  {
    name: 'nucleo-g431rb',
    title: 'Nucleo-G431RB: an STM32G431 behind an STLINK-V3E',
    chip: 'STM32G431',
    probe: 'v3e',
    probeText: 'STLINK-V3E, V3J7M2',
    source: 'UM2505, RM0440',
  },
  {
    name: 'nucleo-h743zi2',
    title: 'Nucleo-H743ZI2: an STM32H743 behind an STLINK-V3E',
    chip: 'STM32H743',
    probe: 'v3e',
    probeText: 'STLINK-V3E, V3J7M2',
    source: 'UM2407, RM0433, DS12110',
  },
];

const chipBehindProbe = ({ probeText, chip, probe, ...row }: ProbedBoardRow): ProbeScenario<VirtualStLink> => ({
  ...row,
  description: `The probe (${probeText}) is what is on USB; core, registers and cells of the chip behind it are modelled.`,
  plugIn: (clock, options) => ({ desk: createVirtualStLink({ probe, chip, ...deskOptions(clock, options) }) }),
});

export const probeScenarios: readonly ProbeScenario<VirtualStLink>[] = [
  ...PROBED_BOARDS.map(chipBehindProbe),
  {
    name: 'stm32f105-cubemx-stub-stlink',
    title: 'The board with the DFU class as CubeMX generates it, and an ST-LINK/V2-1 at its debug connector',
    description:
      'Two plugs: its own USB, and the probe. Its core runs what is in flash: a program that jumps to the ROM bootloader is one on USB.',
    source: 'stm32-mw-usb-device v2.5.3, CubeMX usbd_dfu_if.c; community.st.com td-p/621282; RM0008',
    plugIn: (clock, options = {}) => new ProbedBoard(clock, { ...options, longestRunMs: LONGEST_RUN_MS }),
  },
];
