/** STM32F7: rows of the chip table. */
import type { Chip, FlashTiming } from '../chip.ts';
import { graded, gradedTwoBanks, KB, range, usbFromVddusb } from './shared.ts';

const TIMING: FlashTiming = {
  programBytes: 4,
  programMinUs: 8,
  programTypUs: 16,
  erase: { [32 * KB]: { maxMs: 800 }, [128 * KB]: { maxMs: 2400 }, [256 * KB]: { maxMs: 4000 } },
  source: 'worst cases of public drivers; word programming as in DS8626 (STM32F405), its minimum half of that',
};
const TIMING_767: FlashTiming = { ...TIMING, erase: { ...TIMING.erase, [16 * KB]: {}, [64 * KB]: {} } };

/** What most rows share; a row that differs says so. */
const COMMON = {
  family: 'F7',
  writeSize: 4,
  programSizes: [1, 2, 4, 8],
  erasedValue: 0xff,
  cells: 'plain',
  systemMemory: [range(0x1ff0_0000, 0x1ff0_edc0)],
  bootloaderVectors: 0x1ff0_0000,
  usbDfu: true,
  boot: {
    pattern: 'BOOT pin at reset with its BOOT_ADDx = 0x0040, the alias of system memory at 0x00100000',
    clock: 'an HSE crystal of 4 to 26 MHz, a whole number of MHz',
    note: 'The crystal is measured against HSI: low frequencies are recognised more safely',
  },
  flashSizeAddress: 0x1ff0_f442,
  uidAddress: 0x1ff0_f420,
  optionBytes: [0x1fff_0000],
  limitations: [],
  doubts: [{ field: 'timing', why: 'the longest times only; program times are those of STM32F405' }],
  sources: ['AN2606', 'embassy-rs/stm32-data', 'stm32duino/stm32flash dev_table.c', 'stlink-org/stlink config/chips'],
} as const;

export const F7: readonly Chip[] = [
  {
    ...COMMON,
    id: 'stm32f722',
    names: ['STM32F722', 'STM32F723', 'STM32F730', 'STM32F732', 'STM32F733'],
    usbSupply: usbFromVddusb('DS11853'),
    devId: 0x452,
    variants: graded([64, 256, 512], 16 * KB),
    ram: [range(0, 0x4000), range(0x2000_0000, 0x2004_0000)],
    bootloader: {
      versions: [{ name: 'V9.0', id: 0x90 }],
      idAddress: 0x1ff0_edbe,
      ram: [range(0x2000_0000, 0x2000_4000)],
      dfuProtocol: '2.2',
      bcdDevice: [0x2200],
      connect: [{ ms: 320 }],
    },
    flashSizeAddress: 0x1ff0_7a22,
    uidAddress: 0x1ff0_7a10,
    doubts: [],
  },
  {
    ...COMMON,
    id: 'stm32f746',
    names: ['STM32F746', 'STM32F745', 'STM32F750', 'STM32F756'],
    usbSupply: usbFromVddusb('DS10916'),
    devId: 0x449,
    variants: graded([64, 512, 1024], 32 * KB),
    ram: [range(0, 0x4000), range(0x2000_0000, 0x2005_0000)],
    bootloader: {
      versions: [
        { name: 'V7.0', id: 0x70 },
        { name: 'V9.0', id: 0x90 },
      ],
      idAddress: 0x1ff0_edbe,
      ram: [range(0x2000_0000, 0x2000_4000)],
      dfuProtocol: '2.2',
      bcdDevice: [0x2200],
      connect: [{ ms: 230 }],
    },
    timing: TIMING,
  },
  {
    ...COMMON,
    id: 'stm32f767',
    names: ['STM32F767', 'STM32F765', 'STM32F768', 'STM32F769', 'STM32F777', 'STM32F778', 'STM32F779'],
    usbSupply: usbFromVddusb('DS11532'),
    devId: 0x451,
    variants: [
      ...graded([1024, 2048], 32 * KB, { option: { name: 'nDBANK', value: 1 } }),
      ...gradedTwoBanks([1024, 2048], 16 * KB, { option: { name: 'nDBANK', value: 0 } }),
    ],
    ram: [range(0, 0x4000), range(0x2000_0000, 0x2008_0000)],
    bootloader: {
      versions: [{ name: 'V9.3', id: 0x93 }],
      idAddress: 0x1ff0_edbe,
      ram: [range(0x2000_0000, 0x2000_4000)],
      dfuProtocol: '2.2',
      bcdDevice: [0x2200],
    },
    boot: {
      pattern: 'BOOT pin at reset with its BOOT_ADDx = 0x0040, dual-bank boot off (nDBOOT, nDBANK)',
      clock: 'an HSE crystal of 4 to 26 MHz, a whole number of MHz',
      note: 'The crystal is measured against HSI: low frequencies are recognised more safely',
    },
    timing: TIMING_767,
    limitations: ['dual-bank boot must be off (nDBOOT, nDBANK) for a jump from an application'],
  },
];
