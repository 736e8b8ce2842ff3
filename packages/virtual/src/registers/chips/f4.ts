/** STM32F407 and F446 (RM0090, RM0390, AN2606, DS8626). */

import type { ChipFacts, PortFacts } from '../chip.ts';
import { createF2Flash } from '../flash-f2.ts';
import { type ClockOscillator, dividedByAhb, type RccSpec } from '../rcc.ts';
import { banks, dmaStreams, F4_CELLS, KB, rtc } from './cells.ts';
import { protectedSectorBits } from './protection.ts';

const HSI = 16_000_000;

const HSI_ON: ClockOscillator = ['CR', 0];
const HSE_ON: ClockOscillator = ['CR', 16];
const PLL_ON: ClockOscillator = ['CR', 24];

/** RM0090 §7.3. `more` are registers that only some have. */
export const f4Rcc = (more: RccSpec['registers']): RccSpec => ({
  start: 0x4002_3800,
  registers: [
    [0x00, 'CR', 0x83],
    [0x04, 'PLLCFGR', 0x2400_3010],
    [0x08, 'CFGR'],
    [0x0c, 'CIR'],
    [0x10, 'AHB1RSTR'],
    [0x14, 'AHB2RSTR'],
    [0x18, 'AHB3RSTR'],
    [0x20, 'APB1RSTR'],
    [0x24, 'APB2RSTR'],
    [0x30, 'AHB1ENR', 0x0010_0000],
    [0x34, 'AHB2ENR'],
    [0x38, 'AHB3ENR'],
    [0x40, 'APB1ENR'],
    [0x44, 'APB2ENR'],
    [0x50, 'AHB1LPENR', 0x7e67_91ff],
    [0x54, 'AHB2LPENR', 0xf1],
    [0x58, 'AHB3LPENR', 1],
    [0x60, 'APB1LPENR', 0x36fe_c9ff],
    [0x64, 'APB2LPENR', 0x0007_5f33],
    [0x70, 'BDCR'],
    [0x74, 'CSR'],
    [0x80, 'SSCGR'],
    [0x84, 'PLLI2SCFGR', 0x2000_3000],
    ...more,
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
    const behindPll: ClockOscillator = ['CR', get('PLLCFGR') & (1 << 22) ? 16 : 0];
    return [[HSI_ON], [HSE_ON], [PLL_ON, behindPll]][source] ?? [];
  },
  clock(get, hse) {
    const pllcfgr = get('PLLCFGR');
    const input = pllcfgr & (1 << 22) ? hse : HSI;
    const pll = ((input / (pllcfgr & 63)) * ((pllcfgr >>> 6) & 511)) / (2 * (((pllcfgr >>> 16) & 3) + 1));
    const sources = [
      { source: 'HSI', hz: HSI },
      { source: 'HSE', hz: hse },
      { source: 'PLL', hz: pll },
    ];
    const { source, hz } = sources[get('CFGR') & 3] ?? { source: 'HSI', hz: HSI };
    return { source, hz: dividedByAhb(hz, (get('CFGR') >>> 4) & 15) };
  },
  flags: { register: 'CSR', clear: 24, power: 27, pin: 26, software: 28, watchdog: 29, 'option bytes': 26 },
  resets: [
    ...Array.from('ABCDEFGHI').map((letter, index) => ['AHB1RSTR', index, `GPIO${letter}`] as const),
    ['AHB1RSTR', 21, 'DMA1'],
    ['APB2RSTR', 14, 'SYSCFG'],
    ['APB1RSTR', 28, 'PWR'],
  ],
  backup: ['BDCR'],
});

export const F4_PORTS: PortFacts = {
  letters: 'ABCDEFGHI',
  start: 0x4002_0000,
  enable: ['AHB1ENR', 0],
  moder: { A: 0xa800_0000, B: 0x280 },
  ospeedr: { A: 0x0c00_0000, B: 0xc0 },
  pupdr: { A: 0x6400_0000, B: 0x100 },
};

const COMMON = {
  core: 'm4',
  systemMemory: [[0x1fff_0000, 30 * KB]],
  romVectors: 0x1fff_0000,
  romStack: 0x2000_2000,
  aliasAtZero: true,
  remap: { peripheral: 'SYSCFG', register: 'MEMRMP', targets: { 0: 'flash', 1: 'system', 3: 'sram' } },
  boot: ({ boot0, boot1 }) => (boot0 ? (boot1 ? 'sram' : 'system') : 'flash'),
  ports: F4_PORTS,
  watchdog: { start: 0x4000_3000, lsiHz: 32_000, windowed: false },
  flashSizeAt: 0x1fff_7a22,
  uidAt: 0x1fff_7a10,
} satisfies Partial<ChipFacts>;

const plainOf = (pwr: number): ChipFacts['plain'] => [
  {
    name: 'SYSCFG',
    start: 0x4001_3800,
    enable: ['APB2ENR', 14],
    registers: [
      [0x00, 'MEMRMP'],
      [0x04, 'PMC'],
      [0x08, 'EXTICR1'],
      [0x0c, 'EXTICR2'],
      [0x10, 'EXTICR3'],
      [0x14, 'EXTICR4'],
      [0x20, 'CMPCR'],
    ],
  },
  {
    name: 'PWR',
    start: 0x4000_7000,
    enable: ['APB1ENR', 28],
    registers: [
      [0x00, 'CR', pwr],
      [0x04, 'CSR'],
    ],
  },
  dmaStreams(),
  rtc(0x4000_2800, 20),
];

/** OPTCR as it leaves the factory, with its lock (RM0090 §3.9.8). */
const OPTCR = [0xed, 0xaa, 0xff, 0x0f];

export const STM32F407: ChipFacts = {
  ...COMMON,
  name: 'STM32F407',
  interrupts: 82,
  cells: banks(F4_CELLS, [
    [4, 16 * KB],
    [1, 64 * KB],
    [7, 128 * KB],
  ]),
  ram: [
    [0x2000_0000, 128 * KB],
    [0x1000_0000, 64 * KB],
  ],
  options: { initial: OPTCR },
  protectedSectors: (options) => protectedSectorBits(options, 12),
  controller: (port) => createF2Flash(port, { optionRegisters: [0x0fff_aaed] }),
  rcc: f4Rcc([]),
  plain: plainOf(0x4000),
  dbgmcu: { start: 0xe004_2000, idcode: 0x1007_6413 },
};

export const STM32F446: ChipFacts = {
  ...COMMON,
  name: 'STM32F446',
  interrupts: 97,
  cells: banks(F4_CELLS, [
    [4, 16 * KB],
    [1, 64 * KB],
    [3, 128 * KB],
  ]),
  ram: [[0x2000_0000, 128 * KB]],
  options: { initial: OPTCR },
  protectedSectors: (options) => protectedSectorBits(options, 8),
  controller: (port) => createF2Flash(port, { optionRegisters: [0x0fff_aaed] }),
  rcc: f4Rcc([
    [0x88, 'PLLSAICFGR', 0x2400_3010],
    [0x8c, 'DCKCFGR'],
    [0x90, 'CKGATENR'],
    [0x94, 'DCKCFGR2'],
  ]),
  plain: plainOf(0xc000),
  dbgmcu: { start: 0xe004_2000, idcode: 0x1000_6421 },
};
