/** STM32WB0, MP1 and N6, whose bootloaders are none of AN2606: rows of the chip table. */
import type { OtherChip } from '../chip.ts';
import { KB, NO_USB, uniform } from './shared.ts';

/** What most rows share; a row that differs says so. */
const COMMON = {
  erasedValue: 0xff,
  cells: 'ecc',
  systemMemory: [],
  usbDfu: false,
  optionBytes: [],
} as const;

export const OTHERS: readonly OtherChip[] = [
  {
    ...COMMON,
    id: 'stm32wb05',
    family: 'WB0',
    names: ['STM32WB05'],
    variants: uniform([192], 2 * KB, { start: 0x1004_0000 }),
    writeSize: 32,
    ram: [],
    bootloader: { versions: [], ram: [] },
    boot: { pattern: 'PA10 high at reset', clock: NO_USB },
    flashSizeAddress: 0x4000_1014,
    uidAddress: 0x1000_1ef0,
    limitations: ['the UART bootloader of STM32WB0 is not that of AN2606'],
    doubts: [
      { field: 'writeSize', why: 'not confirmed by a reference manual' },
      { field: 'cells', why: 'taken as ECC, the careful choice' },
    ],
    sources: ['embassy-rs/stm32-data', 'florisla/stm32loader'],
  },
  {
    ...COMMON,
    id: 'stm32wb09',
    family: 'WB0',
    names: ['STM32WB06', 'STM32WB07', 'STM32WB09'],
    variants: uniform([512], 2 * KB, { start: 0x1004_0000 }),
    writeSize: 32,
    ram: [],
    bootloader: { versions: [], ram: [] },
    boot: { pattern: 'PA10 high at reset', clock: NO_USB },
    flashSizeAddress: 0x4000_1014,
    uidAddress: 0x1000_1ef0,
    limitations: ['the UART bootloader of STM32WB0 is not that of AN2606'],
    doubts: [
      { field: 'variants', why: 'only the largest flash size is sourced; smaller parts have less' },
      { field: 'writeSize', why: 'not confirmed by a reference manual' },
      { field: 'cells', why: 'taken as ECC, the careful choice' },
    ],
    sources: ['embassy-rs/stm32-data', 'florisla/stm32loader'],
  },
  {
    ...COMMON,
    id: 'stm32mp157',
    family: 'MP1',
    names: ['STM32MP151', 'STM32MP153', 'STM32MP157'],
    devId: 0x500,
    variants: [],
    writeSize: 1,
    ram: [],
    bootloader: { versions: [], ram: [] },
    boot: { pattern: 'BOOT pins', clock: 'the clocks of its board' },
    uidAddress: 0x5c00_5234,
    limitations: [
      'no internal flash',
      'its ROM and U-Boot speak DFU, but not DfuSe: alternates are named by partition, the serial is the whole UID or one of the board',
    ],
    doubts: [],
    sources: ['embassy-rs/stm32-data'],
  },
  {
    ...COMMON,
    id: 'stm32n657',
    family: 'N6',
    names: ['STM32N645', 'STM32N647', 'STM32N655', 'STM32N657'],
    devId: 0x486,
    variants: [],
    writeSize: 1,
    ram: [],
    bootloader: { versions: [], ram: [] },
    boot: { pattern: 'BOOT pins', clock: 'the clocks of its board' },
    uidAddress: 0x4600_9014,
    limitations: ['no internal flash', 'its ROM loads a first-stage loader over USB, which is not DfuSe'],
    doubts: [],
    sources: ['embassy-rs/stm32-data'],
  },
];
