/** Where debug finds registers of a chip: its DEV_ID, its watchdog. Facts by family. */
import type { Chip } from './chip.ts';

/** DBGMCU_IDCODE; its bits 11–0 are the DEV_ID (reference manuals, section "Debug support"). */
const IDCODE: Readonly<Record<string, number>> = {
  F0: 0x4001_5800,
  L0: 0x4001_5800,
  G0: 0x4001_5800,
  C0: 0x4001_5800,
  U0: 0x4001_5800,
  F1: 0xe004_2000,
  F2: 0xe004_2000,
  F3: 0xe004_2000,
  F4: 0xe004_2000,
  F7: 0xe004_2000,
  L1: 0xe004_2000,
  L4: 0xe004_2000,
  'L4+': 0xe004_2000,
  G4: 0xe004_2000,
  WB: 0xe004_2000,
  WL: 0xe004_2000,
  L5: 0xe004_4000,
  U3: 0xe004_4000,
  U5: 0xe004_4000,
  H5: 0xe004_4000,
  WBA: 0xe004_4000,
  H7: 0x5c00_1000,
};

/** `undefined` where it is not sourced. */
export const idCodeAddress = ({ family }: Chip): number | undefined => IDCODE[family];

/** RM0481 §59: DBGMCU also answers on the bus, where the core's own port does not show it. C5 is taken to be as H5: a guess. */
const DBGMCU_ON_BUS: Readonly<Record<string, number>> = { H5: 0x4402_4000, C5: 0x4402_4000 };

/** Every place at which a debugger may find DBGMCU_IDCODE. */
export const idCodeAddresses = (chip: Chip): readonly number[] =>
  [idCodeAddress(chip), DBGMCU_ON_BUS[chip.family]].filter((address) => address !== undefined);

const IWDG = 0x4000_3000;
/** RM0433 §2.3.2: IWDG1. */
const IWDG1_OF_H7 = 0x5800_4800;

/** The independent watchdog: its key register is the first. */
export const watchdogAddress = ({ family }: Chip): number => (family === 'H7' ? IWDG1_OF_H7 : IWDG);

/** A register, and the values that are written to its bits one after the other. */
export interface RegisterSteps {
  readonly register: number;
  readonly steps: readonly { readonly clear: number; readonly set: number }[];
}

/** RCC_CR: MSIRGSEL, then MSIRANGE 16 MHz, which flash without wait states serves (RM0351 §3.3.3, §6.4.1). */
const L4_CLOCK: RegisterSteps = {
  register: 0x4002_1000,
  steps: [
    { clear: 0, set: 0x08 },
    { clear: 0xf0, set: 0x80 },
  ],
};

/** RCC_ICSCR: MSIRANGE 4.2 MHz, half of what voltage range 2 serves without wait states (RM0038 §3.3.3, §6.3.2). */
const L1_CLOCK: RegisterSteps = { register: 0x4002_3804, steps: [{ clear: 0xe000, set: 0xc000 }] };

const QUICKER_CLOCK: Readonly<Record<string, RegisterSteps>> = { L1: L1_CLOCK, L4: L4_CLOCK, 'L4+': L4_CLOCK };

/**
 * A quicker clock for the core of a chip that has just been reset, for which nothing but this register must change; absent where
 * the chip starts with a good one or none is sourced.
 */
export const quickerClock = ({ family }: Chip): RegisterSteps | undefined => QUICKER_CLOCK[family];
