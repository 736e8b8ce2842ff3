/**
 * What the chips of these tests have at which address, by their reference manuals: written a second time, so that the
 * generated code is not held against its own facts.
 */
import type { CoreName } from '@sureflash/virtual';

/** Offset in RCC and bit. */
export type ClockBit = readonly [offset: number, bit: number];

export interface Rcc {
  readonly base: number;
  readonly reset: Readonly<Record<number, number>>;
  /** In CR: bit that turns on, bit that says ready. */
  readonly ready: readonly (readonly [on: number, ready: number])[];
  /** CFGR: where SW and SWS are, and which bit of CR each value of SW needs. */
  readonly select?: {
    readonly at: number;
    readonly bits: number;
    readonly sws: number;
    readonly needs: Readonly<Record<number, number>>;
  };
  /** Registers whose bits 23–16 only clear flags. */
  readonly clears?: readonly number[];
  /** Registers that read as 0. */
  readonly writeOnly?: readonly number[];
}

export interface Family {
  readonly core: CoreName;
  readonly hz: number;
  readonly rcc: Rcc;
  readonly syscfg?: {
    readonly base: number;
    readonly at: number;
    readonly mask: number;
    readonly clock?: ClockBit;
    readonly reset?: ClockBit;
  };
  readonly gpio: {
    readonly base: number;
    readonly kind: 'crl' | 'moder';
    readonly ports: number;
    readonly clock: ClockBit;
    /** Of MODER, or CRL and CRH. */
    readonly mode: number;
    readonly reset?: ClockBit;
  };
  readonly dma?: {
    readonly base: number;
    readonly first: number;
    readonly step: number;
    readonly channels: number;
    readonly clock: ClockBit;
    readonly reset?: ClockBit;
  };
  readonly flash: { readonly base: number; readonly reset: Readonly<Record<number, number>> };
  readonly hasWatchdog: boolean;
  /** What an application does to run from the PLL with everything on: C statements. */
  readonly running?: string;
}

const P = (address: number, set: number): string =>
  `*(volatile unsigned *)0x${address.toString(16)}u |= 0x${(set >>> 0).toString(16)}u;`;
const W = (address: number, mask: number, value: number): string =>
  `while ((*(volatile unsigned *)0x${address.toString(16)}u & 0x${(mask >>> 0).toString(16)}u) != 0x${value.toString(16)}u) {}`;

const zeros = (offsets: readonly number[]): Record<number, number> => Object.fromEntries(offsets.map((at) => [at, 0]));

const OLD_READY = [
  [0, 1],
  [16, 17],
  [24, 25],
] as const;
const OLD_NEEDS = { 0: 0, 1: 16, 2: 24 };

/** RM0008 §8.3.12, RM0091 §6.4, RM0316 §9.4 */
const oldRcc = (more: readonly number[], ready: Rcc['ready'] = OLD_READY): Rcc => ({
  base: 0x4002_1000,
  reset: {
    ...zeros([0x04, 0x08, 0x0c, 0x10, 0x18, 0x1c, 0x20, 0x28, 0x2c, ...more]),
    0: 0x83,
    20: 0x14,
    36: 0x0c00_0000,
  },
  ready,
  select: { at: 0x04, bits: 2, sws: 2, needs: OLD_NEEDS },
  clears: [0x08],
});

const runOld = (port: readonly [number, number]): string =>
  [
    P(0x4002_2000, 2),
    P(0x4002_1000, 0x0100_0000),
    W(0x4002_1000, 0x0200_0000, 0x0200_0000),
    P(0x4002_1004, 2),
    W(0x4002_1004, 0xc, 0x8),
    P(0x4002_1014, 1),
    P(port[0], port[1]),
    P(0x4002_1008, 0x1f00),
    P(0x4002_0008, 1),
    P(0x4002_0008 + 20 * 4, 1),
  ].join('\n');

const OLD_FLASH = { base: 0x4002_2000, reset: { 0: 0x30, 4: 0, 8: 0, 12: 0, 16: 0x80, 20: 0, 28: 0, 32: 0 } };
const OLD_DMA = { base: 0x4002_0000, first: 8, step: 20, channels: 7, clock: [0x14, 0] } as const;

const F1: Family = {
  core: 'm3',
  hz: 8e6,
  rcc: oldRcc([], [...OLD_READY, [26, 27], [28, 29]]),
  gpio: { base: 0x4001_0800, kind: 'crl', ports: 5, clock: [0x18, 2], mode: 0x4444_4444, reset: [0x0c, 2] },
  dma: OLD_DMA,
  flash: OLD_FLASH,
  hasWatchdog: true,
  running: runOld([0x4002_1018, 4]),
};

const F0: Family = {
  core: 'm0',
  hz: 8e6,
  rcc: { ...oldRcc([0x30]), reset: { ...oldRcc([0x30]).reset, 52: 0x80 } },
  syscfg: { base: 0x4001_0000, at: 0, mask: 3, clock: [0x18, 0], reset: [0x0c, 0] },
  gpio: { base: 0x4800_0000, kind: 'moder', ports: 6, clock: [0x14, 17], mode: 0, reset: [0x28, 17] },
  dma: OLD_DMA,
  flash: OLD_FLASH,
  hasWatchdog: true,
  running: runOld([0x4002_1014, 1 << 17]),
};

const F3: Family = { ...F0, core: 'm4', rcc: oldRcc([0x30]) };

/** RM0090 §7.3, RM0385 §5.3 */
const f4Rcc = (ahb1: number): Rcc => ({
  base: 0x4002_3800,
  reset: {
    ...zeros([0x08, 0x0c, 0x10, 0x14, 0x18, 0x20, 0x24, 0x34, 0x38, 0x40, 0x44, 0x70]),
    0: 0x83,
    4: 0x2400_3010,
    48: ahb1,
    116: 0x0e00_0000,
  },
  ready: [...OLD_READY, [26, 27], [28, 29]],
  select: { at: 0x08, bits: 2, sws: 2, needs: OLD_NEEDS },
  clears: [0x0c],
});

const f4 = (core: CoreName, ahb1: number): Family => ({
  core,
  hz: 16e6,
  rcc: f4Rcc(ahb1),
  syscfg: { base: 0x4001_3800, at: 0, mask: 3, clock: [0x44, 14], reset: [0x24, 14] },
  gpio: { base: 0x4002_0000, kind: 'moder', ports: 9, clock: [0x30, 0], mode: 0, reset: [0x10, 0] },
  dma: { base: 0x4002_6000, first: 0x10, step: 24, channels: 8, clock: [0x30, 21], reset: [0x10, 21] },
  flash: { base: 0x4002_3c00, reset: { 0: 0, 4: 0, 8: 0, 12: 0, 16: 0x8000_0000, 20: 0x0fff_aaed } },
  hasWatchdog: true,
  running: [
    P(0x4002_3c00, 0x705),
    P(0x4002_3800, 0x0100_0000),
    W(0x4002_3800, 0x0200_0000, 0x0200_0000),
    P(0x4002_3808, 2),
    W(0x4002_3808, 0xc, 0x8),
    P(0x4002_3830, 0x20_0001),
    P(0x4002_380c, 0x1f00),
    P(0x4002_6010, 1),
    P(0x4002_6010 + 24 * 5, 1),
  ].join('\n'),
});

const { syscfg: _remapsNothing, ...F7_CLOCKS } = f4('m7', 0x0010_0000);
const F7: Family = {
  ...F7_CLOCKS,
  flash: { base: 0x4002_3c00, reset: { 0: 0, 4: 0, 8: 0, 12: 0, 16: 0x8000_0000, 20: 0xffff_aaed } },
};

/** RM0038 §6.3 */
const L1: Family = {
  core: 'm3',
  hz: 2.097e6,
  rcc: {
    base: 0x4002_3800,
    reset: { ...zeros([0x08, 0x0c, 0x10, 0x14, 0x18, 0x20, 0x24]), 0: 0x300, 4: 0xb000, 28: 0x8000, 52: 0x0c00_0000 },
    ready: [
      [0, 1],
      [8, 9],
      [16, 17],
      [24, 25],
    ],
    select: { at: 0x08, bits: 2, sws: 2, needs: { 0: 8, 1: 0, 2: 16, 3: 24 } },
    clears: [0x0c],
  },
  syscfg: { base: 0x4001_0000, at: 0, mask: 3, clock: [0x20, 0], reset: [0x14, 0] },
  gpio: { base: 0x4002_0000, kind: 'moder', ports: 8, clock: [0x1c, 0], mode: 0, reset: [0x10, 0] },
  dma: { base: 0x4002_6000, first: 8, step: 20, channels: 7, clock: [0x1c, 24], reset: [0x10, 24] },
  flash: { base: 0x4002_3c00, reset: { ...zeros([0x00, 0x08, 0x0c, 0x10, 0x14, 0x18]), 4: 7, 28: 0x00ff_00aa } },
  hasWatchdog: true,
  running: [
    P(0x4002_3c00, 1),
    P(0x4002_3800, 0x0100_0001),
    W(0x4002_3800, 0x0200_0002, 0x0200_0002),
    P(0x4002_3808, 3),
    W(0x4002_3808, 0xc, 0xc),
    P(0x4002_381c, 0x0100_0001),
    P(0x4002_6008, 1),
  ].join('\n'),
};

/** RM0351 §6.4, RM0440 §7.4 */
const L4_OFFSETS = [
  0x18, 0x1c, 0x20, 0x28, 0x2c, 0x30, 0x38, 0x3c, 0x40, 0x4c, 0x50, 0x58, 0x5c, 0x60, 0x88, 0x90, 0x98,
];
const PAGE_FLASH = { ...zeros([0x04, 0x08, 0x0c, 0x10, 0x18]), 0: 0x600, 20: 0xc000_0000, 32: 0xffef_f8aa };
const runPage = (pll: readonly [number, number]): string =>
  [
    P(0x4002_2000, 4),
    P(0x4002_1000, 0x0100_0100),
    W(0x4002_1000, 0x0200_0400, 0x0200_0400),
    P(0x4002_1008, 3),
    W(0x4002_1008, pll[0], pll[1]),
    P(0x4002_1018, 0x3),
  ].join('\n');

const L4: Family = {
  core: 'm4',
  hz: 4e6,
  rcc: {
    base: 0x4002_1000,
    reset: {
      ...zeros(L4_OFFSETS),
      0: 0x63,
      4: 0x1000_0000,
      8: 0,
      12: 0x1000,
      16: 0x1000,
      20: 0x1000,
      72: 0x100,
      148: 0x0c00_0600,
    },
    ready: [
      [0, 1],
      [8, 10],
      [16, 17],
      [24, 25],
      [26, 27],
      [28, 29],
    ],
    select: { at: 0x08, bits: 2, sws: 2, needs: { 0: 0, 1: 8, 2: 16, 3: 24 } },
    writeOnly: [0x20],
  },
  syscfg: { base: 0x4001_0000, at: 0, mask: 7, clock: [0x60, 0], reset: [0x40, 0] },
  gpio: { base: 0x4800_0000, kind: 'moder', ports: 9, clock: [0x4c, 0], mode: 0xffff_ffff, reset: [0x2c, 0] },
  dma: { base: 0x4002_0000, first: 8, step: 20, channels: 7, clock: [0x48, 0], reset: [0x28, 0] },
  flash: { base: 0x4002_2000, reset: PAGE_FLASH },
  hasWatchdog: true,
  running: [runPage([0xc, 0xc]), P(0x4002_104c, 1), P(0x4002_1048, 1), P(0x4002_0008, 1)].join('\n'),
};

const G4: Family = {
  ...L4,
  hz: 16e6,
  rcc: {
    ...L4.rcc,
    reset: {
      ...zeros(L4_OFFSETS),
      0: 0x500,
      4: 0x4000_0000,
      8: 0x5,
      12: 0x1000,
      72: 0x100,
      88: 0x400,
      148: 0x0c00_0000,
    },
    ready: [
      [8, 10],
      [16, 17],
      [24, 25],
    ],
    select: { at: 0x08, bits: 2, sws: 2, needs: { 1: 8, 2: 16, 3: 24 } },
  },
};

/** RM0444 §5.4 */
const G0: Family = {
  core: 'm0+',
  hz: 16e6,
  rcc: {
    base: 0x4002_1000,
    reset: {
      ...zeros([0x08, 0x18, 0x1c, 0x20, 0x24, 0x28, 0x2c, 0x30, 0x34, 0x3c, 0x40, 0x54, 0x60]),
      0: 0x500,
      4: 0x4000,
      12: 0x1000,
      56: 0x100,
    },
    ready: [
      [8, 10],
      [16, 17],
      [22, 23],
      [24, 25],
    ],
    select: { at: 0x08, bits: 3, sws: 3, needs: { 0: 8, 1: 16, 2: 24 } },
    writeOnly: [0x20],
  },
  syscfg: { base: 0x4001_0000, at: 0, mask: 3, clock: [0x40, 0], reset: [0x30, 0] },
  gpio: { base: 0x5000_0000, kind: 'moder', ports: 6, clock: [0x34, 0], mode: 0xffff_ffff, reset: [0x24, 0] },
  dma: { base: 0x4002_0000, first: 8, step: 20, channels: 7, clock: [0x38, 0], reset: [0x28, 0] },
  flash: { base: 0x4002_2000, reset: PAGE_FLASH },
  hasWatchdog: true,
  running: [
    P(0x4002_2000, 2),
    P(0x4002_1000, 0x0100_0000),
    W(0x4002_1000, 0x0200_0000, 0x0200_0000),
    P(0x4002_1008, 2),
    W(0x4002_1008, 0x38, 0x10),
    P(0x4002_1018, 3),
    P(0x4002_1034, 1),
    P(0x4002_1038, 1),
    P(0x4002_0008, 1),
  ].join('\n'),
};

/** What families that leave through a reset are asked for: a port clock, a port, options. */
const thin = (
  { core, hz }: { readonly core: CoreName; readonly hz: number },
  rcc: readonly [base: number, at: number],
  gpio: number,
  flash: Family['flash'],
): Family => ({
  core,
  hz,
  rcc: { base: rcc[0], reset: { [rcc[1]]: 0 }, ready: [] },
  gpio: { base: gpio, kind: 'moder', ports: 8, clock: [rcc[1], 0], mode: 0xffff_ffff },
  flash,
  hasWatchdog: false,
});

const H7_FLASH = {
  base: 0x5200_2000,
  reset: { ...zeros([0x04, 0x08, 0x10, 0x14, 0x104, 0x110, 0x114]), 0: 0x37, 12: 0x31, 268: 0x31, 28: 0x13c6_aaf0 },
};
const FREE = {
  base: 0x4002_2000,
  reset: { ...zeros([0x08, 0x20, 0x30]), 0: 1, 40: 0xc000_0000, 64: 0x1fef_f8aa, 80: 0x0001_edf8 },
};

const IOP = { 52: 0, 64: 0 };

/** By id of the chip table's row. */
export const FAMILIES: Readonly<Record<string, Family>> = {
  stm32f105: F1,
  stm32f072: F0,
  stm32f303xc: F3,
  stm32f205: f4('m3', 0),
  stm32f405: f4('m4', 0x0010_0000),
  stm32f446: f4('m4', 0),
  stm32f427: f4('m4', 0x0010_0000),
  stm32f767: F7,
  stm32l152xc: L1,
  stm32l152xe: L1,
  stm32l476: L4,
  stm32g0b1: G0,
  stm32g431: G4,
  stm32c071: {
    ...thin({ core: 'm0+', hz: 12e6 }, [0x4002_1000, 0x34], 0x5000_0000, G0.flash),
    rcc: { base: 0x4002_1000, reset: IOP, ready: [] },
    syscfg: { base: 0x4001_0000, at: 0, mask: 3, clock: [0x40, 0] },
  },
  stm32wb55: {
    ...thin({ core: 'm4', hz: 4e6 }, [0x5800_0000, 0x4c], 0x4800_0000, { base: 0x5800_4000, reset: PAGE_FLASH }),
    syscfg: { base: 0x4001_0000, at: 0, mask: 7 },
  },
  stm32h743: thin({ core: 'm7', hz: 64e6 }, [0x5802_4400, 0xe0], 0x5802_0000, H7_FLASH),
  stm32l552: thin({ core: 'm33', hz: 4e6 }, [0x4002_1000, 0x4c], 0x4202_0000, FREE),
  stm32u575: thin({ core: 'm33', hz: 4e6 }, [0x4602_0c00, 0x8c], 0x4202_0000, FREE),
  stm32h563: thin({ core: 'm33', hz: 32e6 }, [0x4402_0c00, 0x8c], 0x4202_0000, FREE),
};
