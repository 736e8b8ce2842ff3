/** STM32G0: rows of the chip table. */
import type { Chip, FlashTiming } from '../chip.ts';
import { HSI48, KB, NO_USB, range, twoBanks, uniform } from './shared.ts';

const TIMING: FlashTiming = {
  programBytes: 8,
  programMinUs: 42.5,
  programTypUs: 85,
  erase: { [2 * KB]: { minMs: 11, typMs: 22, maxMs: 40 } },
  source: 'public drivers for STM32G030; minima are half of the typical values (no document gives them)',
};

/** What most rows share; a row that differs says so. */
const COMMON = {
  family: 'G0',
  writeSize: 8,
  erasedValue: 0xff,
  cells: 'ecc',
  bootloaderVectors: 0x1fff_0000,
  usbDfu: false,
  boot: {
    pattern:
      'BOOT0 = 1 at reset (the pin, or nBOOT0 where nBOOT_SEL = 1) while BOOT_LOCK = 0, or an empty flash at power-on',
    emptyCheck: true,
    clock: NO_USB,
  },
  flashSizeAddress: 0x1fff_75e0,
  uidAddress: 0x1fff_7590,
  optionBytes: [0x1fff_7800],
  limitations: [],
  doubts: [{ field: 'timing', why: 'from public drivers for STM32G030; no datasheet was at hand' }],
  sources: ['AN2606', 'embassy-rs/stm32-data', 'stlink-org/stlink config/chips'],
} as const;

export const G0: readonly Chip[] = [
  {
    ...COMMON,
    id: 'stm32g031',
    names: ['STM32G031', 'STM32G030', 'STM32G041'],
    devId: 0x466,
    variants: uniform([16, 32, 64], 2 * KB),
    ram: [range(0x2000_0000, 0x2000_2000)],
    systemMemory: [range(0x1fff_0000, 0x1fff_2000)],
    bootloader: {
      versions: [{ name: 'V5.4', id: 0x54 }],
      idAddress: 0x1fff_1ffe,
      ram: [range(0x2000_0000, 0x2000_1000)],
    },
    timing: TIMING,
  },
  {
    ...COMMON,
    id: 'stm32g051',
    names: ['STM32G051', 'STM32G050', 'STM32G061'],
    devId: 0x456,
    variants: uniform([32, 64], 2 * KB),
    ram: [range(0x2000_0000, 0x2000_4800)],
    systemMemory: [range(0x1fff_0000, 0x1fff_2000)],
    bootloader: {
      versions: [{ name: 'V5.1', id: 0x51 }],
      idAddress: 0x1fff_1ffe,
      ram: [range(0x2000_0000, 0x2000_1000)],
    },
    timing: TIMING,
  },
  {
    ...COMMON,
    id: 'stm32g071',
    names: ['STM32G071', 'STM32G070', 'STM32G081'],
    devId: 0x460,
    variants: uniform([32, 64, 128], 2 * KB),
    ram: [range(0x2000_0000, 0x2000_9000)],
    systemMemory: [range(0x1fff_0000, 0x1fff_7000)],
    bootloader: {
      versions: [{ name: 'V11.4', id: 0xb4 }],
      idAddress: 0x1fff_6ffe,
      ram: [range(0x2000_0000, 0x2000_2700)],
    },
    timing: TIMING,
  },
  {
    ...COMMON,
    id: 'stm32g0b0',
    names: ['STM32G0B0'],
    devId: 0x467,
    variants: twoBanks([512], 2 * KB),
    ram: [range(0x2000_0000, 0x2002_4000)],
    systemMemory: [range(0x1fff_0000, 0x1fff_7000), range(0x1fff_8000, 0x1fff_f000)],
    bootloader: {
      versions: [{ name: 'V13.0', id: 0xd0 }],
      idAddress: 0x1fff_9ffe,
      ram: [range(0x2000_0000, 0x2000_4000)],
      dfuProtocol: '2.2',
      bcdDevice: [0x0200],
    },
    usbDfu: true,
    boot: {
      pattern:
        'BOOT0 = 1 at reset (the pin, or nBOOT0 where nBOOT_SEL = 1) while BOOT_LOCK = 0, or an empty flash at power-on',
      emptyCheck: true,
      clock: 'an HSE crystal, for it has no HSI48',
    },
    doubts: [{ field: 'boot', why: 'the list of usable crystals is not sourced' }],
  },
  {
    ...COMMON,
    id: 'stm32g0b1',
    names: ['STM32G0B1', 'STM32G0C1'],
    devId: 0x467,
    variants: [
      ...uniform([128], 2 * KB),
      ...uniform([256, 512], 2 * KB, { option: { name: 'DUAL_BANK', value: 0 } }),
      ...twoBanks([256, 512], 2 * KB, { option: { name: 'DUAL_BANK', value: 1 } }),
    ],
    ram: [range(0x2000_0000, 0x2002_4000)],
    systemMemory: [range(0x1fff_0000, 0x1fff_7000), range(0x1fff_8000, 0x1fff_f000)],
    bootloader: {
      versions: [{ name: 'V9.2', id: 0x92 }],
      idAddress: 0x1fff_9ffe,
      ram: [range(0x2000_0000, 0x2000_4000)],
      dfuProtocol: '2.2',
      bcdDevice: [0x0200],
      connect: [{ ms: 300 }],
    },
    usbDfu: true,
    boot: {
      pattern:
        'BOOT0 = 1 at reset (the pin, or nBOOT0 where nBOOT_SEL = 1) while BOOT_LOCK = 0, or an empty flash at power-on',
      emptyCheck: true,
      clock: HSI48,
    },
    limitations: [
      'all three alternates are named "@Internal Flash" in captures; wTransferSize 1024',
      'V9.2: erasing several sectors does not work in bank 2',
      'V9.2 clears the flag of the empty check: the next reset starts the bootloader again',
      'VDDUSB must be powered',
    ],
    doubts: [],
  },
];
