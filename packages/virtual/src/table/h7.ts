/**
 * STM32H7 (RM0433, RM0468, RM0455, RM0477, AN2606; captures of H743, H723 and H7A3). The option bytes are the registers
 * from OPTSR_CUR on.
 */

import { littleEndian } from '../bytes.ts';
import { protectionByte } from '../chip/protection.ts';
import { clearStatusMakesError, staysBusyAfterErasesFrom } from '../roms/usb-dfu/deviations.ts';
import { banksWithGap, flashOf, H5_FLASH, H7_FLASH } from './flash-families.ts';
import { H743_ROM_HABITS, NEW_ROM, NEWEST_ROM } from './rom-generations.ts';
import { KB, optionBlock, type RomRow, romRow } from './row.ts';

/** PRAR2, SCAR2 and WPSN2 (RM0433, RM0455). */
const BANK_2 = 0x10c;

/**
 * As they leave the factory (RM0433 §4.9): OPTSR with RDP in its second byte, OPTCCR, areas of proprietary and secure code
 * that end before they begin, WPSN, in which a 0 protects, and the boot addresses. Each but OPTCCR stands twice, as it
 * holds (_CUR) and as it shall (_PRG). The areas and WPSN of
 * bank 2 follow at +0x10C, where so much is shown.
 */
const registers = (start: number, length: number, wpsn = 0xff) => {
  const twice = (...words: readonly number[]): number[] => words.flatMap((word) => [word, word]);
  const bank = twice(0xff, 0xff, wpsn);
  const first = [...twice(0x1bc6_aaf0), 0, ...bank, ...twice(0x1ff0_0800)];
  const between = Array.from({ length: BANK_2 / 4 - first.length }, () => 0xffff_ffff);
  const bytes = [...first, ...between, ...bank].flatMap((word) => littleEndian(word, 4));
  return optionBlock(start, bytes.slice(0, length), length);
};
const H7_ROM = { ...NEW_ROM, deviations: [...NEW_ROM.deviations, clearStatusMakesError] };
const COMMON = { habits: H7_ROM, guard: protectionByte(1) };

/** H74x and H72x. The row of the second tells what it has from the first. */
const H7_128K = {
  ...COMMON,
  habits: { ...H743_ROM_HABITS, deviations: H7_ROM.deviations },
  systemMemory: [[0x1ff0_0000, 0x1_e800]],
  flashSizeAt: 0x1ff1_e880,
  uidAt: 0x1ff1_e800,
} as const;

/**
 * ROM V9.1: erases in bank 2 stay busy (AN2606; betaflight-configurator #1861); the device is gone before it answers
 * the last GETSTATUS of a leave. Its serial number is not unique.
 */
const H743 = {
  ...H7_128K,
  name: 'STM32H743',
  line: 'STM32H742/H743/H745/H747/H750/H753/H755/H757',
  devId: 0x450,
  habits: { ...H743_ROM_HABITS, deviations: [staysBusyAfterErasesFrom(0x0810_0000), ...H7_ROM.deviations] },
  ram: [
    [0x0000_0000, 64 * KB],
    [0x2000_0000, 128 * KB],
    [0x2400_0000, 512 * KB],
    [0x3000_0000, 288 * KB],
    [0x3800_0000, 64 * KB],
  ],
  bootloaderRam: [
    [0x2000_0000, 0x4100],
    [0x2400_0000, 0x5000],
  ],
  bootloaderId: [0x1ff1_e7fe, 0x91],
  options: registers(0x5200_201c, 128),
  serial: '200364500000',
  connectMs: 53.98,
  source: 'AN3156, AN2606, DS12110, RM0433; betaflight-configurator #1861, NuttX documentation',
} as const;

const OPTIONS_128 = '@Option Bytes   /0x5200201C/01*128 e';

export const H7: readonly RomRow[] = [
  romRow({
    ...H743,
    cells: flashOf(H7_FLASH, [16, 128 * KB]),
    layouts: ['@Internal Flash   /0x08000000/16*128Kg', OPTIONS_128],
  }),
  romRow({
    ...H743,
    variant: '1 MB',
    cells: banksWithGap(H7_FLASH, 0x0810_0000, [4, 128 * KB]),
    layouts: ['@Internal Flash   /0x08000000/4*128Kg/0x08100000/4*128Kg', OPTIONS_128],
    guesses: ['how the flash string tells the gap between the banks: two ranges'],
  }),
  romRow({
    ...H7_128K,
    name: 'STM32H723',
    line: 'STM32H723/H725/H730/H733/H735',
    devId: 0x483,
    cells: flashOf(H7_FLASH, [8, 128 * KB]),
    ram: [
      [0x0000_0000, 64 * KB],
      [0x2000_0000, 128 * KB],
      [0x2400_0000, 320 * KB],
      [0x3000_0000, 32 * KB],
      [0x3800_0000, 16 * KB],
    ],
    bootloaderRam: [
      [0x2000_0000, 0x4100],
      [0x2400_0000, 0x4000],
    ],
    bootloaderId: [0x1ff1_e7fe, 0x93],
    options: registers(0x5200_201c, 88),
    layouts: ['@Internal Flash   /0x08000000/8*128Kg', '@Option Bytes   /0x5200201C/01*88 e'],
    serial: '3560376F3431',
    connectMs: 53.98,
    source: 'RM0468, AN2606; capture of an H723',
    guesses: ['flash and poll times, string numbers and which status is held as the H743’s'],
  }),
  romRow({
    ...COMMON,
    name: 'STM32H7A3',
    line: 'STM32H7A3/H7B0/H7B3',
    devId: 0x480,
    cells: flashOf(H5_FLASH, [256, 8 * KB]),
    ram: [
      [0x0000_0000, 64 * KB],
      [0x2000_0000, 128 * KB],
      [0x2400_0000, 1024 * KB],
      [0x3000_0000, 128 * KB],
      [0x3800_0000, 32 * KB],
    ],
    bootloaderRam: [[0x2400_0000, 16 * KB]],
    systemMemory: [[0x1ff0_0000, 0x1_4000]],
    bootloaderId: [0x1ff1_3ffe, 0x91],
    flashSizeAt: 0x08ff_f80c,
    uidAt: 0x08ff_f800,
    // A bit for four sectors of 8 KB (RM0455).
    options: registers(0x5200_201c, 297, 0xffff_ffff),
    otp: [0x08ff_f000, KB],
    layouts: [
      '@Internal Flash   /0x08000000/256*08Kg',
      '@Option Bytes   /0x5200201C/01*297 e',
      '@OTP Memory   /0x08FFF000/01*1024 e',
    ],
    serial: '336D396B3434',
    connectMs: 545,
    source: 'RM0455, AN2606; capture of an H7A3 (ModRetro)',
    guesses: ['version of the ROM: one that announces OTP', 'all flash times'],
  }),
  /** Whether it is closed is NVSTATE, 0xB4 when open (RM0477). */
  romRow({
    ...COMMON,
    name: 'STM32H7S3',
    line: 'STM32H7R3/H7R7/H7S3/H7S7',
    devId: 0x485,
    habits: { ...NEWEST_ROM, deviations: [...NEWEST_ROM.deviations, clearStatusMakesError] },
    cells: flashOf(H5_FLASH, [8, 8 * KB]),
    ram: [
      [0x0000_0000, 192 * KB],
      [0x2000_0000, 192 * KB],
      [0x2400_0000, 456 * KB],
      [0x3000_0000, 32 * KB],
    ],
    bootloaderRam: [[0x2402_0000, 16 * KB]],
    systemMemory: [[0x1ff1_8000, 32 * KB]],
    bootloaderId: [0x1ff1_fcfe, 0xe5],
    flashSizeAt: 0x08ff_f80c,
    uidAt: 0x08ff_f800,
    options: optionBlock(0x5200_201c, [0xff, 0xb4], 128),
    guard: protectionByte(1, [0xb4, 0x51]),
    layouts: ['@Internal Flash   /0x08000000/8*08Kg', OPTIONS_128],
    connectMs: 300,
    source: 'RM0477, AN2606; strings in a public unit test',
    guesses: ['where NVSTATE stands in the option bytes', 'start-up time', 'all flash times'],
  }),
];
