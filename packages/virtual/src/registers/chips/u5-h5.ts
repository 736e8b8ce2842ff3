/** STM32U585 and H563 with TrustZone off (RM0456, RM0481, AN2606): the non-secure registers alone. */

import type { ChipFacts } from '../chip.ts';
import { createH7Flash } from '../flash-h7.ts';
import type { H7FlashOptions } from '../flash-h7-operations.ts';
import { createL4Flash } from '../flash-l4.ts';
import { type ClockOscillator, dividedByAhb, type RccSpec } from '../rcc.ts';
import { backupRegisters, banks, H5_CELLS, H5_OTP, KB, rtc, U5_CELLS } from './cells.ts';
import { optionWords } from './l4.ts';

const HSI16 = 16_000_000;
const MSIS = 4_000_000;
const HSI64 = 64_000_000;
const CSI = 4_000_000;

const names = (from: number, list: string): [number, string][] =>
  list.split(' ').map((name, index) => [from + 4 * index, name]);

/** What both families have at the same place (RM0456 §11.8, RM0481 §11.8). */
const SHARED: RccSpec['registers'] = [
  [0x1c, 'CFGR1'],
  [0x20, 'CFGR2'],
  [0x28, 'PLL1CFGR'],
  [0x2c, 'PLL2CFGR'],
  [0x30, 'PLL3CFGR'],
  [0x34, 'PLL1DIVR', 0x0101_0280],
  [0x38, 'PLL1FRACR'],
  [0x3c, 'PLL2DIVR', 0x0101_0280],
  [0x40, 'PLL2FRACR'],
  [0x44, 'PLL3DIVR', 0x0101_0280],
  [0x48, 'PLL3FRACR'],
  ...names(0x50, 'CIER CIFR CICR'),
  [0x60, 'AHB1RSTR'],
  [0x7c, 'APB2RSTR'],
  [0x80, 'APB3RSTR'],
  [0x88, 'AHB1ENR', 0xd000_0100],
  [0xa4, 'APB2ENR'],
  [0xa8, 'APB3ENR'],
  [0xf0, 'BDCR'],
  [0x110, 'SECCFGR'],
  [0x114, 'PRIVCFGR'],
];

const PLL1_ON: ClockOscillator = ['CR', 24];

/** @param oscillators as the clock switch counts them; the source of PLL1 counts them from 1 */
const drivingOf =
  (oscillators: readonly ClockOscillator[]): RccSpec['driving'] =>
  (get, source) => {
    if (source < 3) return oscillators.slice(source, source + 1);
    const behindPll = oscillators[(get('PLL1CFGR') & 3) - 1];
    return [PLL1_ON, ...(behindPll ? [behindPll] : [])];
  };

const U5_RCC: RccSpec = {
  start: 0x4602_0c00,
  registers: [
    ...SHARED,
    [0x00, 'CR', 0x35],
    ...names(0x08, 'ICSCR1 ICSCR2 ICSCR3 CRRCR'),
    [0x24, 'CFGR3'],
    ...names(0x64, 'AHB2RSTR1 AHB2RSTR2 AHB3RSTR'),
    ...names(0x74, 'APB1RSTR1 APB1RSTR2'),
    [0x8c, 'AHB2ENR1', 0xc000_0000],
    [0x90, 'AHB2ENR2'],
    [0x94, 'AHB3ENR', 0x8000_0000],
    ...names(0x9c, 'APB1ENR1 APB1ENR2'),
    ...names(0xe0, 'CCIPR1 CCIPR2 CCIPR3'),
    [0xf4, 'CSR'],
  ],
  ready: [
    ['CR', 0, 2],
    ['CR', 4, 5],
    ['CR', 8, 10],
    ['CR', 12, 13],
    ['CR', 14, 15],
    ['CR', 16, 17],
    ['CR', 24, 25],
    ['CR', 26, 27],
    ['CR', 28, 29],
    ['BDCR', 0, 1],
    ['BDCR', 26, 27],
  ],
  clockSwitch: { register: 'CFGR1', mask: 3, shift: 2 },
  driving: drivingOf([
    ['CR', 0],
    ['CR', 8],
    ['CR', 16],
  ]),
  clock(get, hse) {
    const config = get('PLL1CFGR');
    const divr = get('PLL1DIVR');
    const input = [0, MSIS, HSI16, hse][config & 3] ?? 0;
    const vco = (input / (((config >>> 8) & 15) + 1)) * ((divr & 511) + 1);
    const sources = [
      { source: 'MSIS', hz: MSIS },
      { source: 'HSI16', hz: HSI16 },
      { source: 'HSE', hz: hse },
      { source: 'PLL1', hz: vco / (((divr >>> 24) & 127) + 1) },
    ];
    const { source, hz } = sources[get('CFGR1') & 3] ?? { source: 'MSIS', hz: MSIS };
    return { source, hz: dividedByAhb(hz, get('CFGR2') & 15) };
  },
  flags: { register: 'CSR', clear: 23, power: 27, pin: 26, software: 28, watchdog: 29, 'option bytes': 25 },
  resets: [
    ...Array.from('ABCDEFGHI').map((letter, index) => ['AHB2RSTR1', index, `GPIO${letter}`] as const),
    ['APB3RSTR', 1, 'SYSCFG'],
  ],
  backup: ['BDCR'],
};

const H5_RCC: RccSpec = {
  start: 0x4402_0c00,
  registers: [
    ...SHARED,
    [0x00, 'CR', 0x2b],
    [0x10, 'HSICFGR', 0x0040_0000],
    [0x14, 'CRRCR'],
    [0x18, 'CSICFGR', 0x0020_0000],
    ...names(0x64, 'AHB2RSTR'),
    [0x6c, 'AHB4RSTR'],
    ...names(0x74, 'APB1LRSTR APB1HRSTR'),
    [0x8c, 'AHB2ENR', 0xc000_0000],
    [0x94, 'AHB4ENR'],
    ...names(0x9c, 'APB1LENR APB1HENR'),
    ...names(0xd8, 'CCIPR1 CCIPR2 CCIPR3 CCIPR4 CCIPR5'),
    [0xf4, 'RSR'],
  ],
  ready: [
    ['CR', 0, 1],
    ['CR', 8, 9],
    ['CR', 12, 13],
    ['CR', 16, 17],
    ['CR', 24, 25],
    ['CR', 26, 27],
    ['CR', 28, 29],
    ['BDCR', 0, 1],
    ['BDCR', 26, 27],
  ],
  clockSwitch: { register: 'CFGR1', mask: 3, shift: 3 },
  driving: drivingOf([
    ['CR', 0],
    ['CR', 8],
    ['CR', 16],
  ]),
  clock(get, hse) {
    const hsi = HSI64 / (1 << ((get('CR') >>> 3) & 3));
    const config = get('PLL1CFGR');
    const divr = get('PLL1DIVR');
    const input = [0, hsi, CSI, hse][config & 3] ?? 0;
    const vco = (input / Math.max(1, (config >>> 8) & 63)) * ((divr & 511) + 1);
    const sources = [
      { source: 'HSI', hz: hsi },
      { source: 'CSI', hz: CSI },
      { source: 'HSE', hz: hse },
      { source: 'PLL1', hz: vco / (((divr >>> 9) & 127) + 1) },
    ];
    const { source, hz } = sources[get('CFGR1') & 3] ?? { source: 'HSI', hz: hsi };
    return { source, hz: dividedByAhb(hz, get('CFGR2') & 15) };
  },
  flags: { register: 'RSR', clear: 23, power: 27, pin: 26, software: 28, watchdog: 29, 'option bytes': 26 },
  resets: [
    ...Array.from('ABCDEFGHI').map((letter, index) => ['AHB2RSTR', index, `GPIO${letter}`] as const),
    ['APB3RSTR', 1, 'SBS'],
  ],
  backup: ['BDCR'],
};

const ports = (start: number, enable: string, letters: string): ChipFacts['ports'] => ({
  letters,
  start,
  enable: [enable, 0],
  moder: { A: 0xabff_ffff, B: 0xffff_febf },
  moderElsewhere: 0xffff_ffff,
  ospeedr: { A: 0x0800_0000, B: 0x80 },
  pupdr: { A: 0x6400_0000, B: 0x100 },
});

/** OPTR and the addresses to boot from (RM0456 §7.9.13 to §7.9.15). */
const U5_OPTIONS = [
  [0x40, 'OPTR', 0x1fef_f8aa],
  [0x44, 'NSBOOTADD0R', 0x0800_007f],
  [0x48, 'NSBOOTADD1R', 0x0bf9_007f],
  [0x4c, 'SECBOOTADD0R', 0x0c00_007c],
  [0x58, 'WRP1AR', 0x8000_ffff],
  [0x5c, 'WRP1BR', 0x8000_ffff],
  [0x68, 'WRP2AR', 0x8000_ffff],
  [0x6c, 'WRP2BR', 0x8000_ffff],
  [0x50, 'SECWM1R1', 0xff80_ffff],
  [0x54, 'SECWM1R2', 0x0f00_0f00],
  [0x60, 'SECWM2R1', 0xff80_ffff],
  [0x64, 'SECWM2R2', 0x0f00_0f00],
] as const;

/** RM0456 §75.12, RM0481 §59.12. */
export const M33_FREEZES = [
  [0x08, 'APB1LFZR'],
  [0x0c, 'APB1HFZR'],
  [0x10, 'APB2FZR'],
  [0x14, 'APB3FZR'],
  [0x20, 'AHB1FZR'],
  [0x28, 'AHB3FZR'],
] as const;

export const STM32U585: ChipFacts = {
  name: 'STM32U585',
  core: 'm33',
  interrupts: 126,
  cells: banks(U5_CELLS, [[128, 8 * KB]], [[128, 8 * KB]]),
  ram: [
    [0x2000_0000, 768 * KB],
    [0x2800_0000, 16 * KB],
  ],
  systemMemory: [[0x0bf9_0000, 64 * KB]],
  romVectors: 0x0bf9_0000,
  romStack: 0x2000_4000,
  aliasAtZero: false,
  options: { initial: optionWords(U5_OPTIONS) },
  // nSWBOOT0 26 and nBOOT0 27 of OPTR (RM0456 §4.1).
  boot({ boot0, options }) {
    const high = (options[3] ?? 0) & 4 ? boot0 : ((options[3] ?? 0) & 8) === 0;
    const view = new DataView(options.buffer, options.byteOffset);
    return (view.getUint32(high ? 8 : 4, true) & ~0x7f) >>> 0;
  },
  controller: (port) =>
    createL4Flash(port, {
      acr: 1,
      at: { keyr: 0x08, optkeyr: 0x10, sr: 0x20, cr: 0x28 },
      optionRegisters: U5_OPTIONS,
      others: [
        [0x30, 'ECCR'],
        [0x34, 'OPSR'],
        [0x18, 'PDKEY1R'],
        [0x1c, 'PDKEY2R'],
      ],
      unit: 16,
      pageMask: 0x7f,
      bank2: { bit: 11, pages: 128 },
    }),
  rcc: U5_RCC,
  ports: ports(0x4202_0000, 'AHB2ENR1', 'ABCDEFGHI'),
  plain: [
    {
      name: 'SYSCFG',
      start: 0x4600_0400,
      enable: ['APB3ENR', 1],
      registers: names(0x00, 'SECCFGR CFGR1 FPUIMR CNSLCKR CSLCKR CFGR2 MESR'),
    },
    {
      name: 'PWR',
      start: 0x4602_0800,
      enable: ['AHB3ENR', 2],
      registers: names(
        0x00,
        'CR1 CR2 CR3 VOSR SVMCR WUCR1 WUCR2 WUCR3 BDCR1 BDCR2 DBPR UCPDR SECCFGR PRIVCFGR SR SVMSR BDSR WUSR WUSCR',
      ),
    },
    rtc(0x4600_7800, 0),
    {
      name: 'TAMP',
      start: 0x4600_7c00,
      backup: true,
      registers: [[0x00, 'CR1', 0xffff_0000], [0x04, 'CR2'], ...backupRegisters(0x100, 32)],
    },
    {
      name: 'ICACHE',
      start: 0x4003_0400,
      registers: [
        [0x00, 'CR', 4],
        [0x04, 'SR', 1],
        [0x08, 'IER'],
        [0x0c, 'FCR'],
      ],
    },
  ],
  watchdog: { start: 0x4000_3000, lsiHz: 32_000, windowed: true },
  dbgmcu: { start: 0xe004_4000, idcode: 0x2001_6482, freezes: M33_FREEZES },
  flashSizeAt: 0x0bfa_07a0,
  uidAt: 0x0bfa_0700,
};

type StatusOptions = H7FlashOptions['optionRegisters'];

/** _CUR and _PRG of each; in WRPSG of both banks a 0 protects a group (RM0481 §7.11; embassy-rs/stm32-data flash_h5). */
export const H5_OPTIONS: StatusOptions = [
  [0x50, 0x54, 'OPTSR', 0x2d30_edf8],
  [0x80, 0x84, 'NSBOOTR', 0x0800_00c3],
  [0x70, 0x74, 'OPTSR2', 0xc300_0034],
  [0xe8, 0xec, 'WRP1R', 0xffff_ffff],
  [0x1e8, 0x1ec, 'WRP2R', 0xffff_ffff],
  // No secure sectors: the first lies after the last. That a new chip has these very values is a guess.
  [0xe0, 0xe4, 'SECWM1R', 0x0000_007f],
  [0x1e0, 0x1e4, 'SECWM2R', 0x0000_007f],
];

/** The flash of H5, and of C5 with its own options. */
export const h5Flash =
  (optionRegisters: StatusOptions, sectorsInBank: number): ChipFacts['controller'] =>
  (port) =>
    createH7Flash(port, {
      start: 0x4002_2000,
      acr: 0x13,
      unit: 16,
      bits: { force: 4, start: 5, sector: 6, sectorMask: 0x7f },
      sectorsInBank,
      sets: [{ keyr: 0x04, cr: 0x28, sr: 0x20, ccr: 0x30 }],
      bankSelect: 31,
      massErase: 15,
      optkeyr: 0x0c,
      optcr: 0x1c,
      optionRegisters,
      others: [[0x18, 'OPSR']],
    });

export const STM32H563: ChipFacts = {
  name: 'STM32H563',
  core: 'm33',
  interrupts: 131,
  cells: banks({ ...H5_CELLS, beside: [H5_OTP] }, [[128, 8 * KB]], [[128, 8 * KB]]),
  ram: [[0x2000_0000, 640 * KB]],
  systemMemory: [[0x0bf9_7000, 0x9000]],
  romVectors: 0x0bf9_7000,
  romStack: 0x2000_4000,
  aliasAtZero: false,
  options: { initial: optionWords(H5_OPTIONS.map(([at, , name, initial]) => [at, name, initial] as const)) },
  // RM0481 §4.1: NSBOOTADD is the upper 24 bits of NSBOOTR.
  boot({ boot0, options }) {
    const view = new DataView(options.buffer, options.byteOffset);
    return boot0 ? 'system' : (view.getUint32(4, true) & ~0xff) >>> 0;
  },
  controller: h5Flash(H5_OPTIONS, 128),
  rcc: H5_RCC,
  ports: ports(0x4202_0000, 'AHB2ENR', 'ABCDEFGHI'),
  plain: [
    {
      name: 'SBS',
      start: 0x4400_0400,
      enable: ['APB3ENR', 1],
      registers: [
        [0x10, 'HDPLCR'],
        [0x14, 'HDPLSR'],
        [0x100, 'PMCR'],
        [0x104, 'FPUIMR'],
        [0x108, 'MESR'],
        [0x110, 'CCCSR'],
        [0x144, 'CNSLCKR'],
        [0x14c, 'ECCNMIR'],
      ],
    },
    {
      name: 'PWR',
      start: 0x4402_0800,
      registers: [
        [0x00, 'PMCR'],
        [0x04, 'PMSR'],
        [0x10, 'VOSCR'],
        [0x14, 'VOSSR', 0x2008],
        [0x20, 'BDCR'],
        [0x24, 'DBPCR'],
        [0x28, 'BDSR'],
        [0x2c, 'UCPDR'],
        [0x30, 'SCCR'],
        [0x34, 'VMCR'],
        [0x38, 'USBSCR'],
        [0x3c, 'VMSR'],
      ],
    },
    rtc(0x4400_7800, 0),
    {
      name: 'TAMP',
      start: 0x4400_7c00,
      backup: true,
      registers: [[0x00, 'CR1', 0xffff_0000], [0x04, 'CR2'], ...backupRegisters(0x100, 32)],
    },
    {
      name: 'ICACHE',
      start: 0x4003_0400,
      registers: [
        [0x00, 'CR', 4],
        [0x04, 'SR', 1],
        [0x08, 'IER'],
        [0x0c, 'FCR'],
      ],
    },
  ],
  watchdog: { start: 0x4000_3000, lsiHz: 32_000, windowed: true },
  dbgmcu: { start: 0x4402_4000, idcode: 0x1001_6484, freezes: M33_FREEZES },
  flashSizeAt: 0x08ff_f80c,
  uidAt: 0x08ff_f800,
};
