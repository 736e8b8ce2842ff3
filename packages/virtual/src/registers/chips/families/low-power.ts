/** L0, L1, L4, L4+, G0, G4, C0, U0, WB and WL by the sizes of a part: the controllers of L0 and of L4, at the places of each family. */

import type { ChipFacts } from '../../chip.ts';
import { createL1Flash } from '../../flash-l1.ts';
import { createL4Flash, type L4FlashOptions } from '../../flash-l4.ts';
import { dataEeprom, G0_CELLS, KB, L1_CELLS, L4_CELLS, type Silicon, U0_OTP } from '../cells.ts';
import { STM32G0B1 } from '../g0.ts';
import { STM32L152 } from '../l1.ts';
import { optionWords, STM32G431, STM32L476 } from '../l4.ts';
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

const DBGMCU = 0xe004_2000;
const DBGMCU_ON_APB = 0x4001_5800;

/** WRPROT or WRP: a 1 protects 4 KB; each half-word of 16 bits stands in the lower half of its word (RM0376 §3.8, RM0038 §3.8). */
function protectedLines({ banks }: PartFacts): ProtectedSectors {
  const [, bytes = 256] = banks[0]?.[0] ?? [];
  const sectors = (4 * KB) / bytes;
  return (options) => {
    const half = (word: number): number => (options[4 * word] ?? 0) | ((options[4 * word + 1] ?? 0) << 8);
    return [0, 1, 2].flatMap((pair) =>
      sectorsOfBits(half(2 + 2 * pair) | (half(3 + 2 * pair) << 16), { sectors, first: 32 * sectors * pair }),
    );
  };
}

/** Page of 128 bytes 3.2 ms, half-pages of 64 bytes at once (DS10182). */
const L0_CELLS: Silicon = { ...L1_CELLS, burstBytes: 64, eraseMs: { 128: 3.2 } };
const withEeprom = ({ eepromBytes = 0 }: PartFacts, silicon: Silicon): Silicon =>
  eepromBytes > 0 ? { ...silicon, beside: [dataEeprom(eepromBytes)] } : silicon;
/** MSI at range 5 (RM0376 §7.3.2). */
const L0_CLOCK_HZ = 2_097_000;

/** RDP, USER, WRPROT1 and WRPROT2, each half-word with its complement above it (RM0376 §3.4). */
const L0_OPTIONS = [0xff55_00aa, 0x7f8f_8070, 0xffff_0000, 0xffff_0000, 0xffff_0000] as const;

export const l0: FamilyModel = (part) => ({
  ...PLAIN_START,
  ...ownFacts(part, DBGMCU_ON_APB),
  core: 'm0+',
  interrupts: 32,
  cells: cellsOf(part, withEeprom(part, L0_CELLS)),
  systemMemory: [[0x1ff0_0000, 4 * KB]],
  romVectors: 0x1ff0_0000,
  romStack: 0x2000_0400,
  options: { at: 0x1ff8_0000, initial: optionWords(L0_OPTIONS.map((word) => [0, '', word] as const)) },
  protectedSectors: protectedLines(part),
  controller: (port) => createL1Flash(port, { halfPage: 64, start: 0x4002_2000 }),
  rcc: resetClock(0x4002_1000, L0_CLOCK_HZ, 0x50),
  ports: debugPorts(0x5000_0000),
});

export const l1: FamilyModel = (part) => ({
  ...STM32L152,
  ...ownFacts(part, DBGMCU),
  cells: cellsOf(part, withEeprom(part, L1_CELLS)),
  protectedSectors: protectedLines(part),
});

type Options = L4FlashOptions['optionRegisters'];
/** KEYR, OPTKEYR, SR and CR of all of these (RM0351 §3.7 and its like). */
const AT = { keyr: 0x08, optkeyr: 0x0c, sr: 0x10, cr: 0x14 } as const;
const NO_AREA = 0x0000_00ff;

interface PageFamily {
  readonly options: Options;
  readonly silicon: Silicon;
  /** Offsets of the registers with the write protection of bank 1, then of bank 2. */
  readonly protection: readonly number[];
  readonly bankBit?: number;
  readonly more?: Partial<L4FlashOptions>;
}

/** Cells, options and controller of a part whose flash is driven as that of L4. */
function paged(part: PartFacts, { options, silicon, protection, bankBit = 11, more }: PageFamily) {
  const words = protection.flatMap((offset) => {
    const word = options.findIndex(([at]) => at === offset);
    return word < 0 ? [] : [{ word, firstPage: offset >= SECOND_BANK ? sectorsIn(part.banks[0]) : 0 }];
  });
  const pageMask = pageMaskOf(part);
  return {
    cells: cellsOf(part, silicon),
    options: { initial: optionWords(options) },
    protectedSectors: (content: Uint8Array) => areas(content, words, pageMask),
    controller: ((port) =>
      createL4Flash(port, {
        acr: 0x600,
        at: AT,
        optionRegisters: options,
        others: [[0x18, 'ECCR']],
        unit: 8,
        pageMask,
        ...secondBank(part, bankBit),
        ...more,
      })) satisfies ChipFacts['controller'],
  };
}

const SECOND_BANK = 0x44;
const PROTECTION = [0x2c, 0x30, 0x4c, 0x50] as const;

/** OPTR, PCROP and WRP of both banks (RM0351 §3.7, RM0394 §3.7, RM0432 §3.7). DUALBANK or DBANK is set. */
const L4_OPTIONS: Options = [
  [0x20, 'OPTR', 0xffef_f8aa],
  [0x24, 'PCROP1SR', 0xffff_ffff],
  [0x28, 'PCROP1ER', 0],
  [0x2c, 'WRP1AR', NO_AREA],
  [0x30, 'WRP1BR', NO_AREA],
  [0x44, 'PCROP2SR', 0xffff_ffff],
  [0x48, 'PCROP2ER', 0],
  [0x4c, 'WRP2AR', NO_AREA],
  [0x50, 'WRP2BR', NO_AREA],
];
const G4_OPTIONS: Options = [...L4_OPTIONS, [0x70, 'SEC1R', 0], [0x74, 'SEC2R', 0]];

export const l4: FamilyModel = (part) => ({
  ...STM32L476,
  ...ownFacts(part, DBGMCU),
  ...paged(part, { options: L4_OPTIONS, silicon: L4_CELLS, protection: PROTECTION }),
});

export const g4: FamilyModel = (part) => ({
  ...STM32G431,
  ...ownFacts(part, DBGMCU),
  ...paged(part, { options: G4_OPTIONS, silicon: L4_CELLS, protection: PROTECTION }),
});

/** RM0444 §3.7; the second bank of G0B1 and G0C1 has registers of its own from 0x44 on (RM0444 §3.7.16 to §3.7.21). */
const G0_OPTIONS: Options = [
  [0x20, 'OPTR', 0xdfff_e1aa],
  [0x24, 'PCROP1ASR', 0xffff_ffff],
  [0x28, 'PCROP1AER', 0],
  [0x2c, 'WRP1AR', NO_AREA],
  [0x30, 'WRP1BR', NO_AREA],
  [0x34, 'PCROP1BSR', 0xffff_ffff],
  [0x38, 'PCROP1BER', 0],
  [0x44, 'PCROP2ASR', 0xffff_ffff],
  [0x48, 'PCROP2AER', 0],
  [0x4c, 'WRP2AR', NO_AREA],
  [0x50, 'WRP2BR', NO_AREA],
  [0x54, 'PCROP2BSR', 0xffff_ffff],
  [0x58, 'PCROP2BER', 0],
  [0x80, 'SECR', 0],
];

/** With BOOT0 low an empty flash would lead to the ROM, which is not what these parts are made for here. */
export const g0: FamilyModel = (part) => ({
  ...STM32G0B1,
  ...ownFacts(part, DBGMCU_ON_APB),
  ...paged(part, { options: G0_OPTIONS, silicon: G0_CELLS, protection: PROTECTION, bankBit: 13 }),
});

/** RM0490 §4.7: as G0 with one bank. */
export const c0: FamilyModel = (part) => ({
  ...STM32G0B1,
  ...ownFacts(part, DBGMCU_ON_APB),
  ...paged(part, {
    options: G0_OPTIONS.filter(([at]) => at < SECOND_BANK || at === 0x80),
    silicon: G0_CELLS,
    protection: PROTECTION,
  }),
});

/** OPTR and WRP (RM0503 §3.7). */
const U0_OPTIONS: Options = [
  [0x20, 'OPTR', 0x3fff_e1aa],
  [0x2c, 'WRP1AR', NO_AREA],
  [0x30, 'WRP1BR', NO_AREA],
];
/** MSI as on L4 (RM0503 §5.2). */
const U0_CLOCK_HZ = 4_000_000;

export const u0: FamilyModel = (part) => ({
  ...PLAIN_START,
  ...ownFacts(part, DBGMCU_ON_APB),
  ...paged(part, { options: U0_OPTIONS, silicon: { ...G0_CELLS, beside: [U0_OTP] }, protection: PROTECTION }),
  core: 'm0+',
  interrupts: 32,
  systemMemory: [[0x1fff_0000, 13 * KB]],
  romVectors: 0x1fff_0000,
  romStack: 0x2000_0800,
  rcc: resetClock(0x4002_1000, U0_CLOCK_HZ, 0x94),
  ports: debugPorts(0x5000_0000),
});

/** RM0434 §3.10, RM0453 §4.10: OPTR, PCROP and WRP of the only bank, and what belongs to the second core. */
const WIRELESS_OPTIONS: Options = [
  ...G0_OPTIONS.filter(([at]) => at < 0x3c && at !== 0x20),
  [0x20, 'OPTR', 0x3dff_f1aa],
  [0x3c, 'IPCCBR', 0],
  [0x80, 'SFR', 0x0000_01ff],
  [0x84, 'SRRVR', 0x8080_0000],
];
const WIRELESS_CLOCK_HZ = 4_000_000;
/** RM0434 §41.9, RM0453 §38.9. */
const WIRELESS_FREEZES = [
  [0x3c, 'C1APB1FZR1'],
  [0x44, 'C1APB1FZR2'],
  [0x4c, 'C1APB2FZR'],
] as const;

const wireless =
  (portsAt: number): FamilyModel =>
  (part) => ({
    ...PLAIN_START,
    ...ownFacts(part, DBGMCU),
    dbgmcu: { ...ownFacts(part, DBGMCU).dbgmcu, freezes: WIRELESS_FREEZES },
    ...paged(part, {
      options: [...WIRELESS_OPTIONS].sort(([a], [b]) => a - b),
      silicon: L4_CELLS,
      protection: PROTECTION,
      more: { start: 0x5800_4000 },
    }),
    core: 'm4',
    interrupts: 63,
    systemMemory: [[0x1fff_0000, 28 * KB]],
    romVectors: 0x1fff_0000,
    romStack: 0x2000_1000,
    rcc: resetClock(0x5800_0000, WIRELESS_CLOCK_HZ, 0x94),
    ports: debugPorts(portsAt),
  });

export const wb = wireless(0x4800_0000);
export const wl = wireless(0x4800_0000);
