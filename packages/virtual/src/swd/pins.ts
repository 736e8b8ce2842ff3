/** Whether SWDIO and SWCLK still belong to the debug port: firmware can take PA13 and PA14 for itself. */

import type { ChipFacts, Microcontroller } from '../registers/index.ts';

/** MAPR.SWJ_CFG: 100 takes both debug ports away (RM0008 §9.4.2). */
const SWJ_OFF = 4;
const ALTERNATE = 2;

/** @returns false once firmware has given PA13 or PA14 another function (RM0090: alternate function 0 is SWD) */
export function swdPinsOpen(chip: ChipFacts, { peripherals }: Microcontroller): boolean {
  if (chip.ports.f1) return ((peripherals.get('AFIO.MAPR') >>> 24) & 7) !== SWJ_OFF;
  const modes = peripherals.get('GPIOA.MODER');
  const functions = peripherals.get('GPIOA.AFRH');
  return [13, 14].every(
    (pin) => ((modes >>> (2 * pin)) & 3) === ALTERNATE && ((functions >>> (4 * (pin - 8))) & 15) === 0,
  );
}

/** Below this supply a chip does not start (power-down reset, DS8626: 1.60 V at least). */
export const RESET_BELOW_MV = 1600;
