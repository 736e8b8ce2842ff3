/** STM32G071 and G0B1 (RM0444, AN2606). */

import type { ChipFacts } from '../chip.ts';
import { createL4Flash } from '../flash-l4.ts';
import { type ClockOscillator, dividedByAhb, type RccSpec } from '../rcc.ts';
import { backupRegisters, banks, dmaChannels, G0_CELLS, KB, rtc } from './cells.ts';
import { optionWords } from './l4.ts';
import { areas } from './protection.ts';

const HSI16 = 16_000_000;

const HSI_ON: ClockOscillator = ['CR', 8];
const HSE_ON: ClockOscillator = ['CR', 16];
const PLL_ON: ClockOscillator = ['CR', 24];
const LSI_ON: ClockOscillator = ['CSR', 0];
const LSE_ON: ClockOscillator = ['BDCR', 0];

/** RM0444 §5.4. */
const RCC: RccSpec = {
  start: 0x4002_1000,
  registers: [
    [0x00, 'CR', 0x500],
    [0x04, 'ICSCR', 0x4000],
    [0x08, 'CFGR'],
    [0x0c, 'PLLCFGR', 0x1000],
    [0x14, 'CRRCR'],
    [0x18, 'CIER'],
    [0x1c, 'CIFR'],
    [0x20, 'CICR'],
    [0x24, 'IOPRSTR'],
    [0x28, 'AHBRSTR'],
    [0x2c, 'APBRSTR1'],
    [0x30, 'APBRSTR2'],
    [0x34, 'IOPENR'],
    [0x38, 'AHBENR', 0x100],
    [0x3c, 'APBENR1'],
    [0x40, 'APBENR2'],
    [0x44, 'IOPSMENR', 0x3f],
    [0x48, 'AHBSMENR', 0x0005_1303],
    [0x4c, 'APBSMENR1', 0xffff_ffb7],
    [0x50, 'APBSMENR2', 0x0017_d801],
    [0x54, 'CCIPR'],
    [0x58, 'CCIPR2'],
    [0x5c, 'BDCR'],
    [0x60, 'CSR'],
  ],
  ready: [
    ['CR', 8, 10],
    ['CR', 16, 17],
    ['CR', 22, 23],
    ['CR', 24, 25],
    ['BDCR', 0, 1],
    ['CSR', 0, 1],
  ],
  clockSwitch: { register: 'CFGR', mask: 7, shift: 3 },
  driving(get, source) {
    const behindPll = (get('PLLCFGR') & 3) === 3 ? HSE_ON : HSI_ON;
    return [[HSI_ON], [HSE_ON], [PLL_ON, behindPll], [LSI_ON], [LSE_ON]][source] ?? [];
  },
  clock(get, hse) {
    const pllcfgr = get('PLLCFGR');
    const hsi = HSI16 / (1 << ((get('CR') >>> 11) & 7));
    const input = (pllcfgr & 3) === 3 ? hse : HSI16;
    const vco = (input / (((pllcfgr >>> 4) & 7) + 1)) * ((pllcfgr >>> 8) & 127);
    const sources = [
      { source: 'HSI16', hz: hsi },
      { source: 'HSE', hz: hse },
      { source: 'PLL', hz: vco / ((pllcfgr >>> 29) + 1) },
      { source: 'LSI', hz: 32_000 },
      { source: 'LSE', hz: 32_768 },
    ];
    const { source, hz } = sources[get('CFGR') & 7] ?? { source: 'HSI16', hz: hsi };
    return { source, hz: dividedByAhb(hz, (get('CFGR') >>> 8) & 15) };
  },
  flags: { register: 'CSR', clear: 23, power: 27, pin: 26, software: 28, watchdog: 29, 'option bytes': 25 },
  resets: [
    ...Array.from('ABCDEF').map((letter, index) => ['IOPRSTR', index, `GPIO${letter}`] as const),
    ['AHBRSTR', 0, 'DMA1'],
    ['APBRSTR2', 0, 'SYSCFG'],
    ['APBRSTR1', 28, 'PWR'],
  ],
  backup: ['BDCR'],
};

/** RM0444 §3.7; OPTR as on a part from the factory, where the BOOT0 pin is off: nBOOT_SEL 24, nBOOT1 25, nBOOT0 26. */
const optionsOf = (optr: number, twoBanks: boolean) => [
  [0x20, 'OPTR', optr] as const,
  [0x24, 'PCROP1ASR', 0xffff_ffff] as const,
  [0x28, 'PCROP1AER', 0x0000_0000] as const,
  [0x2c, 'WRP1AR', 0x0000_00ff] as const,
  [0x30, 'WRP1BR', 0x0000_00ff] as const,
  [0x34, 'PCROP1BSR', 0xffff_ffff] as const,
  [0x38, 'PCROP1BER', 0x0000_0000] as const,
  ...(twoBanks
    ? ([
        [0x4c, 'WRP2AR', 0xff],
        [0x50, 'WRP2BR', 0xff],
      ] as const)
    : []),
  [0x80, 'SECR', 0x0000_0000] as const,
  ...(twoBanks
    ? ([
        [0x44, 'PCROP2ASR', 0xffff_ffff],
        [0x48, 'PCROP2AER', 0],
        [0x54, 'PCROP2BSR', 0xffff_ffff],
        [0x58, 'PCROP2BER', 0],
      ] as const)
    : []),
];

const COMMON = {
  core: 'm0+',
  interrupts: 32,
  systemMemory: [[0x1fff_0000, 28 * KB]],
  romVectors: 0x1fff_0000,
  romStack: 0x2000_3000,
  aliasAtZero: true,
  remap: { peripheral: 'SYSCFG', register: 'CFGR1', targets: { 0: 'flash', 1: 'system', 3: 'sram' } },
  // RM0444 §2.5: with BOOT0 low an empty flash leads to the ROM too.
  boot({ boot0, options, empty }) {
    const high = (options[3] ?? 0) & 1 ? ((options[3] ?? 0) & 4) === 0 : boot0;
    if (!high) return empty ? 'system' : 'flash';
    return (options[3] ?? 0) & 2 ? 'system' : 'sram';
  },
  rcc: RCC,
  ports: {
    letters: 'ABCDEF',
    start: 0x5000_0000,
    enable: ['IOPENR', 0],
    moder: { A: 0xebff_ffff },
    moderElsewhere: 0xffff_ffff,
    ospeedr: { A: 0x0c00_0000 },
    pupdr: { A: 0x2400_0000 },
  },
  plain: [
    {
      name: 'SYSCFG',
      start: 0x4001_0000,
      enable: ['APBENR2', 0],
      registers: [
        [0x00, 'CFGR1'],
        [0x18, 'CFGR2'],
      ],
    },
    {
      name: 'PWR',
      start: 0x4000_7000,
      enable: ['APBENR1', 28],
      registers: [
        [0x00, 'CR1', 0x208],
        [0x04, 'CR2'],
        [0x08, 'CR3', 0x8000],
        [0x0c, 'CR4'],
        [0x10, 'SR1'],
        [0x14, 'SR2'],
        [0x18, 'SCR'],
      ],
    },
    dmaChannels(7, ['AHBENR', 0]),
    rtc(0x4000_2800, 0),
    {
      name: 'TAMP',
      start: 0x4000_b000,
      backup: true,
      registers: [[0x00, 'CR1', 0xffff_0000], [0x04, 'CR2'], ...backupRegisters(0x100, 5)],
    },
  ],
  watchdog: { start: 0x4000_3000, lsiHz: 32_000, windowed: true },
  flashSizeAt: 0x1fff_75e0,
  uidAt: 0x1fff_7590,
} satisfies Partial<ChipFacts>;

const G071_OPTIONS = optionsOf(0xdfff_e1aa, false);
const G0B1_OPTIONS = optionsOf(0xdfff_e1aa, true);
const AT = { keyr: 0x08, optkeyr: 0x0c, sr: 0x10, cr: 0x14 } as const;

export const STM32G071: ChipFacts = {
  ...COMMON,
  name: 'STM32G071',
  cells: banks(G0_CELLS, [[64, 2 * KB]]),
  ram: [[0x2000_0000, 36 * KB]],
  options: { initial: optionWords(G071_OPTIONS) },
  protectedSectors: (options) =>
    areas(options, [
      { word: 3, firstPage: 0 },
      { word: 4, firstPage: 0 },
    ]),
  controller: (port) =>
    createL4Flash(port, {
      acr: 0x0004_0600,
      at: AT,
      optionRegisters: G071_OPTIONS,
      others: [[0x18, 'ECCR']],
      unit: 8,
      pageMask: 0x3f,
    }),
  dbgmcu: { start: 0x4001_5800, idcode: 0x2000_6460 },
};

export const STM32G0B1: ChipFacts = {
  ...COMMON,
  name: 'STM32G0B1',
  cells: banks(G0_CELLS, [[128, 2 * KB]], [[128, 2 * KB]]),
  ram: [[0x2000_0000, 144 * KB]],
  options: { initial: optionWords(G0B1_OPTIONS) },
  protectedSectors: (options) =>
    areas(options, [
      { word: 3, firstPage: 0 },
      { word: 4, firstPage: 0 },
      { word: 7, firstPage: 128 },
      { word: 8, firstPage: 128 },
    ]),
  controller: (port) =>
    createL4Flash(port, {
      acr: 0x0004_0600,
      at: AT,
      optionRegisters: G0B1_OPTIONS,
      others: [
        [0x18, 'ECCR'],
        [0x1c, 'ECC2R'],
      ],
      unit: 8,
      pageMask: 0x7f,
      bank2: { bit: 13, pages: 128 },
    }),
  dbgmcu: { start: 0x4001_5800, idcode: 0x1000_6467 },
};
