/**
 * STM32C5 (AN2606, stm32-data; betaflight-configurator #5300 on a C562): one alternate setting, blocks of 1024 bytes,
 * CLRSTATUS outside dfuERROR stalls, and the functional descriptor alone is never answered.
 */

import { protectionByte } from '../chip/protection.ts';
import { hidesFunctionalDescriptor, stallsClearStatus } from '../roms/usb-dfu/deviations.ts';
import { flashOf, H5_FLASH } from './flash-families.ts';
import { NEWEST_ROM } from './rom-generations.ts';
import { KB, optionBlock, type RomRow, romRow } from './row.ts';

const COMMON = {
  habits: {
    ...NEWEST_ROM,
    transferSize: 1024,
    deviations: [...NEWEST_ROM.deviations, stallsClearStatus, hidesFunctionalDescriptor],
  },
  bootloaderRam: [[0x2000_0000, 15 * KB]],
  systemMemory: [[0x0bf8_0000, 0x8600]],
  uidAt: 0x08ff_f800,
  options: optionBlock(0x4002_2050, [0xf8, 0xed], 128),
  guard: protectionByte(1, [0xed, 0x72, 0x5c]),
  connectMs: 140,
  source: 'AN2606, stm32-data; betaflight-configurator #5300',
  guesses: ['product string, as that of other ROMs of its age', 'PRODUCT_STATE as on H5', 'all flash times'],
} as const;

const sectors = (count: number) => ({
  cells: flashOf(H5_FLASH, [count, 8 * KB]),
  layouts: [`@Internal Flash   /0x08000000/${count}*08Kg`],
});

export const C5: readonly RomRow[] = [
  romRow({
    ...COMMON,
    ...sectors(64),
    name: 'STM32C562',
    line: 'STM32C551/C552/C562',
    devId: 0x44e,
    ram: [[0x2000_0000, 128 * KB]],
    bootloaderId: [0x0bf8_85fe, 0x101],
  }),
  romRow({
    ...COMMON,
    ...sectors(32),
    name: 'STM32C542',
    line: 'STM32C531/C532/C542',
    devId: 0x44f,
    ram: [[0x2000_0000, 64 * KB]],
    bootloaderId: [0x0bf8_85fe, 0x100],
  }),
  romRow({
    ...COMMON,
    ...sectors(128),
    name: 'STM32C5A3',
    line: 'STM32C591/C593/C5A3',
    devId: 0x45a,
    ram: [[0x2000_0000, 256 * KB]],
    bootloaderId: [0x0bf8_85fe, 0x100],
  }),
];
