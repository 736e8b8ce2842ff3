/** STM32F103, F105 and F107 (RM0008, PM0075, AN2606, AN2662). */

import type { ChipFacts } from '../chip.ts';
import { createF1Flash } from '../flash-f1.ts';
import { type ClockOscillator, dividedByAhb, type RccSpec } from '../rcc.ts';
import { banks, dmaChannels, F1_CELLS, KB } from './cells.ts';
import { groupsOfPages, pairsOfPages } from './protection.ts';

const HSI = 8_000_000;

const HSI_ON: ClockOscillator = ['CR', 0];
const HSE_ON: ClockOscillator = ['CR', 16];
const PLL_ON: ClockOscillator = ['CR', 24];
const PLL2_ON: ClockOscillator = ['CR', 26];

/** RM0008 §8.3: connectivity line. PLLMUL of 13 is 6.5; PREDIV1 divides what comes from HSE or PLL2. */
export const F1_RCC: RccSpec = {
  start: 0x4002_1000,
  registers: [
    [0x00, 'CR', 0x83],
    [0x04, 'CFGR'],
    [0x08, 'CIR'],
    [0x0c, 'APB2RSTR'],
    [0x10, 'APB1RSTR'],
    [0x14, 'AHBENR', 0x14],
    [0x18, 'APB2ENR'],
    [0x1c, 'APB1ENR'],
    [0x20, 'BDCR'],
    [0x24, 'CSR'],
    [0x28, 'AHBRSTR'],
    [0x2c, 'CFGR2'],
  ],
  ready: [
    ['CR', 0, 1],
    ['CR', 16, 17],
    ['CR', 24, 25],
    ['CR', 26, 27],
    ['CR', 28, 29],
    ['BDCR', 0, 1],
    ['CSR', 0, 1],
  ],
  clockSwitch: { register: 'CFGR', mask: 3, shift: 2 },
  driving(get, source) {
    if (source < 2) return [source === 1 ? HSE_ON : HSI_ON];
    const behindPll = get('CFGR2') & 0x1_0000 ? [HSE_ON, PLL2_ON] : [HSE_ON];
    return [PLL_ON, ...(get('CFGR') & 0x1_0000 ? behindPll : [HSI_ON])];
  },
  clock(get, hse) {
    const cfgr = get('CFGR');
    const cfgr2 = get('CFGR2');
    const factor = (field: number) => (field === 13 ? 6.5 : field + 2);
    const pll2 = (hse / (((cfgr2 >>> 4) & 15) + 1)) * (((cfgr2 >>> 8) & 15) + 2);
    const predivided = (cfgr2 & 0x1_0000 ? pll2 : hse) / ((cfgr2 & 15) + 1);
    const pll = (cfgr & 0x1_0000 ? predivided : HSI / 2) * factor((cfgr >>> 18) & 15);
    const sources = [
      { source: 'HSI', hz: HSI },
      { source: 'HSE', hz: hse },
      { source: 'PLL', hz: pll },
    ];
    const { source, hz } = sources[cfgr & 3] ?? { source: 'HSI', hz: HSI };
    return { source, hz: dividedByAhb(hz, (cfgr >>> 4) & 15) };
  },
  flags: { register: 'CSR', clear: 24, power: 27, pin: 26, software: 28, watchdog: 29, 'option bytes': 26 },
  resets: [
    ['APB2RSTR', 0, 'AFIO'],
    ...Array.from('ABCDE').map((letter, index) => ['APB2RSTR', 2 + index, `GPIO${letter}`] as const),
    ['APB1RSTR', 28, 'PWR'],
  ],
  backup: ['BDCR'],
};

/** RM0008 §7.3: the clocks of low-, medium- and high-density devices. PLLXTPRE halves HSE. */
const F103_RCC: RccSpec = {
  ...F1_RCC,
  registers: F1_RCC.registers.filter(([, name]) => name !== 'AHBRSTR' && name !== 'CFGR2'),
  ready: F1_RCC.ready.filter(([register, on]) => register !== 'CR' || on < 26),
  driving(get, source) {
    if (source < 2) return [source === 1 ? HSE_ON : HSI_ON];
    return [PLL_ON, get('CFGR') & 0x1_0000 ? HSE_ON : HSI_ON];
  },
  clock(get, hse) {
    const cfgr = get('CFGR');
    const input = cfgr & 0x1_0000 ? hse / (cfgr & 0x2_0000 ? 2 : 1) : HSI / 2;
    const sources = [
      { source: 'HSI', hz: HSI },
      { source: 'HSE', hz: hse },
      { source: 'PLL', hz: input * Math.min(16, ((cfgr >>> 18) & 15) + 2) },
    ];
    const { source, hz } = sources[cfgr & 3] ?? { source: 'HSI', hz: HSI };
    return { source, hz: dividedByAhb(hz, (cfgr >>> 4) & 15) };
  },
};

const f1 = (name: string): ChipFacts => ({
  name,
  core: 'm3',
  interrupts: 68,
  cells: banks(F1_CELLS, [[128, 2 * KB]]),
  ram: [[0x2000_0000, 64 * KB]],
  systemMemory: [[0x1fff_b000, 0x47e0]],
  romVectors: 0x1fff_b000,
  romStack: 0x2000_1000,
  aliasAtZero: true,
  options: {
    at: 0x1fff_f800,
    initial: [0xa5, 0x5a, 0xff, 0x00, 0xff, 0x00, 0xff, 0x00, 0xff, 0x00, 0xff, 0x00, 0xff, 0x00, 0xff, 0x00],
  },
  // RM0008 §3.4: BOOT1 is PB2, latched at reset.
  boot: ({ boot0, boot1 }) => (boot0 ? (boot1 ? 'sram' : 'system') : 'flash'),
  protectedSectors: (options) => pairsOfPages(options, 128),
  controller: (port) => createF1Flash(port, { acr: 0x30, hasOptionLaunch: false }),
  rcc: F1_RCC,
  ports: { letters: 'ABCDE', start: 0x4001_0800, f1: true, enable: ['APB2ENR', 2] },
  plain: [
    dmaChannels(7, ['AHBENR', 0]),
    {
      name: 'AFIO',
      start: 0x4001_0000,
      enable: ['APB2ENR', 0],
      registers: [
        [0x00, 'EVCR'],
        [0x04, 'MAPR'],
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
        [0x00, 'CR'],
        [0x04, 'CSR'],
      ],
    },
    {
      name: 'BKP',
      start: 0x4000_6c00,
      enable: ['APB1ENR', 27],
      backup: true,
      registers: [
        ...Array.from({ length: 10 }, (_, index) => [4 + 4 * index, `DR${index + 1}`] as const),
        [0x2c, 'RTCCR'],
        [0x30, 'CR'],
        [0x34, 'CSR'],
        ...Array.from({ length: 32 }, (_, index) => [0x40 + 4 * index, `DR${index + 11}`] as const),
      ],
    },
  ],
  watchdog: { start: 0x4000_3000, lsiHz: 40_000, windowed: false },
  dbgmcu: { start: 0xe004_2000, idcode: 0x1001_0418 },
  flashSizeAt: 0x1fff_f7e0,
  uidAt: 0x1fff_f7e8,
});

export const STM32F105 = f1('STM32F105');
export const STM32F107 = f1('STM32F107');

/** Medium density, 128 KB in pages of 1 KB, 20 KB of RAM (DS5319; RM0008 §3.3, PM0075 §2.4). */
export const STM32F103: ChipFacts = {
  ...STM32F105,
  name: 'STM32F103',
  interrupts: 43,
  cells: banks(F1_CELLS, [[128, KB]]),
  ram: [[0x2000_0000, 20 * KB]],
  systemMemory: [[0x1fff_f000, 2 * KB]],
  romVectors: 0x1fff_f000,
  romStack: 0x2000_0200,
  protectedSectors: (options) => groupsOfPages(options, { pages: 128, pagesInGroup: 4 }),
  rcc: F103_RCC,
  dbgmcu: { start: 0xe004_2000, idcode: 0x2003_6410 },
};
