/** How deeply a core sleeps, as its bus has it. */

import type { Microcontroller } from '../registers/index.ts';

const SCR = 0xe000_ed10;
const SLEEPDEEP = 4;
/** DBGMCU_CR.DBG_STOP and DBG_STANDBY keep the clocks of the debug units on (RM0090). */
const DBG_STOP_STANDBY = 6;

/** Whether the bus has no clock: Stop or Standby mode, and DBGMCU does not keep it. */
export function isDeepAsleep({ core, peripherals }: Microcontroller): boolean {
  if (core.state !== 'sleeping' || (core.debugPort.read(SCR, 4) & SLEEPDEEP) === 0) return false;
  return (peripherals.get('DBGMCU.CR') & DBG_STOP_STANDBY) === 0;
}
