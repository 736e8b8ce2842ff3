/** STM32F072 and F303xC (RM0091, RM0316, AN2606): the flash controller of F1, the ports of F4. */

import type { ChipFacts, PlainFacts } from '../chip.ts';
import { createF1Flash } from '../flash-f1.ts';
import { type ClockOscillator, dividedByAhb, type RccSpec } from '../rcc.ts';
import { banks, dmaChannels, F0_CELLS, KB, rtc } from './cells.ts';
import { pairsOfPages } from './protection.ts';

const HSI = 8_000_000;
const HSI48 = 48_000_000;

const HSI_ON: ClockOscillator = ['CR', 0];
const HSE_ON: ClockOscillator = ['CR', 16];
const PLL_ON: ClockOscillator = ['CR', 24];
const HSI48_ON: ClockOscillator = ['CR2', 16];

/** RM0091 §6.4, RM0316 §9.4. On F0 the PLL takes HSI through PREDIV too, or HSI48. */
const rccOf = (family: 'F0' | 'F3'): RccSpec => ({
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
    [0x20, 'BDCR', 0x18],
    [0x24, 'CSR'],
    [0x28, 'AHBRSTR'],
    [0x2c, 'CFGR2'],
    [0x30, 'CFGR3'],
    ...(family === 'F0' ? ([[0x34, 'CR2', 0x80]] as const) : []),
  ],
  ready: [
    ['CR', 0, 1],
    ['CR', 16, 17],
    ['CR', 24, 25],
    ['CR2', 0, 1],
    ['CR2', 16, 17],
    ['BDCR', 0, 1],
    ['CSR', 0, 1],
  ],
  clockSwitch: { register: 'CFGR', mask: 3, shift: 2 },
  driving(get, source) {
    const from = family === 'F0' ? (get('CFGR') >>> 15) & 3 : ((get('CFGR') >>> 16) & 1) * 2;
    const behindPll = [HSI_ON, HSI_ON, HSE_ON, HSI48_ON][from] ?? HSI_ON;
    return [[HSI_ON], [HSE_ON], [PLL_ON, behindPll], [HSI48_ON]][source] ?? [];
  },
  clock(get, hse) {
    const cfgr = get('CFGR');
    const predivided = (hz: number) => hz / ((get('CFGR2') & 15) + 1);
    const from = family === 'F0' ? (cfgr >>> 15) & 3 : ((cfgr >>> 16) & 1) * 2;
    const input = [HSI / 2, predivided(HSI), predivided(hse), predivided(HSI48)][from] ?? HSI / 2;
    const pll = input * Math.min(16, ((cfgr >>> 18) & 15) + 2);
    const sources = [
      { source: 'HSI', hz: HSI },
      { source: 'HSE', hz: hse },
      { source: 'PLL', hz: pll },
      { source: 'HSI48', hz: HSI48 },
    ];
    const { source, hz } = sources[cfgr & 3] ?? { source: 'HSI', hz: HSI };
    return { source, hz: dividedByAhb(hz, (cfgr >>> 4) & 15) };
  },
  flags: { register: 'CSR', clear: 24, power: 27, pin: 26, software: 28, watchdog: 29, 'option bytes': 25 },
  resets: [
    ...Array.from('ABCDEF').map((letter, index) => ['AHBRSTR', 17 + index, `GPIO${letter}`] as const),
    ['APB2RSTR', 0, 'SYSCFG'],
    ['APB1RSTR', 28, 'PWR'],
  ],
  backup: ['BDCR'],
});

const syscfg: PlainFacts = {
  name: 'SYSCFG',
  start: 0x4001_0000,
  enable: ['APB2ENR', 0],
  registers: [
    [0x00, 'CFGR1'],
    [0x08, 'EXTICR1'],
    [0x0c, 'EXTICR2'],
    [0x10, 'EXTICR3'],
    [0x14, 'EXTICR4'],
    [0x18, 'CFGR2'],
  ],
};
const pwr: PlainFacts = {
  name: 'PWR',
  start: 0x4000_7000,
  enable: ['APB1ENR', 28],
  registers: [
    [0x00, 'CR'],
    [0x04, 'CSR'],
  ],
};

const COMMON = {
  aliasAtZero: true,
  remap: { peripheral: 'SYSCFG', register: 'CFGR1', targets: { 0: 'flash', 1: 'system', 3: 'sram' } },
  options: {
    at: 0x1fff_f800,
    initial: [0xaa, 0x55, 0xff, 0x00, 0xff, 0x00, 0xff, 0x00, 0xff, 0x00, 0xff, 0x00, 0xff, 0x00, 0xff, 0x00],
  },
  // nBOOT1 is bit 4 of USER (RM0091 §2.5, RM0316 §3.5).
  boot: ({ boot0, options }) => (boot0 ? ((options[2] ?? 0xff) & 0x10 ? 'system' : 'sram') : 'flash'),
  watchdog: { start: 0x4000_3000, lsiHz: 40_000, windowed: true },
  flashSizeAt: 0x1fff_f7cc,
  uidAt: 0x1fff_f7ac,
} satisfies Partial<ChipFacts>;

const portsOf = (letters: string, moderA: number): ChipFacts['ports'] => ({
  letters,
  start: 0x4800_0000,
  enable: ['AHBENR', 17],
  moder: { A: moderA },
  pupdr: { A: 0x2400_0000 },
});

export const STM32F072: ChipFacts = {
  ...COMMON,
  name: 'STM32F072',
  core: 'm0',
  interrupts: 32,
  cells: banks(F0_CELLS, [[64, 2 * KB]]),
  ram: [[0x2000_0000, 16 * KB]],
  systemMemory: [[0x1fff_c800, 12 * KB - 0x34]],
  romVectors: 0x1fff_c800,
  romStack: 0x2000_1800,
  protectedSectors: (options) => pairsOfPages(options, 64),
  controller: (port) => createF1Flash(port, { acr: 0, hasOptionLaunch: true }),
  rcc: rccOf('F0'),
  ports: portsOf('ABCDEF', 0x2800_0000),
  plain: [syscfg, pwr, dmaChannels(7, ['AHBENR', 0]), rtc(0x4000_2800, 5)],
  dbgmcu: { start: 0x4001_5800, idcode: 0x2001_6448 },
};

export const STM32F303: ChipFacts = {
  ...COMMON,
  name: 'STM32F303',
  core: 'm4',
  interrupts: 82,
  cells: banks(F0_CELLS, [[128, 2 * KB]]),
  ram: [
    [0x2000_0000, 40 * KB],
    [0x1000_0000, 8 * KB],
  ],
  systemMemory: [[0x1fff_d800, 8 * KB - 0x34]],
  romVectors: 0x1fff_d800,
  romStack: 0x2000_1400,
  protectedSectors: (options) => pairsOfPages(options, 128),
  controller: (port) => createF1Flash(port, { acr: 0x30, hasOptionLaunch: true }),
  rcc: rccOf('F3'),
  ports: portsOf('ABCDEF', 0xa800_0000),
  plain: [syscfg, pwr, dmaChannels(7, ['AHBENR', 0]), rtc(0x4000_2800, 16)],
  dbgmcu: { start: 0xe004_2000, idcode: 0x1003_6422 },
};
