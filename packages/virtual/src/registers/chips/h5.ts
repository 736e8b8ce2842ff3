/** STM32H563 with TrustZone off (RM0481, AN2606), and the flash of its family: the non-secure registers alone. */
import type { ChipFacts } from '../chip.ts';
import { createH7Flash } from '../flash-h7.ts';
import type { H7FlashOptions } from '../flash-h7-operations.ts';
import { dividedByAhb, type RccSpec } from '../rcc.ts';
import { backupRegisters, banks, H5_CELLS, H5_OTP, KB, registerRow, rtc } from './cells.ts';
import { optionWords } from './l4.ts';
import { M33_FREEZES, M33_ICACHE, M33_RCC_REGISTERS, m33Driving, m33Ports } from './m33.ts';

const HSI64 = 64_000_000;
const CSI = 4_000_000;

const H5_RCC: RccSpec = {
  start: 0x4402_0c00,
  registers: [
    ...M33_RCC_REGISTERS,
    [0x00, 'CR', 0x2b],
    [0x10, 'HSICFGR', 0x0040_0000],
    [0x14, 'CRRCR'],
    [0x18, 'CSICFGR', 0x0020_0000],
    ...registerRow(0x64, 'AHB2RSTR'),
    [0x6c, 'AHB4RSTR'],
    ...registerRow(0x74, 'APB1LRSTR APB1HRSTR'),
    [0x8c, 'AHB2ENR', 0xc000_0000],
    [0x94, 'AHB4ENR'],
    ...registerRow(0x9c, 'APB1LENR APB1HENR'),
    ...registerRow(0xd8, 'CCIPR1 CCIPR2 CCIPR3 CCIPR4 CCIPR5'),
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
  driving: m33Driving([
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
  // RM0481 §7.11: SECBOOTADD is 0x0C0000 and SECBOOT_LOCK is open.
  [0x88, 0x8c, 'SECBOOTR', 0x0c00_00c3],
];
const SETS = {
  'non-secure': { keyr: 0x04, cr: 0x28, sr: 0x20, ccr: 0x30 },
  secure: { keyr: 0x08, cr: 0x2c, sr: 0x24, ccr: 0x34 },
} as const;

/** The flash of H5, and of C5 with its own options. */
export const h5Flash =
  (
    optionRegisters: StatusOptions,
    sectorsInBank: number,
    world: keyof typeof SETS = 'non-secure',
  ): ChipFacts['controller'] =>
  (port) =>
    createH7Flash(port, {
      start: 0x4002_2000,
      acr: 0x13,
      unit: 16,
      bits: { force: 4, start: 5, sector: 6, sectorMask: 0x7f },
      sectorsInBank,
      sets: [SETS[world]],
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
  ports: m33Ports(0x4202_0000, 'AHB2ENR', 'ABCDEFGHI'),
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
    M33_ICACHE,
  ],
  watchdog: { start: 0x4000_3000, lsiHz: 32_000, windowed: true },
  dbgmcu: { start: 0x4402_4000, idcode: 0x1001_6484, freezes: M33_FREEZES },
  flashSizeAt: 0x08ff_f80c,
  uidAt: 0x08ff_f800,
};
