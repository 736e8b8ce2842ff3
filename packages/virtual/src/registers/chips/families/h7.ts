/** H7 by the sizes of a part: H74x and H72x as H743, H7A3 and H7Bx with smaller sectors, H7R and H7S with a controller of their own. */

import type { ChipFacts } from '../../chip.ts';
import { createH7Flash } from '../../flash-h7.ts';
import { createH7rsFlash, H7RS_OPTIONS } from '../../flash-h7rs.ts';
import { H5_CELLS, H7_CELLS, H7A3_OTP, KB } from '../cells.ts';
import { STM32H743 } from '../h7.ts';
import { optionWords } from '../l4.ts';
import {
  cellsOf,
  type FamilyModel,
  ownFacts,
  type PartFacts,
  type ProtectedSectors,
  sectorsIn,
  sectorsOfBits,
} from './part.ts';

const DBGMCU = 0x5c00_1000;
function ownOf(part: PartFacts): Pick<ChipFacts, 'name' | 'ram' | 'flashSizeAt' | 'uidAt' | 'dbgmcu'> {
  const own = ownFacts(part, DBGMCU);
  return { ...own, dbgmcu: { ...STM32H743.dbgmcu, ...own.dbgmcu } };
}

/** OPTSR to BOOT; WPSN and areas of both banks, of which parts with one bank have the first (RM0433 §4.9, RM0455 §4.9, RM0468 §4.9). */
const optionsOf = (sectorBits: number) =>
  [
    [0x1c, 0x20, 'OPTSR', 0x1bc6_aaf0],
    [0x40, 0x44, 'BOOT', 0x1ff0_0800],
    [0x38, 0x3c, 'WPSN1', sectorBits],
    [0x138, 0x13c, 'WPSN2', sectorBits],
    [0x28, 0x2c, 'PRAR1', 0xff],
    [0x128, 0x12c, 'PRAR2', 0xff],
    [0x30, 0x34, 'SCAR1', 0xff],
    [0x130, 0x134, 'SCAR2', 0xff],
  ] as const;

function protectedBits({ banks }: PartFacts, sectors: number): ProtectedSectors {
  return (options) => {
    const view = new DataView(options.buffer, options.byteOffset);
    return [2, 3].flatMap((word, bank) => {
      const first = bank * sectorsIn(banks[0]);
      const end = first + sectorsIn(banks[bank]);
      return sectorsOfBits(~view.getUint32(4 * word, true), { sectors, first }).filter((at) => at < end);
    });
  };
}

const SETS = [
  { keyr: 0x04, cr: 0x0c, sr: 0x10, ccr: 0x14 },
  { keyr: 0x104, cr: 0x10c, sr: 0x110, ccr: 0x114 },
] as const;

interface H7Family {
  readonly unit: 16 | 32;
  readonly bits: Parameters<typeof createH7Flash>[1]['bits'];
  readonly sectorsOfBit: number;
  readonly options: ReturnType<typeof optionsOf>;
  readonly cells: Parameters<typeof cellsOf>[1];
  /** OPTCR.PG_OTP (RM0455 §4.9.4). */
  readonly otpEnable?: number;
}

const twoSets =
  ({ unit, bits, sectorsOfBit, options, cells, otpEnable }: H7Family): FamilyModel =>
  (part) => ({
    ...STM32H743,
    ...ownOf(part),
    cells: cellsOf(part, cells),
    options: { initial: optionWords(options.map(([at, , name, initial]) => [at, name, initial] as const)) },
    protectedSectors: protectedBits(part, sectorsOfBit),
    controller: (port) =>
      createH7Flash(port, {
        start: 0x5200_2000,
        hasQueue: true,
        acr: 0x37,
        unit,
        bits,
        sectorsInBank: sectorsIn(part.banks[0]),
        sets: SETS,
        optkeyr: 0x08,
        optcr: 0x18,
        optionRegisters: options,
        others: [[0x24, 'OPTCCR']],
        ...(otpEnable !== undefined && { otpEnable }),
      }),
  });

export const h7 = twoSets({
  unit: 32,
  bits: { force: 6, start: 7, sector: 8, sectorMask: 7 },
  sectorsOfBit: 1,
  options: optionsOf(0xff),
  cells: H7_CELLS,
});

/** Flash words of 16 bytes, sectors of 8 KB, a bit of WPSGN for four of them (RM0455 §4.3, §4.9). */
export const h7a3 = twoSets({
  unit: 16,
  bits: { force: 4, start: 5, sector: 6, sectorMask: 0x7f },
  sectorsOfBit: 4,
  options: optionsOf(0xffff_ffff),
  cells: { ...H5_CELLS, beside: [H7A3_OTP] },
  otpEnable: 1 << 5,
});

/** WRPS: a 0 protects a sector (RM0477, FLASH_WRPSR). */
const WRPS_WORD = H7RS_OPTIONS.findIndex(([, , name]) => name === 'WRPS');

export const h7rs: FamilyModel = (part) => ({
  ...STM32H743,
  ...ownOf(part),
  cells: cellsOf(part, H5_CELLS),
  systemMemory: [[0x1ff1_8000, 32 * KB]],
  romVectors: 0x1ff1_8000,
  boot: () => 'flash',
  options: { initial: optionWords(H7RS_OPTIONS.map(([at, , name, initial]) => [at, name, initial] as const)) },
  protectedSectors: (options) => sectorsOfBits(~(options[4 * WRPS_WORD] ?? 0xff) & 0xff, { sectors: 1, first: 0 }),
  controller: createH7rsFlash,
});
