/** Which family reaches its option bytes by which registers, for those who reach these. Data; it knows no probe. */
import type { Chip } from '../chip.ts';
import {
  byOptcr,
  byOptr,
  byOwnRegisters,
  byStatusRegisters,
  C5_PLACES,
  G0_OFFSETS,
  G4_OFFSETS,
  H5_PLACES,
  H7_PLACES,
  H7RS_PLACES,
  halfWords,
  L4_OFFSETS,
  memoryWords,
  NON_SECURE_PLACES,
  OPTR_PLACES,
  WIRELESS_OFFSETS,
  WIRELESS_PLACES,
} from './access-ways.ts';
import type { OptionLayout } from './layout.ts';
import { optionLayoutOf } from './layouts.ts';
import type { OptionAccess } from './option-access.ts';

type AccessOf = (layout: OptionLayout) => OptionAccess;

const BY_FAMILY_ACCESS: Readonly<Record<string, AccessOf>> = {
  F0: () => halfWords(true),
  F1: () => halfWords(false),
  F3: () => halfWords(true),
  F2: byOptcr,
  F4: byOptcr,
  F7: byOptcr,
  L0: () => memoryWords(0x4002_2000),
  L1: () => memoryWords(0x4002_3c00),
  L4: (layout) => byOptr(layout, L4_OFFSETS),
  'L4+': (layout) => byOptr(layout, L4_OFFSETS),
  G4: (layout) => byOptr(layout, G4_OFFSETS),
  G0: (layout) => byOptr(layout, G0_OFFSETS),
  C0: (layout) => byOptr(layout, G0_OFFSETS),
  WB: (layout) => byOptr(layout, WIRELESS_OFFSETS, WIRELESS_PLACES),
  WL: (layout) => byOptr(layout, WIRELESS_OFFSETS, WIRELESS_PLACES),
  U0: (layout) => byOwnRegisters(layout, OPTR_PLACES),
  L5: (layout) => byOwnRegisters(layout, NON_SECURE_PLACES),
  U3: (layout) => byOwnRegisters(layout, NON_SECURE_PLACES),
  U5: (layout) => byOwnRegisters(layout, NON_SECURE_PLACES),
  WBA: (layout) => byOwnRegisters(layout, NON_SECURE_PLACES),
  H5: (layout) => byStatusRegisters(layout, H5_PLACES),
  C5: (layout) => byStatusRegisters(layout, C5_PLACES),
  H7: (layout) => byStatusRegisters(layout, layout.id === 'h7rs' ? H7RS_PLACES : H7_PLACES),
};

/** @returns `undefined` where the option bytes of a chip have no table */
export function optionAccessOf(chip: Chip): OptionAccess | undefined {
  const layout = optionLayoutOf(chip);
  return layout && BY_FAMILY_ACCESS[chip.family]?.(layout);
}

/** @returns where a register holds an option bit of the first block; `undefined` where no register does */
export function registerOfOptionBit(chip: Chip, name: string): { register: number; bit: number } | undefined {
  const field = optionLayoutOf(chip)?.fields.find((each) => each.name === name && each.block === 0);
  const place = optionAccessOf(chip)?.places.find(({ block, at }) => block === 0 && at === field?.units[0]);
  return field && place && { register: place.register, bit: field.bit + (place.upper ? 16 : 0) };
}

/** @returns bytes of a block that its fields and their complements take, a multiple of 4 */
export function optionBlockBytes({ fields, unit, complement }: OptionLayout, block: number): number {
  const room = complement === 'never' ? unit : 2 * unit;
  const ends = fields
    .filter((field) => field.block === block)
    .flatMap(({ units, programUnits = [] }) => [...units, ...programUnits].map((at) => at + room));
  return Math.ceil(Math.max(0, ...ends) / 4) * 4;
}

/** @returns what an open chip has: no read protection, and no sector closed against writing */
export function openOptionValues({ fields, readProtection, writeProtection }: OptionLayout): Map<string, number> {
  const highest = (name: string): number => 2 ** (fields.find((field) => field.name === name)?.bits ?? 0) - 1;
  const values = new Map([[readProtection.field, readProtection.open]]);
  if (writeProtection?.kind === 'bits') {
    for (const name of writeProtection.fields) values.set(name, writeProtection.protects === 0 ? highest(name) : 0);
  }
  for (const { start, end } of writeProtection?.kind === 'areas' ? writeProtection.areas : []) {
    values.set(start, highest(start));
    values.set(end, 0);
  }
  return values;
}
