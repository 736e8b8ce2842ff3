/** The probes that ST sells, as data: what they are on USB, which clocks they make, how fast they are. No behaviour. */

export type StLinkName = 'v2' | 'v2-1' | 'v2-1-no-msd' | 'v3e' | 'v3set' | 'v3minie' | 'v3pwr';

/** A clock of SWD, and the number that selects it where there is one (V2: divisors, V3: kHz). */
export interface SwdClock {
  readonly khz: number;
  readonly divisor: number;
}

export interface StLinkModel {
  readonly name: StLinkName;
  readonly generation: 2 | 3;
  readonly productId: number;
  readonly product: string;
  readonly speed: 'full' | 'high';
  /** Endpoint addresses of the debug interface: replies, commands, trace. */
  readonly endpoints: { readonly in: number; readonly out: number; readonly trace: number };
  readonly hasMassStorage: boolean;
  readonly hasComPort: boolean;
  readonly hasBridge: boolean;
  /** F5's answer when it has just been plugged in: 0 DFU, 1 mass storage. */
  readonly modeAtStart: 0 | 1;
  readonly milliamps: number;
  /** Version that it has here unless told otherwise, as ST prints it. */
  readonly firmware: string;
  readonly clocks: readonly SwdClock[];
  readonly defaultKhz: number;
  readonly pace: ProbePace;
}

/** Time that a probe takes, beside that of the bus and of SWD's clock, in ms. */
export interface ProbePace {
  /** To look at a command and make its answer. */
  readonly commandMs: number;
  /** Between two transactions on SWD. */
  readonly gapMs: number;
}

/** OpenOCD's, pyOCD's and stlink's tables of F2 43, which agree; the clock of divisor 0 is 4 MHz to all but probe-rs. */
const V2_CLOCKS: readonly SwdClock[] = [
  { khz: 4000, divisor: 0 },
  { khz: 1800, divisor: 1 },
  { khz: 1200, divisor: 2 },
  { khz: 950, divisor: 3 },
  { khz: 480, divisor: 7 },
  { khz: 240, divisor: 15 },
  { khz: 125, divisor: 31 },
  { khz: 100, divisor: 40 },
  { khz: 50, divisor: 79 },
  { khz: 25, divisor: 158 },
  { khz: 15, divisor: 265 },
  { khz: 5, divisor: 798 },
];
/** UM2448: SWD up to 24 MHz; the list is what OpenOCD prints of a V3. */
const V3_CLOCKS: readonly SwdClock[] = [24_000, 8_000, 3_300, 1_000, 200, 50, 5].map((khz) => ({ khz, divisor: khz }));

/**
 * Derived. Gap: V2J46 reads 150–159 KB/s at 4 MHz (public build logs), which is 22.5 µs a word without the bus, of which
 * 46 clocks are 11.5 µs; with it 128 KB at 950 kHz read at 56 KB/s, and OpenOCD prints 50.4 KiB/s. Command: st-flash
 * writes a G070 by 65,536 commands in 11 s.
 */
const V2_PACE: ProbePace = { commandMs: 0.05, gapMs: 0.011 };
/** Guesses: no figure of a V3 could be had; its controller has three times the clock and SWD runs from a serial port. */
const V3_PACE: ProbePace = { commandMs: 0.02, gapMs: 0.001 };

const V2 = {
  generation: 2,
  product: 'STM32 STLink',
  speed: 'full',
  endpoints: { in: 0x81, out: 0x01, trace: 0x82 },
  hasMassStorage: true,
  hasComPort: true,
  hasBridge: false,
  modeAtStart: 1,
  milliamps: 300,
  firmware: 'V2J37M27',
  clocks: V2_CLOCKS,
  defaultKhz: 1800,
  pace: V2_PACE,
} as const satisfies Partial<StLinkModel>;
const V3 = {
  ...V2,
  generation: 3,
  product: 'STLINK-V3',
  speed: 'high',
  milliamps: 500,
  firmware: 'V3J7M2',
  clocks: V3_CLOCKS,
  defaultKhz: 1000,
  pace: V3_PACE,
} as const satisfies Partial<StLinkModel>;

/** Product ids: the tables of OpenOCD, stlink, pyOCD and probe-rs. */
export const stLinkModels: readonly StLinkModel[] = [
  {
    ...V2,
    name: 'v2',
    productId: 0x3748,
    endpoints: { in: 0x81, out: 0x02, trace: 0x83 },
    hasMassStorage: false,
    hasComPort: false,
    modeAtStart: 0,
    milliamps: 100,
    firmware: 'V2J37S7',
  },
  { ...V2, name: 'v2-1', productId: 0x374b },
  { ...V2, name: 'v2-1-no-msd', productId: 0x3752, hasMassStorage: false },
  { ...V3, name: 'v3e', productId: 0x374e },
  { ...V3, name: 'v3set', productId: 0x374f, hasBridge: true, firmware: 'V3J7M2B4' },
  { ...V3, name: 'v3minie', productId: 0x3754, hasMassStorage: false, firmware: 'V3J8M3' },
  { ...V3, name: 'v3pwr', productId: 0x3757, hasMassStorage: false, product: 'STLINK-V3PWR', firmware: 'V3J13M4B5P2' },
];
