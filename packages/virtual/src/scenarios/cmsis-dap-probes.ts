/** Chips behind CMSIS-DAP probes, the kinds that are sold without a board. */

import { type CmsisDapName, createVirtualCmsisDap, type VirtualCmsisDap } from '../cmsis-dap/index.ts';
import { deskOptions, type ProbeScenario } from './probes.ts';

interface CmsisDapRow {
  readonly name: string;
  readonly title: string;
  readonly chip: string;
  readonly probe: CmsisDapName;
  readonly source: string;
}

const CMSIS_DAP_ROWS: readonly CmsisDapRow[] = [
  {
    name: 'debugprobe-f407',
    title: 'An STM32F407 behind a Raspberry Pi Debug Probe',
    chip: 'STM32F407',
    probe: 'debugprobe',
    source: 'CMSIS-DAP 2.1; raspberrypi/debugprobe; RM0090, DS8626',
  },
  {
    name: 'mcu-link-l476',
    title: 'An STM32L476 behind an MCU-Link',
    chip: 'STM32L476',
    probe: 'mcu-link',
    source: 'CMSIS-DAP 2.1; ids of pyOCD; RM0351, DS10198',
  },
];

export const cmsisDapScenarios: readonly ProbeScenario<VirtualCmsisDap>[] = CMSIS_DAP_ROWS.map(
  ({ chip, probe, ...row }) => ({
    ...row,
    description: 'The probe is what is on USB; core, registers and cells of the chip behind it are modelled.',
    plugIn: (clock, options) => ({ desk: createVirtualCmsisDap({ probe, chip, ...deskOptions(clock, options) }) }),
  }),
);
