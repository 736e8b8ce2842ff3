/** STM32L476 and G431 (RM0351, RM0440, AN2606). */

import type { ChipFacts, PlainFacts } from '../chip.ts';
import { createL4Flash } from '../flash-l4.ts';
import { type ClockOscillator, dividedByAhb, type RccSpec } from '../rcc.ts';
import { backupRegisters, banks, dmaChannels, KB, L4_CELLS, rtc } from './cells.ts';
import { areas } from './protection.ts';

const HSI16 = 16_000_000;

const MSI_ON: ClockOscillator = ['CR', 0];
const HSI_ON: ClockOscillator = ['CR', 8];
const HSE_ON: ClockOscillator = ['CR', 16];
const PLL_ON: ClockOscillator = ['CR', 24];
const MSI_RANGES = [100, 200, 400, 800, 1000, 2000, 4000, 8000, 16_000, 24_000, 32_000, 48_000];

/** RM0351 §6.4, RM0440 §7.4: MSI at reset on L4, HSI16 on G4, which has no MSI. */
const rccOf = (family: 'L4' | 'G4'): RccSpec => ({
  start: 0x4002_1000,
  registers: [
    [0x00, 'CR', family === 'L4' ? 0x63 : 0x500],
    [0x04, 'ICSCR', 0x1000_0000],
    [0x08, 'CFGR', family === 'L4' ? 0 : 0x5],
    [0x0c, 'PLLCFGR', 0x1000],
    ...(family === 'L4'
      ? ([
          [0x10, 'PLLSAI1CFGR', 0x1000],
          [0x14, 'PLLSAI2CFGR', 0x1000],
        ] as const)
      : []),
    [0x18, 'CIER'],
    [0x1c, 'CIFR'],
    [0x20, 'CICR'],
    [0x28, 'AHB1RSTR'],
    [0x2c, 'AHB2RSTR'],
    [0x30, 'AHB3RSTR'],
    [0x38, 'APB1RSTR1'],
    [0x3c, 'APB1RSTR2'],
    [0x40, 'APB2RSTR'],
    [0x48, 'AHB1ENR', 0x100],
    [0x4c, 'AHB2ENR'],
    [0x50, 'AHB3ENR'],
    [0x58, 'APB1ENR1', family === 'L4' ? 0 : 0x400],
    [0x5c, 'APB1ENR2'],
    [0x60, 'APB2ENR'],
    [0x68, 'AHB1SMENR', 0x0001_1303],
    [0x6c, 'AHB2SMENR', 0x0005_32ff],
    [0x70, 'AHB3SMENR', 0x101],
    [0x78, 'APB1SMENR1'],
    [0x7c, 'APB1SMENR2'],
    [0x80, 'APB2SMENR'],
    [0x88, 'CCIPR'],
    [0x90, 'BDCR'],
    [0x94, 'CSR', family === 'L4' ? 0x600 : 0],
    [0x98, 'CRRCR'],
    [0x9c, 'CCIPR2'],
  ],
  ready: [
    ...(family === 'L4' ? ([['CR', 0, 1]] as const) : []),
    ['CR', 8, 10],
    ['CR', 16, 17],
    ['CR', 24, 25],
    ['CR', 26, 27],
    ['CR', 28, 29],
    ['CRRCR', 0, 1],
    ['BDCR', 0, 1],
    ['CSR', 0, 1],
  ],
  clockSwitch: { register: 'CFGR', mask: 3, shift: 2 },
  driving(get, source) {
    const oscillators = [family === 'L4' ? [MSI_ON] : [], [HSI_ON], [HSE_ON]];
    if (source < 3) return oscillators[source] ?? [];
    return [PLL_ON, ...([[], ...oscillators][get('PLLCFGR') & 3] ?? [])];
  },
  clock(get, hse) {
    const pllcfgr = get('PLLCFGR');
    // MSIRANGE counts once MSIRGSEL is set; before, the range of after reset, 4 MHz.
    const range = get('CR') & 8 ? (get('CR') >>> 4) & 15 : 6;
    const msi = (MSI_RANGES[range] ?? 4000) * 1000;
    const input = [0, msi, HSI16, hse][pllcfgr & 3] ?? 0;
    const m = ((pllcfgr >>> 4) & (family === 'L4' ? 7 : 15)) + 1;
    const pll = ((input / m) * ((pllcfgr >>> 8) & 127)) / (2 * (((pllcfgr >>> 25) & 3) + 1));
    const sources = [
      { source: 'MSI', hz: msi },
      { source: 'HSI16', hz: HSI16 },
      { source: 'HSE', hz: hse },
      { source: 'PLL', hz: pll },
    ];
    const { source, hz } = sources[get('CFGR') & 3] ?? { source: 'MSI', hz: msi };
    return { source, hz: dividedByAhb(hz, (get('CFGR') >>> 4) & 15) };
  },
  flags: { register: 'CSR', clear: 23, power: 27, pin: 26, software: 28, watchdog: 29, 'option bytes': 25 },
  resets: [
    ...Array.from('ABCDEFGH').map((letter, index) => ['AHB2RSTR', index, `GPIO${letter}`] as const),
    ['AHB1RSTR', 0, 'DMA1'],
    ['APB2RSTR', 0, 'SYSCFG'],
    ['APB1RSTR1', 28, 'PWR'],
  ],
  backup: ['BDCR'],
});

const syscfg: PlainFacts = {
  name: 'SYSCFG',
  start: 0x4001_0000,
  length: 0x30,
  enable: ['APB2ENR', 0],
  registers: ['MEMRMP', 'CFGR1', 'EXTICR1', 'EXTICR2', 'EXTICR3', 'EXTICR4', 'SCSR', 'CFGR2', 'SWPR', 'SKR'].map(
    (name, index) => [4 * index, name] as const,
  ),
};
const pwr: PlainFacts = {
  name: 'PWR',
  start: 0x4000_7000,
  enable: ['APB1ENR1', 28],
  registers: [
    [0x00, 'CR1', 0x200],
    [0x04, 'CR2'],
    [0x08, 'CR3', 0x8000],
    [0x0c, 'CR4'],
    [0x10, 'SR1'],
    [0x14, 'SR2', 0x100],
    [0x18, 'SCR'],
    ...Array.from({ length: 18 }, (_, index) => [0x20 + 4 * index, `PUPD${index}`] as const),
    [0x80, 'CR5', 0x100],
  ],
};

/** Values of option registers as words, then as bytes. */
export function optionWords(
  registers: readonly (readonly [offset: number, name: string, initial: number])[],
): number[] {
  return registers.flatMap(([, , word]) => [0, 8, 16, 24].map((shift) => (word >>> shift) & 0xff));
}

/** OPTR, then PCROP and WRP of both banks (RM0351 §3.7.8 to §3.7.16). */
const L476_OPTIONS = [
  [0x20, 'OPTR', 0xffef_f8aa],
  [0x24, 'PCROP1SR', 0xffff_ffff],
  [0x28, 'PCROP1ER', 0x0000_0000],
  [0x2c, 'WRP1AR', 0xff00_ffff],
  [0x30, 'WRP1BR', 0xff00_ffff],
  [0x44, 'PCROP2SR', 0xffff_ffff],
  [0x48, 'PCROP2ER', 0x0000_0000],
  [0x4c, 'WRP2AR', 0xff00_ffff],
  [0x50, 'WRP2BR', 0xff00_ffff],
] as const;

const AT = { keyr: 0x08, optkeyr: 0x0c, sr: 0x10, cr: 0x14 } as const;
const ANALOG_PORTS = {
  start: 0x4800_0000,
  enable: ['AHB2ENR', 0],
  moder: { A: 0xabff_ffff, B: 0xffff_febf },
  moderElsewhere: 0xffff_ffff,
  ospeedr: { A: 0x0c00_0000 },
  pupdr: { A: 0x6400_0000, B: 0x100 },
} as const;
const REMAP: ChipFacts['remap'] = {
  peripheral: 'SYSCFG',
  register: 'MEMRMP',
  targets: { 0: 'flash', 1: 'system', 3: 'sram' },
};

export const STM32L476: ChipFacts = {
  name: 'STM32L476',
  core: 'm4',
  interrupts: 82,
  cells: banks(L4_CELLS, [[256, 2 * KB]], [[256, 2 * KB]]),
  ram: [
    [0x2000_0000, 96 * KB],
    [0x1000_0000, 32 * KB],
  ],
  systemMemory: [[0x1fff_0000, 28 * KB]],
  romVectors: 0x1fff_0000,
  romStack: 0x2000_3000,
  aliasAtZero: true,
  remap: REMAP,
  options: { initial: optionWords(L476_OPTIONS) },
  // nBOOT1 is bit 23 of OPTR (RM0351 §2.6).
  boot: ({ boot0, options }) => (boot0 ? ((options[2] ?? 0) & 0x80 ? 'system' : 'sram') : 'flash'),
  protectedSectors: (options) =>
    areas(options, [
      { word: 3, firstPage: 0 },
      { word: 4, firstPage: 0 },
      { word: 7, firstPage: 256 },
      { word: 8, firstPage: 256 },
    ]),
  controller: (port) =>
    createL4Flash(port, {
      acr: 0x600,
      at: AT,
      optionRegisters: L476_OPTIONS,
      others: [
        [0x04, 'PDKEYR'],
        [0x18, 'ECCR'],
      ],
      unit: 8,
      pageMask: 0xff,
      bank2: { bit: 11, pages: 256 },
    }),
  rcc: rccOf('L4'),
  ports: { letters: 'ABCDEFGH', ...ANALOG_PORTS },
  plain: [syscfg, pwr, dmaChannels(7, ['AHB1ENR', 0]), rtc(0x4000_2800, 32)],
  watchdog: { start: 0x4000_3000, lsiHz: 32_000, windowed: true },
  dbgmcu: { start: 0xe004_2000, idcode: 0x1007_6415 },
  flashSizeAt: 0x1fff_75e0,
  uidAt: 0x1fff_7590,
};

/** RM0440 §5.7. */
const G431_OPTIONS = [
  [0x20, 'OPTR', 0xffef_f8aa],
  [0x24, 'PCROP1SR', 0xffff_ffff],
  [0x28, 'PCROP1ER', 0x0000_0000],
  [0x2c, 'WRP1AR', 0xff00_ffff],
  [0x30, 'WRP1BR', 0xff00_ffff],
  [0x70, 'SEC1R', 0x0000_0000],
] as const;

export const STM32G431: ChipFacts = {
  name: 'STM32G431',
  core: 'm4',
  interrupts: 102,
  cells: banks(L4_CELLS, [[64, 2 * KB]]),
  ram: [
    [0x2000_0000, 32 * KB],
    [0x1000_0000, 10 * KB],
  ],
  systemMemory: [[0x1fff_0000, 28 * KB]],
  romVectors: 0x1fff_0000,
  romStack: 0x2000_4000,
  aliasAtZero: true,
  remap: REMAP,
  options: { initial: optionWords(G431_OPTIONS) },
  // nSWBOOT0 26, nBOOT0 27, nBOOT1 23 of OPTR (RM0440 §2.6).
  boot({ boot0, options }) {
    const optr = options[3] ?? 0;
    const high = optr & 4 ? boot0 : (optr & 8) === 0;
    return high ? ((options[2] ?? 0) & 0x80 ? 'system' : 'sram') : 'flash';
  },
  protectedSectors: (options) =>
    areas(
      options,
      [
        { word: 3, firstPage: 0 },
        { word: 4, firstPage: 0 },
      ],
      0x7f,
    ),
  controller: (port) =>
    createL4Flash(port, {
      acr: 0x0004_0600,
      at: AT,
      optionRegisters: G431_OPTIONS,
      others: [
        [0x04, 'PDKEYR'],
        [0x18, 'ECCR'],
      ],
      unit: 8,
      pageMask: 0x7f,
    }),
  rcc: rccOf('G4'),
  ports: { letters: 'ABCDEFG', ...ANALOG_PORTS },
  plain: [
    syscfg,
    pwr,
    dmaChannels(6, ['AHB1ENR', 0]),
    { ...rtc(0x4000_2800, 0), backup: true },
    {
      name: 'TAMP',
      start: 0x4000_2400,
      backup: true,
      registers: [[0x00, 'CR1', 0xffff_0000], [0x04, 'CR2'], ...backupRegisters(0x100, 16)],
    },
  ],
  watchdog: { start: 0x4000_3000, lsiHz: 32_000, windowed: true },
  dbgmcu: { start: 0xe004_2000, idcode: 0x1000_6468 },
  flashSizeAt: 0x1fff_75e0,
  uidAt: 0x1fff_7590,
};
