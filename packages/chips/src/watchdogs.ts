/** What a debugger can do about the watchdog of a chip, and how the chip tells that it was reset by it. Facts by family. */
import type { Chip } from './chip.ts';

/** A bit of a register. */
export interface RegisterBit {
  readonly register: number;
  readonly bit: number;
}

interface WatchdogFreeze extends RegisterBit {
  /** Gives the debug unit its clock, where the bit does not stay without it. */
  readonly clock?: RegisterBit;
}

const at = (register: number, bit: number): RegisterBit => ({ register, bit });

const DBGMCU = 0xe004_2000;
const DBGMCU_ON_APB = 0x4001_5800;
const DBGMCU_OF_M33 = 0xe004_4000;
const APB1_FZ = 0x08;
const IWDG_STOP = 12;

/** DBG_IWDG_STOP: the watchdog stands still while the core is halted. */
const FREEZES: Readonly<Record<string, WatchdogFreeze>> = {
  // RM0008.
  F1: at(DBGMCU + 0x04, 8),
  // RM0091; RM0376.
  F0: { ...at(DBGMCU_ON_APB + APB1_FZ, IWDG_STOP), clock: at(0x4002_1018, 22) },
  L0: { ...at(DBGMCU_ON_APB + APB1_FZ, IWDG_STOP), clock: at(0x4002_1034, 22) },
  // RM0444; RM0490.
  G0: { ...at(DBGMCU_ON_APB + APB1_FZ, IWDG_STOP), clock: at(0x4002_103c, 27) },
  C0: { ...at(DBGMCU_ON_APB + APB1_FZ, IWDG_STOP), clock: at(0x4002_103c, 27) },
  U0: at(DBGMCU_ON_APB + APB1_FZ, IWDG_STOP),
  // RM0316, RM0033, RM0090, RM0410, RM0038, RM0351, RM0440.
  F2: at(DBGMCU + APB1_FZ, IWDG_STOP),
  F3: at(DBGMCU + APB1_FZ, IWDG_STOP),
  F4: at(DBGMCU + APB1_FZ, IWDG_STOP),
  F7: at(DBGMCU + APB1_FZ, IWDG_STOP),
  L1: at(DBGMCU + APB1_FZ, IWDG_STOP),
  L4: at(DBGMCU + APB1_FZ, IWDG_STOP),
  'L4+': at(DBGMCU + APB1_FZ, IWDG_STOP),
  G4: at(DBGMCU + APB1_FZ, IWDG_STOP),
  // RM0434, RM0453: that of core 1.
  WB: at(DBGMCU + 0x3c, IWDG_STOP),
  WL: at(DBGMCU + 0x3c, IWDG_STOP),
  // RM0438, RM0456, RM0487, RM0493.
  L5: at(DBGMCU_OF_M33 + APB1_FZ, IWDG_STOP),
  U3: at(DBGMCU_OF_M33 + APB1_FZ, IWDG_STOP),
  U5: at(DBGMCU_OF_M33 + APB1_FZ, IWDG_STOP),
  WBA: at(DBGMCU_OF_M33 + APB1_FZ, IWDG_STOP),
  // RM0481, as the bus shows it; C5 is taken to be as H5.
  H5: at(0x4402_4000 + APB1_FZ, IWDG_STOP),
  C5: at(0x4402_4000 + APB1_FZ, IWDG_STOP),
  // RM0433, DBGMCU_APB4FZ1: IWDG1.
  H7: at(0x5c00_1000 + 0x54, 18),
};

/** `undefined` where it is not sourced. */
export const watchdogFreeze = ({ family }: Chip): WatchdogFreeze | undefined => FREEZES[family];

/** IWDGRSTF: the last reset came from the independent watchdog (RCC_CSR and the like of each reference manual). */
const RESET_FLAGS: Readonly<Record<string, RegisterBit>> = {
  F0: at(0x4002_1024, 29),
  F1: at(0x4002_1024, 29),
  F3: at(0x4002_1024, 29),
  F2: at(0x4002_3874, 29),
  F4: at(0x4002_3874, 29),
  F7: at(0x4002_3874, 29),
  L0: at(0x4002_1050, 29),
  L1: at(0x4002_3834, 29),
  L4: at(0x4002_1094, 29),
  'L4+': at(0x4002_1094, 29),
  G4: at(0x4002_1094, 29),
  L5: at(0x4002_1094, 29),
  G0: at(0x4002_1060, 29),
  C0: at(0x4002_1060, 29),
  WB: at(0x5800_0094, 29),
  WL: at(0x5800_0094, 29),
  U5: at(0x4602_0cf4, 29),
  H5: at(0x4402_0cf4, 29),
};

/** `undefined` where it is not sourced. */
export const watchdogResetFlag = ({ family }: Chip): RegisterBit | undefined => RESET_FLAGS[family];
