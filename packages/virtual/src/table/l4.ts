/** STM32L4 (RM0351, RM0392, RM0394, AN2606; captures of L433 and L452). */

import { guess } from '../provenance.ts';
import { stallsSomeEarlyPolls } from '../roms/usb-dfu/deviations.ts';
import { flashOf, L4_FLASH } from './flash-families.ts';
import { L4_GUARD, L4_IDENTITY, L4_OPTIONS, optrBlock } from './l4-options.ts';
import { BEGINS_WITH_ERROR, L43X_POLL, OLD_ROM } from './rom-generations.ts';
import { KB, type RomRow, romRow } from './row.ts';

/** What L4 and L4+ have in common. */
export const L4_COMMON = {
  ...L4_IDENTITY,
  habits: { ...OLD_ROM, poll: guess(L43X_POLL, 'as the L43x') },
  systemMemory: [[0x1fff_0000, 28 * KB]],
  options: optrBlock(L4_OPTIONS, 40),
  otp: [0x1fff_7000, KB],
  guard: L4_GUARD,
} as const;

export const L4_OTP_LAYOUT = '@OTP Memory /0x1FFF7000/01*0001Ke';
const OPTION_LAYOUT = '@Option Bytes  /0x1FFF7800/01*040 e';
/** Writing the option bytes resets L412, L43x and L45x (AN3156 §5.1). */
const RESETTING = { ...L4_COMMON.habits, optionWriteResets: true };

const pages = (count: number) => ({
  cells: flashOf(L4_FLASH, [count, 2 * KB]),
  layouts: [`@Internal Flash  /0x08000000/${String(count).padStart(4, '0')}*0002Kg`, OPTION_LAYOUT, L4_OTP_LAYOUT],
});

export const L4: readonly RomRow[] = [
  romRow({
    ...L4_COMMON,
    ...pages(64),
    name: 'STM32L412',
    line: 'STM32L412/L422',
    devId: 0x464,
    habits: RESETTING,
    ram: [
      [0x2000_0000, 40 * KB],
      [0x1000_0000, 8 * KB],
    ],
    bootloaderRam: [[0x2000_0000, 0x2100]],
    bootloaderId: [0x1fff_6ffe, 0xd1],
    connectMs: 820,
    source: 'RM0394, AN2606',
    guesses: ['strings in the style of the L433’s'],
  }),
  romRow({
    ...L4_COMMON,
    ...pages(128),
    name: 'STM32L433',
    line: 'STM32L431/L432/L433/L442/L443',
    devId: 0x435,
    habits: { ...RESETTING, poll: L43X_POLL, firstState: BEGINS_WITH_ERROR, deviations: [stallsSomeEarlyPolls] },
    ram: [
      [0x2000_0000, 64 * KB],
      [0x1000_0000, 16 * KB],
    ],
    bootloaderRam: [[0x2000_0000, 0x3100]],
    bootloaderId: [0x1fff_6ffe, 0x91],
    serial: '207E32823141',
    connectMs: 820,
    source: 'RM0394, AN2606; capture of an L433 (TNC3)',
  }),
  romRow({
    ...L4_COMMON,
    ...pages(256),
    name: 'STM32L452',
    line: 'STM32L451/L452/L462',
    devId: 0x462,
    habits: RESETTING,
    ram: [
      [0x2000_0000, 160 * KB],
      [0x1000_0000, 32 * KB],
    ],
    bootloaderRam: [[0x2000_0000, 0x3100]],
    bootloaderId: [0x1fff_6ffe, 0x92],
    serial: '2056316B5652',
    connectMs: 330,
    source: 'RM0394, AN2606; capture of an L452',
  }),
  romRow({
    ...L4_COMMON,
    ...pages(512),
    name: 'STM32L476',
    line: 'STM32L471/L475/L476/L486',
    devId: 0x415,
    layouts: ['@Internal Flash  /0x08000000/512*0002Kg', OPTION_LAYOUT, L4_OTP_LAYOUT],
    ram: [
      [0x2000_0000, 96 * KB],
      [0x1000_0000, 32 * KB],
    ],
    bootloaderRam: [[0x2000_0000, 0x3100]],
    bootloaderId: [0x1fff_6ffe, 0x92],
    moreOptions: optrBlock(0x1fff_f800, 40),
    serial: '206130A74734',
    connectMs: 300,
    source: 'AN3156, AN2606, DS10198, RM0351; captures of L433, L452 and L4R9',
    guesses: ['flash string in the style of the L4R9’s, the others as the L433’s'],
  }),
  romRow({
    ...L4_COMMON,
    ...pages(512),
    name: 'STM32L496',
    line: 'STM32L496/L4A6',
    devId: 0x461,
    layouts: ['@Internal Flash  /0x08000000/512*0002Kg', OPTION_LAYOUT, L4_OTP_LAYOUT],
    ram: [
      [0x2000_0000, 320 * KB],
      [0x1000_0000, 64 * KB],
    ],
    bootloaderRam: [[0x2000_0000, 0x3100]],
    bootloaderId: [0x1fff_6ffe, 0x93],
    moreOptions: optrBlock(0x1fff_f800, 40),
    connectMs: 430,
    source: 'RM0351, AN2606',
    guesses: ['strings as the L476’s'],
  }),
];
