/** The flash controllers as code that runs in the chip sees them: registers, bits and units by family. */
import type { Chip } from '../chip.ts';
import type { Peripheral } from './entry.ts';
import { peripheral } from './registers.ts';

/** How a controller is driven; each kind is one sequence of its reference manual. */
export type ControllerKind = 'half-word' | 'sector' | 'page' | 'word-line' | 'flash-word';

export interface FlashController {
  readonly kind: ControllerKind;
  readonly flash: Peripheral;
  /** CMSIS names of the registers; a controller with two banks of registers has one entry for each. */
  readonly banks: readonly {
    readonly key: string;
    readonly status: string;
    readonly control: string;
    readonly clear?: string;
    /** Takes the address of the page to erase (F0, F1, F3). */
    readonly eraseAddress?: string;
    /** Holds the flags of failures, where the status register does not (H7R, H7S). */
    readonly failures?: string;
  }[];
  /** Bits of the control register. A number field is given by the position of its lowest bit. */
  readonly control: Readonly<Record<string, number>>;
  /** Bits of the status register: what means busy, and what means that an operation failed. */
  readonly busy: number;
  readonly errors: number;
  readonly done: number;
  readonly keys: readonly number[];
  /** Bytes that are programmed at once. */
  readonly unit: number;
  /** Bytes that code in RAM may program at once, from a multiple of them on: a half page (L0, L1). */
  readonly burst?: number;
  /** Control bits of a mass erase, in each set of registers; absent where there is none. */
  readonly mass?: number;
  /** Which cache may still hold what was there before: of the flash interface, of the core, or ICACHE of the M33 parts. */
  readonly cache?: 'interface' | 'core' | 'icache';
  /** ECCR reports words that cannot be corrected, with an NMI; its bit 31 is ECCD. */
  readonly reportsEcc?: boolean;
  readonly source: string;
  readonly guesses?: readonly string[];
}

const KEYS = [0x4567_0123, 0xcdef_89ab] as const;

/** RM0008 §3.3.3 and PM0075, RM0091 §3.5, RM0316 §4.5. */
const HALF_WORD: FlashController = {
  kind: 'half-word',
  flash: peripheral(0x4002_2000, {
    ACR: 0x00,
    KEYR: 0x04,
    OPTKEYR: 0x08,
    SR: 0x0c,
    CR: 0x10,
    AR: 0x14,
    OBR: 0x1c,
    WRPR: 0x20,
  }),
  banks: [{ key: 'KEYR', status: 'SR', control: 'CR', eraseAddress: 'AR' }],
  control: { PG: 0x1, PER: 0x2, STRT: 0x40, LOCK: 0x80 },
  mass: 0x4,
  busy: 0x01,
  errors: 0x14,
  done: 0x20,
  keys: KEYS,
  unit: 2,
  source: 'PM0075 §2.3, §3; RM0091 §3.5; RM0316 §4.5',
};

/** PM0068 §3: the second bank of the XL-density parts has registers of its own. */
const F1_XL: FlashController = {
  ...HALF_WORD,
  flash: peripheral(0x4002_2000, { ...HALF_WORD.flash.registers, KEYR2: 0x44, SR2: 0x4c, CR2: 0x50, AR2: 0x54 }),
  banks: [...HALF_WORD.banks, { key: 'KEYR2', status: 'SR2', control: 'CR2', eraseAddress: 'AR2' }],
  source: 'PM0068 §2.3, §3',
};

const f4 = (cache: 'interface' | 'core', source: string): FlashController => ({
  kind: 'sector',
  flash: peripheral(0x4002_3c00, { ACR: 0x00, KEYR: 0x04, OPTKEYR: 0x08, SR: 0x0c, CR: 0x10, OPTCR: 0x14 }),
  banks: [{ key: 'KEYR', status: 'SR', control: 'CR' }],
  // PSIZE = x32: 2.7 to 3.6 V.
  control: {
    PG: 0x1,
    SER: 0x2,
    SNB: 3,
    SNB_MASK: 0xf8,
    PSIZE_X32: 0x200,
    PSIZE_MASK: 0x300,
    STRT: 0x1_0000,
    LOCK: 0x8000_0000,
  },
  busy: 0x1_0000,
  errors: 0xf2,
  done: 0x01,
  keys: KEYS,
  unit: 4,
  // MER, and MER1 of the second bank where there is one (RM0090 §3.9.9).
  mass: 0x8004,
  cache,
  source,
});

interface PageFacts {
  readonly base?: number;
  readonly registers?: Readonly<Record<string, number>>;
  readonly bank?: FlashController['banks'][number];
  readonly control?: Readonly<Record<string, number>>;
  readonly busy?: number;
  readonly unit?: number;
  readonly cache?: FlashController['cache'];
  readonly source: string;
  readonly guesses?: readonly string[];
}

const registersHaveTwoBanks = (control: PageFacts['control']): boolean => control?.['BKER'] !== 0;

/** RM0351 §3.7 and its like; `control` gives what differs. */
function page({
  base = 0x4002_2000,
  registers,
  bank,
  control,
  busy = 0x1_0000,
  unit = 8,
  cache,
  source,
  guesses,
}: PageFacts): FlashController {
  return {
    kind: 'page',
    flash: peripheral(
      base,
      registers ?? { ACR: 0x00, KEYR: 0x08, OPTKEYR: 0x0c, SR: 0x10, CR: 0x14, ECCR: 0x18, OPTR: 0x20 },
    ),
    banks: [bank ?? { key: 'KEYR', status: 'SR', control: 'CR' }],
    control: { PG: 0x1, PER: 0x2, PNB: 3, PNB_MASK: 0x7f8, BKER: 0x800, STRT: 0x1_0000, LOCK: 0x8000_0000, ...control },
    busy,
    // OPERR, PROGERR, WRPERR, PGAERR, SIZERR, PGSERR, MISERR, FASTERR
    errors: 0x3fa,
    done: 0x01,
    keys: KEYS,
    unit,
    // MER1, and MER2 where there is a second bank.
    mass: registersHaveTwoBanks(control) ? 0x8004 : 0x4,
    ...(cache && { cache }),
    reportsEcc: true,
    source,
    ...(guesses && { guesses }),
  };
}

const NON_SECURE = { ACR: 0x00, NSKEYR: 0x08, NSSR: 0x20, NSCR: 0x28, ECCR: 0x30, OPTR: 0x40 };
const NON_SECURE_BANK = { key: 'NSKEYR', status: 'NSSR', control: 'NSCR' };
const nonSecure = (unit: number, facts: PageFacts): FlashController =>
  page({ registers: NON_SECURE, bank: NON_SECURE_BANK, unit, cache: 'icache', ...facts });

/** RM0376 §3.7, RM0038 §3.9: pages are erased and words written without a number of their own. */
const wordLine = (base: number, burst: number, errors: number, source: string): FlashController => ({
  kind: 'word-line',
  flash: peripheral(base, {
    ACR: 0x00,
    PECR: 0x04,
    PDKEYR: 0x08,
    PEKEYR: 0x0c,
    PRGKEYR: 0x10,
    OPTKEYR: 0x14,
    SR: 0x18,
    OBR: 0x1c,
  }),
  banks: [{ key: 'PEKEYR', status: 'SR', control: 'PECR' }],
  control: { PELOCK: 0x1, PRGLOCK: 0x2, PROG: 0x8, ERASE: 0x200, FPRG: 0x400 },
  busy: 0x01,
  errors,
  done: 0x02,
  // PEKEY1 and 2, PRGKEY1 and 2
  keys: [0x89ab_cdef, 0x0203_0405, 0x8c9d_aebf, 0x1314_1516],
  unit: 4,
  burst,
  source,
});

const H7_REGISTERS = {
  ACR: 0x00,
  KEYR1: 0x04,
  OPTKEYR: 0x08,
  CR1: 0x0c,
  SR1: 0x10,
  CCR1: 0x14,
  OPTSR_CUR: 0x1c,
  KEYR2: 0x104,
  CR2: 0x10c,
  SR2: 0x110,
  CCR2: 0x114,
};
const H7_BANKS = [
  { key: 'KEYR1', status: 'SR1', control: 'CR1', clear: 'CCR1' },
  { key: 'KEYR2', status: 'SR2', control: 'CR2', clear: 'CCR2' },
];

/** RM0433 §4.9; PSIZE = x64 erases quickest, and needs 2.7 V. */
const H7: FlashController = {
  kind: 'flash-word',
  flash: peripheral(0x5200_2000, H7_REGISTERS),
  banks: H7_BANKS,
  control: { LOCK: 0x1, PG: 0x2, SER: 0x4, FW: 0x40, STRT: 0x80, SNB: 8, SNB_MASK: 0x700, PSIZE_X64: 0x30 },
  // BSY, WBNE, QW
  busy: 0x07,
  // WRPERR, PGSERR, STRBERR, INCERR, OPERR
  errors: 0x006e_0000,
  done: 0x1_0000,
  keys: KEYS,
  unit: 32,
  // BER of each bank.
  mass: 0x8,
  cache: 'core',
  source: 'RM0433 §4.3, §4.9; RM0468',
};

/** RM0455 §4.9: flash words of 16 bytes, sectors of 8 KB, no PSIZE. */
const H7A3: FlashController = {
  ...H7,
  control: { LOCK: 0x1, PG: 0x2, SER: 0x4, FW: 0x10, STRT: 0x20, SNB: 6, SNB_MASK: 0x1fc0, PSIZE_X64: 0 },
  unit: 16,
  source: 'RM0455 §4.3, §4.9',
};

/** RM0481 §7.11: one set of registers, BKSEL chooses the bank. */
const H5: FlashController = {
  kind: 'flash-word',
  flash: peripheral(0x4002_2000, {
    ACR: 0x00,
    NSKEYR: 0x04,
    OPTKEYR: 0x0c,
    NSSR: 0x20,
    NSCR: 0x28,
    NSCCR: 0x30,
    OPTSR_CUR: 0x50,
  }),
  banks: [{ key: 'NSKEYR', status: 'NSSR', control: 'NSCR', clear: 'NSCCR' }],
  control: {
    LOCK: 0x1,
    PG: 0x2,
    SER: 0x4,
    FW: 0x10,
    STRT: 0x20,
    SNB: 6,
    SNB_MASK: 0x1fc0,
    PSIZE_X64: 0,
    BKSEL: 0x8000_0000,
  },
  // BSY, WBNE, DBNE
  busy: 0x0b,
  // WRPERR, PGSERR, STRBERR, INCERR
  errors: 0x001e_0000,
  done: 0x1_0000,
  keys: KEYS,
  unit: 16,
  mass: 0x8000,
  cache: 'icache',
  source: 'RM0481 §7.3, §7.11; RM0492',
};

/** Embassy-rs/stm32-data flash_c5 and ST's low-layer header: as H5, without a secure side; pages of 8 KB. */
const C5: FlashController = {
  ...H5,
  flash: peripheral(0x4002_2000, {
    ACR: 0x00,
    KEYR: 0x04,
    OPTKEYR: 0x0c,
    SR: 0x20,
    CR: 0x28,
    CCR: 0x30,
    OPTSR_CUR: 0x50,
  }),
  banks: [{ key: 'KEYR', status: 'SR', control: 'CR', clear: 'CCR' }],
  control: { ...H5.control, SNB_MASK: 0xfc0 },
  source: 'embassy-rs/stm32-data flash_c5; stm32c5xx_ll_flash.h',
};

/** RM0477 §5: flags of failures have registers of their own, and BER with ALL_BANKS erases everything. */
const H7RS: FlashController = {
  ...H7,
  flash: peripheral(0x5200_2000, {
    ACR: 0x00,
    KEYR: 0x04,
    CR: 0x10,
    SR: 0x14,
    ISR: 0x24,
    ICR: 0x28,
    OPTKEYR: 0x100,
    OPTCR: 0x104,
  }),
  banks: [{ key: 'KEYR', status: 'SR', control: 'CR', clear: 'ICR', failures: 'ISR' }],
  control: { LOCK: 0x1, PG: 0x2, SER: 0x4, FW: 0x10, STRT: 0x20, SNB: 6, SNB_MASK: 0x1c0, PSIZE_X64: 0 },
  // WRPERR, PGSERR, STRBERR, INCERR
  errors: 0x002e_0000,
  unit: 16,
  mass: 0x0100_0008,
  source: 'RM0477 §5; embassy-rs/stm32-data flash_h7rs',
};

/** WRPERR, PGAERR, SIZERR, OPTVERR of L0 and L1 (RM0376 §3.7.7, RM0038 §3.9.8). */
const LINE_ERRORS = 0xf00;
/** NOTZEROERR and FWWERR, which L0 alone has. */
const NOT_ZERO = 0x3_0000;

const G0_BUSY = 0x0001_0000 + 0x0004_0000;
const L4 = page({ cache: 'interface', source: 'RM0351 §3.7; RM0394, RM0432' });
const CONTROLLERS: Readonly<Record<string, FlashController>> = {
  F0: HALF_WORD,
  F1: HALF_WORD,
  F3: HALF_WORD,
  F2: f4('interface', 'RM0033 §2.4; PM0059 §2'),
  F4: f4('interface', 'RM0090 §3.9; RM0430'),
  F7: f4('core', 'RM0385 §3.7; RM0410'),
  L0: wordLine(0x4002_2000, 64, LINE_ERRORS + NOT_ZERO, 'RM0376 §3.7'),
  L1: wordLine(0x4002_3c00, 128, LINE_ERRORS, 'RM0038 §3.9'),
  L4,
  'L4+': L4,
  G4: page({ cache: 'interface', source: 'RM0440 §5.7' }),
  G0: page({
    control: { PNB_MASK: 0x1ff8, BKER: 0x2000 },
    busy: G0_BUSY + 0x0002_0000,
    source: 'RM0444 §3.7: BSY1, BSY2 and CFGBSY',
  }),
  C0: page({ control: { PNB_MASK: 0x3f8, BKER: 0 }, busy: G0_BUSY, source: 'RM0490 §4.7' }),
  U0: page({ control: { PNB_MASK: 0x3f8, BKER: 0 }, busy: G0_BUSY, source: 'RM0503 §3.7' }),
  WB: page({ base: 0x5800_4000, control: { BKER: 0 }, busy: G0_BUSY, cache: 'interface', source: 'RM0434 §3.10' }),
  WL: page({ base: 0x5800_4000, control: { BKER: 0 }, busy: G0_BUSY, cache: 'interface', source: 'RM0453 §4.10' }),
  L5: nonSecure(8, { control: { PNB_MASK: 0x3f8 }, source: 'RM0438 §6.9' }),
  U5: nonSecure(16, { source: 'RM0456 §7.9' }),
  U3: nonSecure(8, { source: 'RM0487', guesses: ['registers and bits are taken as on U5'] }),
  // Zephyr's driver of WBA: BKER as on U5 where there are two banks.
  WBA: nonSecure(16, { source: 'RM0493 §7.9, RM0515; embassy-rs/stm32-data flash_wba' }),
  C5,
  H5,
  H7,
};

/** How code programs the flash of a chip; `undefined` where no public source that we have tells. */
export function flashControllerOf(chip: Chip): FlashController | undefined {
  if (chip.id === 'stm32h7a3') return H7A3;
  if (chip.id === 'stm32f103-xl') return F1_XL;
  if (chip.id === 'stm32h7s3') return H7RS;
  return CONTROLLERS[chip.family];
}
