/** STM32F2: rows of the chip table. */
import type { Chip } from '../chip.ts';
import { TIMING_F4 } from './f4.ts';
import { graded, KB, range, usbFromVdd } from './shared.ts';

export const F2: readonly Chip[] = [
  {
    id: 'stm32f205',
    family: 'F2',
    names: ['STM32F205', 'STM32F207', 'STM32F215', 'STM32F217'],
    devId: 0x411,
    variants: graded([128, 256, 512, 768, 1024], 16 * KB),
    writeSize: 4,
    programSizes: [1, 2, 4, 8],
    usbSupply: usbFromVdd('DS6329 table 57'),
    erasedValue: 0xff,
    cells: 'plain',
    ram: [range(0x2000_0000, 0x2002_0000)],
    systemMemory: [range(0x1fff_0000, 0x1fff_7800)],
    bootloaderVectors: 0x1fff_0000,
    bootloader: {
      versions: [
        { name: 'V2.0', id: 0x20, note: 'UART only' },
        { name: 'V3.3', id: 0x33 },
      ],
      idAddress: 0x1fff_77de,
      ram: [range(0x2000_0000, 0x2000_2000)],
      dfuProtocol: '2.2',
      connect: [{ ms: 270 }],
    },
    usbDfu: true,
    boot: {
      pattern: 'BOOT0 = 1 and BOOT1 = 0 at reset',
      clock: 'an HSE crystal of 4 to 26 MHz, a whole number of MHz',
    },
    flashSizeAddress: 0x1fff_7a22,
    uidAddress: 0x1fff_7a10,
    optionBytes: [0x1fff_c000],
    limitations: ['V3.0 to V3.2 announce option bytes, OTP and Device Feature with g instead of e'],
    timing: TIMING_F4,
    doubts: [{ field: 'timing', why: 'from STM32F405 (DS8626), which has the same sectors' }],
    sources: ['AN2606', 'embassy-rs/stm32-data', 'stm32duino/stm32flash dev_table.c', 'stlink-org/stlink config/chips'],
  },
];
