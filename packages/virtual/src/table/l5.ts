/** STM32L5 (RM0438, AN2606; capture of an L5). */

import { flashOf, L4_FLASH } from './flash-families.ts';
import { OPTR_GUARD, optrRegisters, singleBankOptrRegisters } from './optr.ts';
import { NEW_ROM } from './rom-generations.ts';
import { KB, type RomRow, romRow } from './row.ts';

/** The flash string counts OTP from where L4 has it; RM0438 has it at 0x0BFA0000. */
const L552 = {
  guard: OPTR_GUARD,
  bootloaderRam: [[0x2000_0000, 16 * KB]],
  habits: NEW_ROM,
  name: 'STM32L552',
  line: 'STM32L552/L562',
  devId: 0x472,
  ram: [[0x2000_0000, 256 * KB]],
  systemMemory: [[0x0bf9_0000, 32 * KB]],
  bootloaderId: [0x0bf9_7ffe, 0x92],
  flashSizeAt: 0x0bfa_05e0,
  uidAt: 0x0bfa_0590,
  options: optrRegisters(0x4002_2040, 48),
  otp: [0x0bfa_0000, 512],
  serial: '205630584E43',
  connectMs: 300,
  source: 'RM0438, AN2606; capture of an L5',
} as const;
const L552_LAYOUTS = ['@Option Bytes   /0x40022040/01*48 e', '@OTP Memory   /0x1FFF7000/01*512 e'];

export const L5: readonly RomRow[] = [
  romRow({
    ...L552,
    cells: flashOf(L4_FLASH, [256, 2 * KB]),
    layouts: ['@Internal Flash   /0x08000000/256*02Kg', ...L552_LAYOUTS],
  }),
  romRow({
    ...L552,
    options: singleBankOptrRegisters(0x4002_2040, 48),
    variant: 'single bank',
    cells: flashOf(L4_FLASH, [128, 4 * KB]),
    layouts: ['@Internal Flash   /0x08000000/128*04Kg', ...L552_LAYOUTS],
    guesses: ['flash string in the style of the other'],
  }),
];
