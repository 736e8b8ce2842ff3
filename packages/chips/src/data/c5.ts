/** STM32C5: rows of the chip table. */
import type { Chip } from '../chip.ts';
import { KB, range, twoBanks } from './shared.ts';

/** What most rows share; a row that differs says so. */
const COMMON = {
  family: 'C5',
  writeSize: 16,
  erasedValue: 0xff,
  cells: 'ecc',
  systemMemory: [range(0x0bf8_0000, 0x0bf8_8600)],
  bootloaderVectors: 0x0bf8_0080,
  usbDfu: true,
  boot: {
    pattern: 'boot pattern 19 of AN2606, which is not described here',
    clock: 'no crystal: a clock that is derived from HSI',
  },
  uidAddress: 0x08ff_f800,
  optionBytes: [0x4002_2050],
  limitations: [
    'its ROM stalls CLRSTATUS unless it is in dfuERROR',
    'it never answers a GET_DESCRIPTOR for the functional descriptor alone',
    'one alternate only, wTransferSize 1024',
  ],
  doubts: [
    {
      field: 'variants',
      why: 'only the largest flash size is sourced; stm32-data gives pages of 2 KB, AN2606 and ST OpenBootloader 8 KB',
    },
    { field: 'writeSize', why: 'the larger of two: stm32-data gives 8 bytes' },
    { field: 'boot', why: 'boot pattern and clock are not captured' },
    { field: 'cells', why: 'taken as ECC, the careful choice' },
  ],
  sources: ['AN2606', 'embassy-rs/stm32-data', 'betaflight/betaflight-configurator'],
} as const;

export const C5: readonly Chip[] = [
  {
    ...COMMON,
    id: 'stm32c562',
    names: ['STM32C551', 'STM32C552', 'STM32C562'],
    devId: 0x44e,
    variants: twoBanks([512], 8 * KB),
    ram: [range(0x2000_0000, 0x2002_0000)],
    bootloader: {
      versions: [{ name: 'V16.1', id: 0x101 }],
      idAddress: 0x0bf8_85fe,
      ram: [range(0x2000_0000, 0x2000_3c00)],
      dfuProtocol: '3.0',
      connect: [{ ms: 140 }],
    },
  },
  {
    ...COMMON,
    id: 'stm32c542',
    names: ['STM32C531', 'STM32C532', 'STM32C542'],
    devId: 0x44f,
    variants: twoBanks([256], 8 * KB),
    ram: [range(0x2000_0000, 0x2001_0000)],
    bootloader: {
      versions: [{ name: 'V16.0', id: 0x100 }],
      idAddress: 0x0bf8_85fe,
      ram: [range(0x2000_0000, 0x2000_3c00)],
      dfuProtocol: '3.0',
      connect: [{ ms: 140 }],
    },
  },
  {
    ...COMMON,
    id: 'stm32c5a3',
    names: ['STM32C591', 'STM32C593', 'STM32C5A3'],
    devId: 0x45a,
    variants: twoBanks([1024], 8 * KB),
    ram: [range(0x2000_0000, 0x2004_0000)],
    bootloader: {
      versions: [{ name: 'V16.0', id: 0x100 }],
      idAddress: 0x0bf8_85fe,
      ram: [range(0x2000_0000, 0x2000_3c00)],
      dfuProtocol: '3.0',
      connect: [{ ms: 140 }],
    },
  },
];
