/** Which table is whose, and what the bootloader does behind a write. */
import type { Chip } from '../chip.ts';
import { C5 } from './c5.ts';
import { F0, F1, F04, F302X8, F303, F373 } from './f0-f1-f3.ts';
import { F2_F405, F42X, F401, F412, F413 } from './f2-f4.ts';
import { F72, F74, F76 } from './f7.ts';
import { C0, C09, G0, G0B } from './g0-c0.ts';
import { G4_CATEGORY_2, G4_CATEGORY_3, G4_CATEGORY_4 } from './g4.ts';
import { H5, H7A, H7RS, H72, H74, H503 } from './h5-h7.ts';
import { L0, L1 } from './l0-l1.ts';
import { L4_ONE_BANK, L4P, L4R, L47, L49 } from './l4.ts';
import type { OptionField, OptionLayout } from './layout.ts';
import { L5, U0, U3, U3C, U5, WBA } from './registers.ts';
import { WB, WL5 } from './wb.ts';

const BY_FAMILY: Readonly<Record<string, OptionLayout>> = {
  C0,
  C5,
  F0,
  F1,
  G0,
  H5,
  L0,
  L1,
  L5,
  U0,
  U3,
  U5,
  WBA,
  WL: WL5,
};

const BY_CHIP: Readonly<Record<string, OptionLayout>> = {
  stm32c091: C09,
  stm32f042: F04,
  stm32f091: F04,
  stm32f373: F373,
  stm32f378: F373,
  stm32f303xc: F303,
  stm32f303x8: F303,
  stm32f303xe: F303,
  stm32f358: F303,
  stm32f398: F303,
  stm32f302x8: F302X8,
  stm32f318: F302X8,
  stm32f205: F2_F405,
  stm32f405: F2_F405,
  stm32f401xc: F401,
  stm32f401xe: F401,
  stm32f411: F401,
  stm32f446: F401,
  stm32f412: F412,
  stm32f413: F413,
  stm32f427: F42X,
  stm32f469: F42X,
  stm32f722: F72,
  stm32f746: F74,
  stm32f767: F76,
  stm32g0b0: G0B,
  stm32g0b1: G0B,
  stm32g431: G4_CATEGORY_2,
  stm32g491: G4_CATEGORY_4,
  stm32g474: G4_CATEGORY_3,
  stm32h503: H503,
  stm32h743: H74,
  stm32h723: H72,
  stm32h7a3: H7A,
  stm32h7s3: H7RS,
  stm32l412: L4_ONE_BANK,
  stm32l433: L4_ONE_BANK,
  stm32l452: L4_ONE_BANK,
  stm32l476: L47,
  stm32l496: L49,
  stm32l4r5: L4R,
  stm32l4p5: L4P,
  stm32u3c5: U3C,
  stm32wb55: WB,
};

/**
 * PM0068 gives the second bank of the XL-density parts bits of its own, RM0401 is not at hand for F410, and where WB1x has its
 * option bytes no source tells.
 */
const WITHOUT_TABLE: readonly string[] = ['stm32f103-xl', 'stm32f410', 'stm32wb15'];

/** `undefined` where no document that we have tells how they are laid out. */
export function optionLayoutOf({ id, family }: Chip): OptionLayout | undefined {
  if (WITHOUT_TABLE.includes(id)) return undefined;
  return BY_CHIP[id] ?? BY_FAMILY[family];
}

/**
 * What all of these chips have alike: the fields that have the same name, place and meaning on every one.
 * @returns `undefined` where one of them has no table, or their blocks are of different kinds
 */
export function sharedOptionLayout(chips: readonly Chip[]): OptionLayout | undefined {
  const layouts = chips.map(optionLayoutOf);
  const [head, ...others] = layouts;
  if (!head) return undefined;
  let fields = head.fields;
  for (const other of others) {
    if (!other || other.unit !== head.unit || other.complement !== head.complement) return undefined;
    if (other.blocks[0] !== head.blocks[0] || other.readProtection.open !== head.readProtection.open) return undefined;
    fields = fields.filter((each) => other.fields.some((candidate) => sameField(each, candidate)));
  }
  const alike = others.every((other) => other === head);
  if (alike) return head;
  const { writeProtection: _, ...rest } = head;
  return { ...rest, id: 'shared', fields };
}

function sameField(a: OptionField, b: OptionField): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** L41x, L43x, L45x: the only L4 whose ROM resets the chip (AN3156 §5.1). */
const RESETTING_L4 = ['stm32l412', 'stm32l433', 'stm32l452'];

/**
 * Whether the ROM resets the chip when it has written option bytes (AN3156 §5.1; F105 and F107: AN2662). On all others
 * they take effect when the chip starts the next time.
 */
export function optionWriteResets({ id, family }: Chip): boolean {
  return ['F0', 'F1', 'F2', 'F4', 'F7'].includes(family) || RESETTING_L4.includes(id);
}

/** A bit of the option bytes as the bootloader shows them, counted from the first byte of their first block. */
export interface OptionBitPlace {
  readonly byte: number;
  readonly bit: number;
}

/** @returns `undefined` for a field that is not in the table, or not in the first block */
export function placeOfOptionBit(chip: Chip, name: string): OptionBitPlace | undefined {
  const found = optionLayoutOf(chip)?.fields.find((each) => each.name === name && each.block === 0);
  if (!found) return undefined;
  return { byte: (found.units[0] ?? 0) + (found.bit >> 3), bit: found.bit & 7 };
}
