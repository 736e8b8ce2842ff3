/** STM32G4 (RM0440, AN2606; captures of G431 and of a G4 with 512 KB). */

import { longDownloadIsError } from '../roms/usb-dfu/deviations.ts';
import { flashOf, L4_FLASH } from './flash-families.ts';
import { G_COMMON, L4_OPTIONS, optrBlock, singleBankOptrBlock } from './l4-options.ts';
import { NEW_ROM } from './rom-generations.ts';
import { KB, type RomRow, romRow } from './row.ts';

/**
 * It takes blocks of up to 1024 bytes and answers 2048 with dfuERROR and errSTALLEDPKT (web-stm32-updater #3, on a
 * G431); that it says so in wTransferSize follows the G0B1.
 */
const G4_HABITS = {
  ...NEW_ROM,
  transferSize: 1024,
  deviations: [...NEW_ROM.deviations, longDownloadIsError(1024)],
} as const;
const G4_COMMON = {
  ...G_COMMON,
  options: optrBlock(L4_OPTIONS, 48),
  habits: G4_HABITS,
  bootloaderRam: [[0x2000_0000, 16 * KB]],
  systemMemory: [[0x1fff_0000, 28 * KB]],
  connectMs: 300,
} as const;
const G474 = {
  ...G4_COMMON,
  name: 'STM32G474',
  line: 'STM32G471/G473/G474/G483/G484',
  devId: 0x469,
  ram: [
    [0x2000_0000, 128 * KB],
    [0x1000_0000, 32 * KB],
  ],
  bootloaderId: [0x1fff_6ffe, 0xd5],
  moreOptions: optrBlock(0x1fff_f800, 48),
  serial: '205939885533',
  source: 'RM0440, AN2606; betaflight-configurator on the G474; capture of a G4 with 512 KB',
} as const;
const G474_LAYOUTS = [
  '@Option Bytes   /0x1FFF7800/01*048 e/0x1FFFF800/01*048 e',
  '@OTP Memory   /0x1FFF7000/01*1024 e',
];
const LIKE_G431 = 'blocks of 1024 bytes, flash times and the end of a leave as on other ROMs of its age';

export const G4: readonly RomRow[] = [
  romRow({
    ...G4_COMMON,
    name: 'STM32G431',
    line: 'STM32G431/G441',
    devId: 0x468,
    cells: flashOf(L4_FLASH, [64, 2 * KB]),
    ram: [
      [0x2000_0000, 32 * KB],
      [0x1000_0000, 10 * KB],
    ],
    bootloaderId: [0x1fff_6ffe, 0xd4],
    options: optrBlock(L4_OPTIONS, 40),
    layouts: [
      '@Internal Flash   /0x08000000/64*02Kg',
      '@Option Bytes   /0x1FFF7800/01*40Be',
      '@OTP Memory   /0x1FFF7000/01*01Ke',
    ],
    serial: '208A31574253',
    source: 'AN3156, AN2606, RM0440; capture of a CLN17 board, web-stm32-updater #3; cell times of the L476',
    guesses: [LIKE_G431],
  }),
  romRow({
    ...G474,
    cells: flashOf(L4_FLASH, [256, 2 * KB]),
    layouts: ['@Internal Flash   /0x08000000/256*02Kg', ...G474_LAYOUTS],
    guesses: [LIKE_G431],
  }),
  romRow({
    ...G474,
    options: singleBankOptrBlock(L4_OPTIONS, 48),
    variant: 'single bank',
    cells: flashOf(L4_FLASH, [128, 4 * KB]),
    layouts: ['@Internal Flash   /0x08000000/128*04Kg', ...G474_LAYOUTS],
    guesses: ['flash string in the style of the other', LIKE_G431],
  }),
  romRow({
    ...G4_COMMON,
    name: 'STM32G491',
    line: 'STM32G491/G4A1',
    devId: 0x479,
    cells: flashOf(L4_FLASH, [256, 2 * KB]),
    ram: [
      [0x2000_0000, 112 * KB],
      [0x1000_0000, 16 * KB],
    ],
    bootloaderId: [0x1fff_6ffe, 0xd2],
    layouts: [
      '@Internal Flash   /0x08000000/256*02Kg',
      '@Option Bytes   /0x1FFF7800/01*048 e',
      '@OTP Memory   /0x1FFF7000/01*1024 e',
    ],
    source: 'RM0440, AN2606',
    guesses: ['strings in the style of the G474’s', LIKE_G431],
  }),
];
