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

/** What is written to some bits of a register. */
export interface RegisterStep {
  readonly register: number;
  readonly clear: number;
  readonly set: number;
  /** Bits of the register that rise when it has had its effect. */
  readonly ready?: number;
}

/** How the core of a chip that has just been reset becomes quicker. */
export interface QuickerClock {
  readonly start: readonly RegisterStep[];
  /** Between these two steps, for work in which nothing but the core counts; waiting for cells is none. */
  readonly computing?: { readonly begin: RegisterStep; readonly end: RegisterStep };
}

/** RCC_CR: MSIRGSEL, then MSIRANGE 16 MHz, which flash without wait states serves (RM0351). */
const L4_CLOCK: QuickerClock = {
  start: [
    { register: 0x4002_1000, clear: 0, set: 0x08 },
    { register: 0x4002_1000, clear: 0xf0, set: 0x80 },
  ],
};

/** RCC_ICSCR: MSIRANGE 4.2 MHz, half of what voltage range 2 serves without wait states (RM0038). */
const L1_CLOCK: QuickerClock = { start: [{ register: 0x4002_3804, clear: 0xe000, set: 0xc000 }] };

/** The clock switch, the two low bits of RCC_CFGR: HSI is 0, the PLL 2. */
const byPll = (register: number): Required<QuickerClock>['computing'] => ({
  begin: { register, clear: 3, set: 2 },
  end: { register, clear: 3, set: 0 },
});

/** RCC_CR. */
const PLL_ON = 1 << 24;
const PLL_READY = 1 << 25;

/**
 * HSI / 2 × 5 = 20 MHz, which flash without wait states serves, and the slowest of the families too (RM0008,
 * RM0041, RM0091, RM0316).
 */
const F1_CLOCK: QuickerClock = {
  start: [
    { register: 0x4002_1004, clear: 0x003d_0000, set: 0x000c_0000 },
    { register: 0x4002_1000, clear: 0, set: PLL_ON, ready: PLL_READY },
  ],
  computing: byPll(0x4002_1004),
};

/**
 * HSI / 8 × 96 / 4 = 48 MHz, with the three wait states that are enough at any supply, and APB1 at half of it (RM0090,
 * RM0033, RM0368, RM0385).
 */
const F4_CLOCK: QuickerClock = {
  start: [
    { register: 0x4002_3c00, clear: 0x0f, set: 3 },
    { register: 0x4002_3804, clear: 0x0f43_7fff, set: 0x0401_1808 },
    { register: 0x4002_3808, clear: 0x1c00, set: 0x1000 },
    { register: 0x4002_3800, clear: 0, set: PLL_ON, ready: PLL_READY },
  ],
  computing: byPll(0x4002_3808),
};

const QUICKER_CLOCK: Readonly<Record<string, QuickerClock>> = {
  F0: F1_CLOCK,
  F1: F1_CLOCK,
  F2: F4_CLOCK,
  F3: F1_CLOCK,
  F4: F4_CLOCK,
  F7: F4_CLOCK,
  L1: L1_CLOCK,
  L4: L4_CLOCK,
  'L4+': L4_CLOCK,
};

/**
 * A quicker clock for the core of a chip that has just been reset, whatever is connected to it; absent where the chip starts with a
 * good one or none is sourced.
 */
export const quickerClock = ({ family }: Chip): QuickerClock | undefined => QUICKER_CLOCK[family];
