/** L5, U3, U5, WBA, H5 and C5 by the sizes of a part, with both of their worlds where they have two. */

import type { ChipFacts } from '../../chip.ts';
import { createL4Flash, type L4FlashOptions } from '../../flash-l4.ts';
import { H5_CELLS, H5_OTP, KB, L4_CELLS, type Silicon, U5_CELLS, U5_OTP, WBA5_OTP } from '../cells.ts';
import { H5_OPTIONS, h5Flash } from '../h5.ts';
import { optionWords } from '../l4.ts';
import { M33_FREEZES } from '../m33.ts';
import { areas } from '../protection.ts';
import {
  cellsOf,
  debugPorts,
  type FamilyModel,
  ownFacts,
  type PartFacts,
  PLAIN_START,
  type ProtectedSectors,
  pageMaskOf,
  resetClock,
  secondBank,
  sectorsIn,
  sectorsOfBits,
} from './part.ts';

/** RM0438 §52.12, RM0456 §75.12. */
const DBGMCU = 0xe004_4000;
/** RM0481 §59.12. C5 has it there as well: a guess. */
const DBGMCU_ON_BUS = 0x4402_4000;

const COMMON = {
  ...PLAIN_START,
  core: 'm33',
  interrupts: 126,
  systemMemory: [[0x0bf9_0000, 32 * KB]],
  romVectors: 0x0bf9_0000,
  romStack: 0x2000_4000,
  ports: debugPorts(0x4202_0000),
} as const satisfies Partial<ChipFacts>;

function ownWithFreezes(part: PartFacts, dbgmcu: number) {
  const own = ownFacts(part, dbgmcu);
  return { ...own, dbgmcu: { ...own.dbgmcu, freezes: M33_FREEZES } };
}

const NO_AREA = 0xff80_ffff;

/** From OPTR on (RM0438 §6.9, RM0456 §7.9, RM0487, RM0515; embassy-rs/stm32-data flash_l5, flash_u5, flash_u3, flash_wba). */
const optionsOf = (optr: number): L4FlashOptions['optionRegisters'] => [
  [0x40, 'OPTR', optr],
  [0x44, 'NSBOOTADD0R', 0x0800_007f],
  [0x48, 'NSBOOTADD1R', 0x0bf9_007f],
  [0x4c, 'SECBOOTADD0R', 0x0c00_007c],
  [0x50, 'SECWM1R1', NO_AREA],
  [0x54, 'SECWM1R2', 0x0f00_0f00],
  [0x58, 'WRP1AR', NO_AREA],
  [0x5c, 'WRP1BR', NO_AREA],
  [0x60, 'SECWM2R1', NO_AREA],
  [0x64, 'SECWM2R2', 0x0f00_0f00],
  [0x68, 'WRP2AR', NO_AREA],
  [0x6c, 'WRP2BR', NO_AREA],
];
const AT = { keyr: 0x08, optkeyr: 0x10, sr: 0x20, cr: 0x28 } as const;
/** SECKEYR, SECSR and SECCR (RM0438 §6.9.4, §6.9.8, §6.9.10; RM0456 §7.9). */
const SECURE_AT = { ...AT, keyr: 0x0c, sr: 0x24, cr: 0x2c } as const;

type TrustZoneFacts = Omit<NonNullable<ChipFacts['trustZone']>, 'controller'>;
const wordOf = (options: DataView, index: number): number => options.getUint32(4 * index, true);
const RDP_OPEN = 0xaa;

/** Words of the options as `optionsOf` has them: OPTR, SECBOOTADD0R, SECWM1R1 and SECWM2R1. */
const zoneOf = (pageMask: number, bankCount: number): TrustZoneFacts => {
  const isOn = (options: DataView): boolean => wordOf(options, 0) >>> 31 === 1;
  const isOpen = (options: DataView): boolean => options.getUint8(0) === RDP_OPEN;
  return {
    isOn,
    watermarks: (options) =>
      [4, 8]
        .slice(0, bankCount)
        .map((word) => [wordOf(options, word) & pageMask, (wordOf(options, word) >>> 16) & pageMask] as const),
    startsAt: (options) => (wordOf(options, 3) & ~0x7f) >>> 0,
    drives: [SECURE_AT.keyr, SECURE_AT.sr, SECURE_AT.cr],
    secureOptions: [0x4c, 0x50, 0x54, 0x60, 0x64],
    blocks: [0x80, 0xa0].slice(0, bankCount),
    // TZEN goes with a regression from level 1 to 0 alone, and level 0.5 leads to 1 only (RM0438 §6.6.2, RM0456 §7.6.2).
    accepts: (before, next) => {
      const regresses = !isOpen(before) && before.getUint8(0) !== HALF_OPEN && isOpen(next);
      if (isOn(before) && !isOn(next) && !regresses) return false;
      return !(isOn(before) && before.getUint8(0) === HALF_OPEN && isOpen(next));
    },
  };
};
const HALF_OPEN = 0x55;

interface TrustZoneFamily {
  readonly silicon: Silicon;
  readonly unit: L4FlashOptions['unit'];
  readonly optr: number;
  readonly rccAt: number;
  /** Where RCC_CSR stands in the RCC; default 0xF4, as on U5 and H5. */
  readonly flagsAt?: number;
  readonly hz: number;
}

const paged =
  ({ silicon, unit, optr, rccAt, flagsAt = 0xf4, hz }: TrustZoneFamily): FamilyModel =>
  (part) => {
    const options = optionsOf(optr);
    const pageMask = pageMaskOf(part);
    const firstPage = sectorsIn(part.banks[0]);
    const words = [6, 7, ...(part.banks.length > 1 ? [10, 11] : [])].map((word) => ({
      word,
      firstPage: word > 7 ? firstPage : 0,
    }));
    const controllerAt =
      (at: typeof AT | typeof SECURE_AT): ChipFacts['controller'] =>
      (port) =>
        createL4Flash(port, {
          acr: 1,
          at,
          optionRegisters: options,
          others: [[0x30, 'ECCR']],
          unit,
          pageMask,
          ...secondBank(part, 11),
        });
    return {
      ...COMMON,
      ...ownWithFreezes(part, DBGMCU),
      cells: cellsOf(part, silicon),
      options: { initial: optionWords(options) },
      protectedSectors: (content) => areas(content, words, pageMask),
      controller: controllerAt(AT),
      trustZone: { ...zoneOf(pageMask, part.banks.length), controller: controllerAt(SECURE_AT) },
      rcc: resetClock(rccAt, hz, flagsAt),
    };
  };

/** Double word 82 µs, page 22 ms as on L4 (DS12736); MSI at 4 MHz. OPTR: DBANK is set (RM0438 §6.9.9). RCC_CSR as on L4. */
export const l5 = paged({
  silicon: { ...L4_CELLS, beside: [U5_OTP] },
  unit: 8,
  optr: 0x7fef_f8aa,
  rccAt: 0x4002_1000,
  flagsAt: 0x94,
  hz: 4_000_000,
});
/** RM0487: double words; times are guessed from L4. */
export const u3 = paged({
  silicon: { ...L4_CELLS, beside: [U5_OTP] },
  unit: 8,
  optr: 0x1fef_f8aa,
  rccAt: 0x4003_0c00,
  hz: 12_000_000,
});
export const u5 = paged({ silicon: U5_CELLS, unit: 16, optr: 0x1fef_f8aa, rccAt: 0x4602_0c00, hz: 4_000_000 });
const WBA5_DEV_ID = 0x492;
/** AN2606, system memory of WBA52 to WBA55. */
const WBA5_ROM = 0x0bf8_8000;

/** HSI16 (RM0515); two banks as on U5: a guess from Zephyr's driver, which takes BKER there. */
export const wba: FamilyModel = (part) => {
  const isWba5 = part.devId === WBA5_DEV_ID;
  const silicon = isWba5 ? { ...U5_CELLS, beside: [WBA5_OTP] } : U5_CELLS;
  const facts = paged({ silicon, unit: 16, optr: 0x1fef_f8aa, rccAt: 0x4602_0c00, hz: 16_000_000 })(part);
  return isWba5 ? { ...facts, systemMemory: [[WBA5_ROM, 32 * KB]], romVectors: WBA5_ROM } : facts;
};

/** embassy-rs/stm32-data flash_c5; RDP_LEVEL 0xED is level 0 (ST's header of its low-layer driver). */
const C5_OPTIONS: typeof H5_OPTIONS = [
  [0x50, 0x54, 'OPTSR', 0x3030_edf8],
  [0x70, 0x74, 'OPTSR2', 0x0000_0013],
  [0x80, 0x84, 'BOOTR', 0x0800_00c3],
  [0xe8, 0xec, 'WRP1R', 0xffff_ffff],
  [0x1e8, 0x1ec, 'WRP2R', 0xffff_ffff],
];

const WRP_WORDS = [3, 4] as const;

/** A bit of WRPSG stands for four sectors of H5; of C5 for one or two pages, so that 32 bits serve a bank. */
function protectedGroups({ banks }: PartFacts, sectors: number): ProtectedSectors {
  return (options) => {
    const view = new DataView(options.buffer, options.byteOffset);
    return WRP_WORDS.flatMap((word, bank) => {
      const count = sectorsIn(banks[bank]);
      const first = bank * sectorsIn(banks[0]);
      return sectorsOfBits(~view.getUint32(4 * word, true), { sectors, first }).filter((at) => at < first + count);
    });
  };
}

interface StatusFamily {
  readonly silicon: Silicon;
  readonly options: typeof H5_OPTIONS;
  readonly sectorsOfBit: (part: PartFacts) => number;
  readonly rccAt: number;
  readonly hz: number;
}

const flashWords =
  ({ silicon, options, sectorsOfBit, rccAt, hz }: StatusFamily): FamilyModel =>
  (part) => ({
    ...COMMON,
    ...ownWithFreezes(part, DBGMCU_ON_BUS),
    cells: cellsOf(part, silicon),
    options: { initial: optionWords(options.map(([at, , name, initial]) => [at, name, initial] as const)) },
    protectedSectors: protectedGroups(part, sectorsOfBit(part)),
    controller: h5Flash(options, sectorsIn(part.banks[0])),
    ...(hasWorlds(part) && {
      trustZone: { ...H5_ZONE, controller: h5Flash(options, sectorsIn(part.banks[0]), 'secure') },
    }),
    rcc: resetClock(rccAt, hz, 0xf4),
  });

/** Words as in `H5_OPTIONS`: OPTSR, NSBOOTR, OPTSR2, the two of WRPSG, the two of SECWM, SECBOOTR (RM0481 §7.11). */
const H5_ZONE: TrustZoneFacts = {
  isOn: (options) => wordOf(options, 2) >>> 24 === 0xb4,
  watermarks: (options) =>
    [5, 6].map((word) => [wordOf(options, word) & 0x7f, (wordOf(options, word) >>> 16) & 0x7f] as const),
  startsAt: (options) => (wordOf(options, 7) & ~0xff) >>> 0,
  drives: [0x08, 0x24, 0x2c, 0x34],
  secureOptions: [0x8c, 0xe4, 0x1e4],
  blocks: [0xa0, 0x1a0],
  // A product state goes back by a regression alone, which debug authentication asks for (RM0481 §7.6.1).
  accepts: (before, next) => before.getUint8(1) === PRODUCT_OPEN || next.getUint8(1) !== PRODUCT_OPEN,
};
const PRODUCT_OPEN = 0xed;
/** H503 has no TrustZone (RM0492), and C5 has none. */
const hasWorlds = ({ devId, name }: PartFacts): boolean => devId !== 0x474 && name.startsWith('STM32H5');

/** HSI64 divided by two (RM0481 §11.4). */
export const h5 = flashWords({
  silicon: { ...H5_CELLS, beside: [H5_OTP] },
  options: H5_OPTIONS,
  sectorsOfBit: () => 4,
  rccAt: 0x4402_0c00,
  hz: 32_000_000,
});
/** The clock is a guess: HSI divided as on H5. */
export const c5 = flashWords({
  silicon: H5_CELLS,
  options: C5_OPTIONS,
  sectorsOfBit: ({ banks: [first] }) => Math.ceil(sectorsIn(first) / 32),
  rccAt: 0x4402_0c00,
  hz: 32_000_000,
});
