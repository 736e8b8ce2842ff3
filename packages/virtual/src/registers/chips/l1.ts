/** STM32L152xE (RM0038, AN2606): MSI at reset, words of zeros, two banks of 256 KB. */

import type { ChipFacts } from '../chip.ts';
import { createL1Flash } from '../flash-l1.ts';
import { type ClockOscillator, dividedByAhb, type RccSpec } from '../rcc.ts';
import { banks, dataEeprom, dmaChannels, KB, L1_CELLS, rtc } from './cells.ts';

const HSI = 16_000_000;

const HSI_ON: ClockOscillator = ['CR', 0];
const MSI_ON: ClockOscillator = ['CR', 8];
const HSE_ON: ClockOscillator = ['CR', 16];
const PLL_ON: ClockOscillator = ['CR', 24];
const MULTIPLIERS = [3, 4, 6, 8, 12, 16, 24, 32, 48];

/** RM0038 §6.3. */
const RCC: RccSpec = {
  start: 0x4002_3800,
  registers: [
    [0x00, 'CR', 0x300],
    [0x04, 'ICSCR', 0xb000],
    [0x08, 'CFGR'],
    [0x0c, 'CIR'],
    [0x10, 'AHBRSTR'],
    [0x14, 'APB2RSTR'],
    [0x18, 'APB1RSTR'],
    [0x1c, 'AHBENR', 0x8000],
    [0x20, 'APB2ENR'],
    [0x24, 'APB1ENR'],
    [0x28, 'AHBLPENR', 0x0101_903f],
    [0x2c, 'APB2LPENR', 0x53fd],
    [0x30, 'APB1LPENR'],
    [0x34, 'CSR'],
  ],
  ready: [
    ['CR', 0, 1],
    ['CR', 8, 9],
    ['CR', 16, 17],
    ['CR', 24, 25],
    ['CSR', 0, 1],
    ['CSR', 8, 9],
  ],
  clockSwitch: { register: 'CFGR', mask: 3, shift: 2 },
  driving(get, source) {
    const behindPll = get('CFGR') & 0x1_0000 ? HSE_ON : HSI_ON;
    return [[MSI_ON], [HSI_ON], [HSE_ON], [PLL_ON, behindPll]][source] ?? [];
  },
  clock(get, hse) {
    const cfgr = get('CFGR');
    const msi = 65_536 << ((get('ICSCR') >>> 13) & 7);
    const input = cfgr & 0x1_0000 ? hse : HSI;
    const pll = (input * (MULTIPLIERS[(cfgr >>> 18) & 15] ?? 3)) / (((cfgr >>> 22) & 3) + 1);
    const sources = [
      { source: 'MSI', hz: msi },
      { source: 'HSI', hz: HSI },
      { source: 'HSE', hz: hse },
      { source: 'PLL', hz: pll },
    ];
    const { source, hz } = sources[cfgr & 3] ?? { source: 'MSI', hz: msi };
    return { source, hz: dividedByAhb(hz, (cfgr >>> 4) & 15) };
  },
  flags: { register: 'CSR', clear: 24, power: 27, pin: 26, software: 28, watchdog: 29, 'option bytes': 25 },
  resets: [
    ...Array.from('ABCDEH').map((letter, index) => ['AHBRSTR', index, `GPIO${letter}`] as const),
    ['AHBRSTR', 24, 'DMA1'],
    ['APB2RSTR', 0, 'SYSCFG'],
    ['APB1RSTR', 28, 'PWR'],
  ],
  backup: [],
};

export const STM32L152: ChipFacts = {
  name: 'STM32L152',
  core: 'm3',
  interrupts: 57,
  cells: banks({ ...L1_CELLS, beside: [dataEeprom(16 * KB)] }, [[1024, 256]], [[1024, 256]]),
  ram: [[0x2000_0000, 80 * KB]],
  systemMemory: [[0x1ff0_0000, 8 * KB]],
  romVectors: 0x1ff0_0000,
  romStack: 0x2000_1000,
  aliasAtZero: true,
  remap: { peripheral: 'SYSCFG', register: 'MEMRMP', targets: { 0: 'flash', 1: 'system', 3: 'sram' } },
  options: {
    at: 0x1ff8_0000,
    initial: [0xaa, 0x00, 0x55, 0xff, 0xf8, 0x00, 0x07, 0xff, ...Array.from({ length: 24 }, () => 0)],
  },
  boot: ({ boot0, boot1 }) => (boot0 ? (boot1 ? 'sram' : 'system') : 'flash'),
  controller: (port) => createL1Flash(port, { halfPage: 128 }),
  rcc: RCC,
  // Port H has the address that F would have, and the bit behind E (RM0038 §2.3, §6.3.8).
  ports: {
    letters: 'ABCDE',
    start: 0x4002_0000,
    enable: ['AHBENR', 0],
    moder: { A: 0xa800_0000, B: 0x280 },
    pupdr: { A: 0x6400_0000, B: 0x100 },
  },
  plain: [
    {
      name: 'SYSCFG',
      start: 0x4001_0000,
      enable: ['APB2ENR', 0],
      registers: [
        [0x00, 'MEMRMP'],
        [0x04, 'PMC'],
        [0x08, 'EXTICR1'],
        [0x0c, 'EXTICR2'],
        [0x10, 'EXTICR3'],
        [0x14, 'EXTICR4'],
      ],
    },
    {
      name: 'PWR',
      start: 0x4000_7000,
      enable: ['APB1ENR', 28],
      registers: [
        [0x00, 'CR', 0x1000],
        [0x04, 'CSR', 0x8],
      ],
    },
    { ...dmaChannels(7, ['AHBENR', 24]), start: 0x4002_6000 },
    rtc(0x4000_2800, 32),
  ],
  watchdog: { start: 0x4000_3000, lsiHz: 37_000, windowed: false },
  dbgmcu: { start: 0xe004_2000, idcode: 0x1000_6437 },
  flashSizeAt: 0x1ff8_00cc,
  uidAt: 0x1ff8_00d0,
};
