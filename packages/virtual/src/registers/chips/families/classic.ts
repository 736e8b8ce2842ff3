/** F0, F1, F2, F3, F4 and F7 by the sizes of a part: the controllers of F103, F072, F303, F407 and F767 with the cells of others. */

import type { ChipFacts } from '../../chip.ts';
import { createF1Flash } from '../../flash-f1.ts';
import { createF1XlFlash } from '../../flash-f1-xl.ts';
import { createF2Flash } from '../../flash-f2.ts';
import { F0_CELLS, F1_CELLS, F4_CELLS, F7_CELLS, KB, otpBlocks } from '../cells.ts';
import { STM32F072, STM32F303 } from '../f0-f3.ts';
import { STM32F103 } from '../f1.ts';
import { STM32F407 } from '../f4.ts';
import { STM32F767 } from '../f7.ts';
import { groupsOfPages, protectedSectorBits } from '../protection.ts';
import { cellsOf, type FamilyModel, ownFacts, type PartFacts, type ProtectedSectors, sectorsIn } from './part.ts';

const DBGMCU = 0xe004_2000;
const DBGMCU_OF_F0 = 0x4001_5800;

/** A bit of WRP stands for 4 KB (PM0075 §2.6, RM0091 §3.3, RM0316 §4.3). */
function protectedPages({ banks }: PartFacts): ProtectedSectors {
  const [, bytes = KB] = banks[0]?.[0] ?? [];
  const pages = banks.reduce((sum, bank) => sum + sectorsIn(bank), 0);
  return (options) => groupsOfPages(options, { pages, pagesInGroup: (4 * KB) / bytes });
}

export const f0: FamilyModel = (part) => ({
  ...STM32F072,
  ...ownFacts(part, DBGMCU_OF_F0),
  cells: cellsOf(part, F0_CELLS),
  protectedSectors: protectedPages(part),
});

export const f1: FamilyModel = (part) => ({
  ...STM32F103,
  ...ownFacts(part, DBGMCU),
  cells: cellsOf(part, F1_CELLS),
  protectedSectors: protectedPages(part),
  controller: (port) =>
    part.banks.length > 1
      ? createF1XlFlash(port, { sectorsInBank1: sectorsIn(part.banks[0]) })
      : createF1Flash(port, { acr: 0x30, hasOptionLaunch: false }),
});

export const f3: FamilyModel = (part) => ({
  ...STM32F303,
  ...ownFacts(part, DBGMCU),
  cells: cellsOf(part, F0_CELLS),
  protectedSectors: protectedPages(part),
});

/** OPTCR, and OPTCR1 of the parts with two banks, as they leave the factory (RM0033 §2.6, RM0090 §3.9). */
const F2_F4_OPTIONS = [0x0fff_aaed, 0x0fff_0000] as const;
/** F413 has three bits more for its 16 sectors, the last of them for two (RM0430 §3.7.6). */
const F413_OPTIONS = [0x7fff_aaed] as const;
const MOST_SECTOR_BITS = 15;

const bytesOfWords = (words: readonly number[]): number[] =>
  words.flatMap((word) => [0, 8, 16, 24].map((shift) => (word >>> shift) & 0xff));

/** @param options OPTCR and those behind it */
function sectored(part: PartFacts, options: readonly number[]): Pick<ChipFacts, 'options' | 'controller'> {
  const [first, second] = part.banks;
  return {
    options: { initial: bytesOfWords(options) },
    controller: (port) =>
      createF2Flash(port, { optionRegisters: options, ...(second && { sectorsInBank1: sectorsIn(first) }) }),
  };
}

/** nWRP of bank 1 in OPTCR, of bank 2 in OPTCR1 (RM0090 §3.9.11). */
function protectedInBanks({ banks: [first, second] }: PartFacts): ProtectedSectors {
  return (options) => {
    const bits = protectedSectorBits(options, Math.min(sectorsIn(first), MOST_SECTOR_BITS));
    const inFirst =
      sectorsIn(first) > MOST_SECTOR_BITS && bits.includes(MOST_SECTOR_BITS - 1) ? [...bits, MOST_SECTOR_BITS] : bits;
    if (!second) return inFirst;
    return [
      ...inFirst,
      ...protectedSectorBits(options.subarray(4), sectorsIn(second)).map((at) => at + sectorsIn(first)),
    ];
  };
}

const sectorFamily =
  (core: ChipFacts['core']): FamilyModel =>
  (part) => ({
    ...STM32F407,
    ...ownFacts(part, DBGMCU),
    core,
    cells: cellsOf(part, F4_CELLS),
    protectedSectors: protectedInBanks(part),
    ...sectored(part, sectorsIn(part.banks[0]) > 12 ? F413_OPTIONS : F2_F4_OPTIONS.slice(0, part.banks.length)),
  });

export const f2 = sectorFamily('m3');
export const f4 = sectorFamily('m4');

/** OPTCR and OPTCR1; F72x and F73x have OPTCR2 with PCROP as well (RM0410 §3.7.6, RM0431 §3.7.9). */
const F7_OPTIONS = [0xffff_aafd, 0x0040_0080] as const;
const F72_DEV_ID = 0x452;

export const f7: FamilyModel = (part) => ({
  ...STM32F767,
  ...ownFacts(part, DBGMCU),
  ram: part.ram,
  cells: cellsOf(part, part.devId === F72_DEV_ID ? { ...F7_CELLS, beside: [otpBlocks(0x1ff0_7800, 32)] } : F7_CELLS),
  protectedSectors: protectedInBanks(part),
  ...sectored(part, part.devId === F72_DEV_ID ? [...F7_OPTIONS, 0x8000_0000] : F7_OPTIONS),
});
