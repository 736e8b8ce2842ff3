/** STM32H743 (RM0433, AN2606, DS12110). */

import type { ChipFacts } from '../chip.ts';
import { createH7Flash } from '../flash-h7.ts';
import { type ClockOscillator, dividedByAhb, type RccSpec } from '../rcc.ts';
import { banks, H7_CELLS, KB, registerRow, rtc } from './cells.ts';
import { optionWords } from './l4.ts';

const HSI = 64_000_000;
const CSI = 4_000_000;

/** HSI, CSI and HSE, as the clock switch and the PLL's source count them. */
const OSCILLATORS: readonly ClockOscillator[] = [
  ['CR', 0],
  ['CR', 7],
  ['CR', 16],
];
const PLL1_ON: ClockOscillator = ['CR', 24];

/** RM0433 §8.7. */
const RCC: RccSpec = {
  start: 0x5802_4400,
  registers: [
    [0x00, 'CR', 0xc025],
    [0x04, 'HSICFGR', 0x4000_0000],
    [0x08, 'CRRCR'],
    [0x0c, 'CSICFGR', 0x2000_0000],
    [0x10, 'CFGR'],
    [0x18, 'D1CFGR'],
    [0x1c, 'D2CFGR'],
    [0x20, 'D3CFGR'],
    [0x28, 'PLLCKSELR', 0x0202_0200],
    [0x2c, 'PLLCFGR', 0x01ff_0000],
    [0x30, 'PLL1DIVR', 0x0101_0280],
    [0x34, 'PLL1FRACR'],
    [0x38, 'PLL2DIVR', 0x0101_0280],
    [0x3c, 'PLL2FRACR'],
    [0x40, 'PLL3DIVR', 0x0101_0280],
    [0x44, 'PLL3FRACR'],
    ...registerRow(0x4c, 'D1CCIPR D2CCIP1R D2CCIP2R D3CCIPR'),
    ...registerRow(0x60, 'CIER CIFR CICR'),
    ...registerRow(0x70, 'BDCR CSR'),
    ...registerRow(0x7c, 'AHB3RSTR AHB1RSTR AHB2RSTR AHB4RSTR APB3RSTR APB1LRSTR APB1HRSTR APB2RSTR APB4RSTR GCR'),
    [0xa8, 'D3AMR'],
    [0xd0, 'RSR'],
    ...registerRow(0xd4, 'AHB3ENR AHB1ENR AHB2ENR AHB4ENR APB3ENR APB1LENR APB1HENR APB2ENR APB4ENR').map(
      ([offset, name]) => [offset, name, name === 'APB4ENR' ? 0x1_0000 : 0] as const,
    ),
    ...registerRow(0xfc, 'AHB3LPENR AHB1LPENR AHB2LPENR AHB4LPENR APB3LPENR APB1LLPENR APB1HLPENR APB2LPENR APB4LPENR'),
  ],
  ready: [
    ['CR', 0, 2],
    ['CR', 7, 8],
    ['CR', 12, 13],
    ['CR', 16, 17],
    ['CR', 24, 25],
    ['CR', 26, 27],
    ['CR', 28, 29],
    ['BDCR', 0, 1],
    ['CSR', 0, 1],
  ],
  clockSwitch: { register: 'CFGR', mask: 7, shift: 3 },
  driving(get, source) {
    const behindPll = OSCILLATORS[get('PLLCKSELR') & 3];
    return source === 3 ? [PLL1_ON, ...(behindPll ? [behindPll] : [])] : OSCILLATORS.slice(source, source + 1);
  },
  clock(get, hse) {
    const hsi = HSI / (1 << ((get('CR') >>> 3) & 3));
    const select = get('PLLCKSELR');
    const divr = get('PLL1DIVR');
    const input = [hsi, CSI, hse][select & 3] ?? 0;
    const vco = (input / Math.max(1, (select >>> 4) & 63)) * ((divr & 511) + 1);
    const sources = [
      { source: 'HSI', hz: hsi },
      { source: 'CSI', hz: CSI },
      { source: 'HSE', hz: hse },
      { source: 'PLL1', hz: vco / (((divr >>> 9) & 127) + 1) },
    ];
    const { source, hz } = sources[get('CFGR') & 7] ?? { source: 'HSI', hz: hsi };
    // The core runs at SYSCLK by D1CPRE; HPRE divides the bus alone.
    return { source, hz: dividedByAhb(hz, (get('D1CFGR') >>> 8) & 15) };
  },
  flags: { register: 'RSR', clear: 16, power: 23, pin: 22, software: 24, watchdog: 26, 'option bytes': 22 },
  resets: Array.from('ABCDEFGHIJK').map((letter, index) => ['AHB4RSTR', index, `GPIO${letter}`] as const),
  backup: ['BDCR'],
};

/** OPTSR and BOOT as they leave the factory; areas and sectors unprotected (RM0433 §4.9). */
const OPTIONS = [
  [0x1c, 0x20, 'OPTSR', 0x1bc6_aaf0],
  [0x40, 0x44, 'BOOT', 0x1ff0_0800],
  [0x38, 0x3c, 'WPSN1', 0xff],
  [0x138, 0x13c, 'WPSN2', 0xff],
  [0x28, 0x2c, 'PRAR1', 0xff],
  [0x128, 0x12c, 'PRAR2', 0xff],
  [0x30, 0x34, 'SCAR1', 0xff],
  [0x130, 0x134, 'SCAR2', 0xff],
] as const;

/** WPSN of a bank: a cleared bit protects its sector (RM0433 §4.9.14). */
function protectedBits(options: Uint8Array, word: number, firstSector: number): number[] {
  return Array.from({ length: 8 }, (_, bit) => bit)
    .filter((bit) => (((options[4 * word] ?? 0xff) >>> bit) & 1) === 0)
    .map((bit) => firstSector + bit);
}

export const STM32H743: ChipFacts = {
  name: 'STM32H743',
  core: 'm7',
  interrupts: 150,
  cells: banks(H7_CELLS, [[8, 128 * KB]], [[8, 128 * KB]]),
  ram: [
    [0x2000_0000, 128 * KB],
    [0x2400_0000, 512 * KB],
    [0x0000_0000, 64 * KB],
    [0x3000_0000, 288 * KB],
    [0x3800_0000, 64 * KB],
    [0x3880_0000, 4 * KB],
  ],
  systemMemory: [[0x1ff0_0000, 128 * KB]],
  romVectors: 0x1ff0_9800,
  romStack: 0x2000_2000,
  aliasAtZero: false,
  options: { initial: optionWords(OPTIONS.map(([at, , name, initial]) => [at, name, initial] as const)) },
  // BOOT_ADD0 and BOOT_ADD1 are the upper halves of addresses; the ROM is behind the start of its memory.
  boot({ boot0, options }) {
    const at = boot0 ? 6 : 4;
    const address = (((options[at] ?? 0) << 16) | ((options[at + 1] ?? 0) << 24)) >>> 0;
    return address === 0x1ff0_0000 ? 'system' : address;
  },
  protectedSectors: (options) => [...protectedBits(options, 2, 0), ...protectedBits(options, 3, 8)],
  controller: (port) =>
    createH7Flash(port, {
      start: 0x5200_2000,
      hasQueue: true,
      acr: 0x37,
      unit: 32,
      bits: { force: 6, start: 7, sector: 8, sectorMask: 7 },
      sectorsInBank: 8,
      sets: [
        { keyr: 0x04, cr: 0x0c, sr: 0x10, ccr: 0x14 },
        { keyr: 0x104, cr: 0x10c, sr: 0x110, ccr: 0x114 },
      ],
      optkeyr: 0x08,
      optcr: 0x18,
      optionRegisters: OPTIONS,
      others: [[0x24, 'OPTCCR']],
    }),
  rcc: RCC,
  ports: {
    letters: 'ABCDEFGHIJK',
    start: 0x5802_0000,
    enable: ['AHB4ENR', 0],
    moder: { A: 0xabff_ffff, B: 0xffff_febf },
    moderElsewhere: 0xffff_ffff,
    ospeedr: { A: 0x0c00_0000, B: 0xc0 },
    pupdr: { A: 0x6400_0000, B: 0x100 },
  },
  plain: [
    {
      name: 'SYSCFG',
      start: 0x5800_0400,
      enable: ['APB4ENR', 1],
      registers: registerRow(0x04, 'PMCR EXTICR1 EXTICR2 EXTICR3 EXTICR4 CFGR'),
    },
    {
      name: 'PWR',
      start: 0x5802_4800,
      registers: [
        [0x00, 'CR1', 0xf000_c000],
        [0x04, 'CSR1', 0x4000],
        [0x08, 'CR2'],
        [0x0c, 'CR3', 0x6],
        [0x10, 'CPUCR'],
        [0x18, 'D3CR', 0x6000],
      ],
    },
    rtc(0x5800_4000, 32),
    // The trace funnel, which debuggers open (RM0433 §60.5.6).
    {
      name: 'SWTF',
      start: 0x5c00_4000,
      registers: [
        [0x00, 'CTRL', 0x300],
        [0x04, 'PRIORITY'],
      ],
    },
  ],
  watchdog: { start: 0x5800_4800, lsiHz: 32_000, windowed: true },
  // RM0433 §60.5.8.
  dbgmcu: {
    start: 0x5c00_1000,
    idcode: 0x2003_6450,
    freezes: [
      [0x34, 'APB3FZ1'],
      [0x3c, 'APB1LFZ1'],
      [0x4c, 'APB2FZ1'],
      [0x54, 'APB4FZ1'],
    ],
  },
  flashSizeAt: 0x1ff1_e880,
  uidAt: 0x1ff1_e800,
};
