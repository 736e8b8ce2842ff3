/** STM32U585 with TrustZone off (RM0456, AN2606): the non-secure registers alone. */
import type { ChipFacts } from '../chip.ts';
import { createL4Flash } from '../flash-l4.ts';
import { dividedByAhb, type RccSpec } from '../rcc.ts';
import { backupRegisters, banks, KB, registerRow, rtc, U5_CELLS } from './cells.ts';
import { optionWords } from './l4.ts';
import { M33_FREEZES, M33_ICACHE, M33_RCC_REGISTERS, m33Driving, m33Ports } from './m33.ts';

const HSI16 = 16_000_000;
const MSIS = 4_000_000;

const U5_RCC: RccSpec = {
  start: 0x4602_0c00,
  registers: [
    ...M33_RCC_REGISTERS,
    [0x00, 'CR', 0x35],
    ...registerRow(0x08, 'ICSCR1 ICSCR2 ICSCR3 CRRCR'),
    [0x24, 'CFGR3'],
    ...registerRow(0x64, 'AHB2RSTR1 AHB2RSTR2 AHB3RSTR'),
    ...registerRow(0x74, 'APB1RSTR1 APB1RSTR2'),
    [0x8c, 'AHB2ENR1', 0xc000_0000],
    [0x90, 'AHB2ENR2'],
    [0x94, 'AHB3ENR', 0x8000_0000],
    ...registerRow(0x9c, 'APB1ENR1 APB1ENR2'),
    ...registerRow(0xe0, 'CCIPR1 CCIPR2 CCIPR3'),
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
  driving: m33Driving([
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
  ports: m33Ports(0x4202_0000, 'AHB2ENR1', 'ABCDEFGHI'),
  plain: [
    {
      name: 'SYSCFG',
      start: 0x4600_0400,
      enable: ['APB3ENR', 1],
      registers: registerRow(0x00, 'SECCFGR CFGR1 FPUIMR CNSLCKR CSLCKR CFGR2 MESR'),
    },
    {
      name: 'PWR',
      start: 0x4602_0800,
      enable: ['AHB3ENR', 2],
      registers: registerRow(
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
    M33_ICACHE,
  ],
  watchdog: { start: 0x4000_3000, lsiHz: 32_000, windowed: true },
  dbgmcu: { start: 0xe004_4000, idcode: 0x2001_6482, freezes: M33_FREEZES },
  flashSizeAt: 0x0bfa_07a0,
  uidAt: 0x0bfa_0700,
};
