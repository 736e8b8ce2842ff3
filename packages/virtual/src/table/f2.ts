/** STM32F2 (RM0033, AN2606): one die, with the map and the option bytes of the F40x. */

import { eachSector } from '../chip/protection.ts';
import { guess, recorded } from '../provenance.ts';
import { F4_FLASH, flashOf } from './flash-families.ts';
import { F4_POLL, OLD_ROM } from './rom-generations.ts';
import { KB, type RomRow, romRow } from './row.ts';

/** The Device Feature after a reset: 1.62–2.1 V, bytes (AN3156 §3.3.3). */
export const SUPPLY_UNKNOWN = recorded(
  [0, 0, 0, 0],
  'F405: two jobs; F429: 32 ms for a block of 2 KB (EdgeTX/buddy #88)',
);

/** What F2 and F4 have in common: user options, RDP, and nWRP from byte 8 on (RM0033, RM0090). */
export const F2_F4 = {
  systemMemory: [[0x1fff_0000, 30 * KB]],
  flashSizeAt: 0x1fff_7a22,
  uidAt: 0x1fff_7a10,
  options: {
    start: 0x1fff_c000,
    // OPTCR 0x0FFFAAED: SPRMOD of those that have it is 0 (RM0033, RM0090).
    initial: [0xef, 0xaa, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
  },
  otp: [0x1fff_7800, 528],
  feature: { start: 0xffff_0000, initial: SUPPLY_UNKNOWN },
} as const;

/** Beside the flash (captures of F405, F411, F446: PureThermal, zmk #1711 and others). */
export const F2_F4_LAYOUTS = [
  '@Option Bytes  /0x1FFFC000/01*016 e',
  '@OTP Memory /0x1FFF7800/01*512 e,01*016 e',
  '@Device Feature/0xFFFF0000/01*004 e',
] as const;

export const F2: readonly RomRow[] = [
  romRow({
    ...F2_F4,
    name: 'STM32F205',
    line: 'STM32F205/F207/F215/F217',
    devId: 0x411,
    cells: flashOf(F4_FLASH, [4, 16 * KB], [1, 64 * KB], [7, 128 * KB]),
    guard: eachSector(12),
    ram: [[0x2000_0000, 128 * KB]],
    bootloaderRam: [[0x2000_0000, 8 * KB]],
    bootloaderId: [0x1fff_77de, 0x33],
    habits: { ...OLD_ROM, poll: guess(F4_POLL, 'as the F4'), optionWriteResets: true },
    layouts: ['@Internal Flash  /0x08000000/04*016Kg,01*064Kg,07*128Kg', ...F2_F4_LAYOUTS],
    connectMs: 270,
    source: 'RM0033, AN2606, AN3156',
    guesses: ['strings as the F407’s: V3.3 of the ROM has the protocol V2.2; flash times as the F407’s'],
  }),
];
