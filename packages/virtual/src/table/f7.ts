/**
 * STM32F7 (RM0385, RM0410, RM0431, AN2606; captures of F722, F745 and F76x). Boot and option bytes take 8 bytes for
 * each word.
 */

import { eachSector, sectorBits } from '../chip/protection.ts';
import { recorded } from '../provenance.ts';
import { F4_FLASH, F7_FLASH, flashOf } from './flash-families.ts';
import { F4_ROM } from './rom-generations.ts';
import { KB, optionBlock, type RomRow, romRow } from './row.ts';

const FEATURE_LAYOUT = '@Device Feature/0xFFFF0000/01*004 e';
const COMMON = {
  habits: F4_ROM,
  systemMemory: [[0x1ff0_0000, 0xedc0]],
  bootloaderRam: [[0x2000_0000, 16 * KB]],
  feature: {
    start: 0xffff_0000,
    initial: recorded([0, 0, 0, 0], 'F745: a sector of 32 KB took 351 ms, as with bytes (fwupd #2696)'),
  },
} as const;

/** User options, RDP, then from byte 8 on nWRP (RM0385, RM0410). */
const OPTIONS = [0xff, 0xaa];
const ITCM = [0x0000_0000, 16 * KB] as const;

/** F74x and F76x keep OTP, UID and flash size in another place than F72x. */
const LARGE = {
  ...COMMON,
  flashSizeAt: 0x1ff0_f442,
  uidAt: 0x1ff0_f420,
  options: optionBlock(0x1fff_0000, OPTIONS, 32),
  otp: [0x1ff0_f000, 1056],
} as const;

const LARGE_LAYOUTS = ['@Option Bytes  /0x1FFF0000/01*032 e', '@OTP Memory /0x1FF0F000/01*1056e', FEATURE_LAYOUT];
const LARGE_GUESSES = ['option byte and OTP strings in the style of the F722’s'];

const F76X = {
  ...LARGE,
  name: 'STM32F767',
  line: 'STM32F765/F767/F768/F769/F777/F778/F779',
  devId: 0x451,
  ram: [ITCM, [0x2000_0000, 512 * KB]],
  bootloaderId: [0x1ff0_edbe, 0x93],
  serial: '20663077464B',
  connectMs: 230,
  source: 'RM0410, AN2606; log of an F767 (STM32Cube_MCU_Overall_Offer #34)',
} as const;

export const F7: readonly RomRow[] = [
  /**
   * OTP, UID and flash size lie in the midst of its system memory (capture of the OTP string; RM0431 device signature).
   */
  romRow({
    ...COMMON,
    name: 'STM32F722',
    line: 'STM32F722/F723/F730/F732/F733',
    devId: 0x452,
    cells: flashOf(F4_FLASH, [4, 16 * KB], [1, 64 * KB], [3, 128 * KB]),
    guard: eachSector(8),
    ram: [ITCM, [0x2000_0000, 256 * KB]],
    bootloaderId: [0x1ff0_edbe, 0x90],
    flashSizeAt: 0x1ff0_7a22,
    uidAt: 0x1ff0_7a10,
    systemMemory: [
      [0x1ff0_0000, 30 * KB],
      [0x1ff0_8000, 0x6dc0],
    ],
    options: optionBlock(0x1fff_0000, OPTIONS, 48),
    otp: [0x1ff0_7800, 528],
    layouts: [
      '@Internal Flash  /0x08000000/04*016Kg,01*64Kg,03*128Kg',
      '@Option Bytes  /0x1FFF0000/01*048 e',
      '@OTP Memory /0x1FF07800/01*528e',
      FEATURE_LAYOUT,
    ],
    fixedSerial: 'STM32FxSTM32',
    connectMs: 320,
    source: 'RM0431, AN2606; capture of an F722, whose serial number is this text',
    guesses: ['how much of the system memory the hole takes: 2 KB'],
  }),
  romRow({
    ...LARGE,
    name: 'STM32F746',
    line: 'STM32F745/F746/F750/F756',
    devId: 0x449,
    cells: flashOf(F7_FLASH, [4, 32 * KB], [1, 128 * KB], [3, 256 * KB]),
    guard: eachSector(8),
    ram: [ITCM, [0x2000_0000, 320 * KB]],
    bootloaderId: [0x1ff0_edbe, 0x90],
    layouts: ['@Internal Flash  /0x08000000/04*032Kg,01*128Kg,03*256Kg', ...LARGE_LAYOUTS],
    connectMs: 230,
    source: 'RM0385, AN2606; flash string in betaflight-configurator',
    guesses: LARGE_GUESSES,
  }),
  romRow({
    ...F76X,
    cells: flashOf(F7_FLASH, [4, 32 * KB], [1, 128 * KB], [7, 256 * KB]),
    guard: eachSector(12),
    layouts: ['@Internal Flash  /0x08000000/04*032Kg,01*128Kg,07*256Kg', ...LARGE_LAYOUTS],
    guesses: ['strings in the style of the F746’s, start-up time as well', ...LARGE_GUESSES],
  }),
  /** nDBANK, bit 13 behind nWRP, is 0; each nWRP bit stands for two sectors then (RM0410). */
  romRow({
    ...F76X,
    variant: 'dual bank',
    cells: flashOf(F4_FLASH, [4, 16 * KB], [1, 64 * KB], [7, 128 * KB], [4, 16 * KB], [1, 64 * KB], [7, 128 * KB]),
    options: optionBlock(0x1fff_0000, [...OPTIONS, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xdf], 32),
    guard: sectorBits(Array.from({ length: 12 }, (_, bit) => [2 * bit, 2 * bit + 1])),
    layouts: ['@Internal Flash  /0x08000000/04*016Kg,01*064Kg,07*128Kg,04*016Kg,01*064Kg,07*128Kg', ...LARGE_LAYOUTS],
    guesses: ['strings in the style of the F42x’s, start-up time as the F746’s', ...LARGE_GUESSES],
  }),
];
