/**
 * How option bytes are changed by the registers of the flash interface, for those who reach them: keys, locks, and which register
 * holds which unit of a block. Data; it knows no probe.
 */
import type { Chip } from '../chip.ts';
import type { OptionLayout } from './layout.ts';
import { optionLayoutOf } from './layouts.ts';

/** A unit of a block, and the register that holds it. */
export interface OptionPlace {
  readonly block: number;
  /** Offset of the unit in its block. */
  readonly at: number;
  readonly register: number;
  /** The unit is the upper half of the register. */
  readonly upper?: true;
  /** It is shown here and changed elsewhere (H5, H7: _CUR and _PRG). */
  readonly shownOnly?: true;
}

export interface OptionAccess {
  /** `half-words`: erased as a whole and programmed in their own memory (F0, F1, F3). */
  readonly kind: 'half-words' | 'registers';
  /** Empty for `half-words`. */
  readonly places: readonly OptionPlace[];
  readonly key: number;
  readonly keys: readonly [number, number];
  /** Register and bit that tell whether options are locked; with `isOpenBit` the bit means open. */
  readonly lock: { readonly register: number; readonly bits: number; readonly isOpenBit?: true };
  /** The lock of the flash itself is opened first. */
  readonly needsFlashKey: boolean;
  readonly start: { readonly register: number; readonly bits: number };
  readonly busy: { readonly register: number; readonly bits: number };
  /** Loads the option bytes, with a reset; absent where a system reset does. */
  readonly launch?: { readonly register: number; readonly bits: number };
}

const OPTION_KEYS = [0x0819_2a3b, 0x4c5d_6e7f] as const;

/** OPTER and STRT are of the controller: PM0075 §2.5.1, RM0091 §3.2.4, RM0316 §4.3. */
const halfWords = (launches: boolean): OptionAccess => ({
  kind: 'half-words',
  places: [],
  key: 0x4002_2008,
  keys: [0x4567_0123, 0xcdef_89ab],
  lock: { register: 0x4002_2010, bits: 1 << 9, isOpenBit: true },
  needsFlashKey: true,
  start: { register: 0x4002_2010, bits: (1 << 5) | (1 << 6) },
  busy: { register: 0x4002_200c, bits: 1 },
  ...(launches && { launch: { register: 0x4002_2010, bits: 1 << 13 } }),
});

/** OPTCR holds two half-words of the block, and so does each register behind it (RM0090 §3.9.8, RM0385 §3.7, RM0410 §3.7). */
function byOptcr({ blocks, fields }: OptionLayout): OptionAccess {
  const optcr = 0x4002_3c14;
  const places = fieldUnits(fields).map(({ block, at }): OptionPlace => {
    const register = optcr + 4 * (block + (at >> 4));
    return { block, at, register, ...((at & 8) !== 0 && { upper: true }) };
  });
  return {
    kind: 'registers',
    places: places.filter(({ block }) => block < blocks.length),
    key: 0x4002_3c08,
    keys: OPTION_KEYS,
    lock: { register: optcr, bits: 1 },
    needsFlashKey: false,
    start: { register: optcr, bits: 2 },
    busy: { register: 0x4002_3c0c, bits: 1 << 16 },
  };
}

/** Registers from OPTR on, by the offset in the block (RM0351 §3.7, RM0440 §3.7, RM0444 §3.7). */
type OptionOffsets = Readonly<Record<number, number>>;
const FIRST_BANK: OptionOffsets = { 0: 0x20, 8: 0x24, 16: 0x28, 24: 0x2c, 32: 0x30 };
const SECOND_BANK: OptionOffsets = { 8: 0x44, 16: 0x48, 24: 0x4c, 32: 0x50 };
const G4_OFFSETS: readonly OptionOffsets[] = [
  { ...FIRST_BANK, 40: 0x70 },
  { ...SECOND_BANK, 40: 0x74 },
];
const L4_OFFSETS: readonly OptionOffsets[] = [FIRST_BANK, SECOND_BANK];
const G0_OFFSETS: readonly OptionOffsets[] = [{ ...FIRST_BANK, 40: 0x34, 48: 0x38, 112: 0x80 }];

function byOptr({ fields }: OptionLayout, offsets: readonly OptionOffsets[]): OptionAccess {
  const base = 0x4002_2000;
  return {
    kind: 'registers',
    places: fieldUnits(fields).flatMap(({ block, at }): OptionPlace[] => {
      const offset = offsets[block]?.[at];
      return offset === undefined ? [] : [{ block, at, register: base + offset }];
    }),
    key: base + 0x0c,
    keys: OPTION_KEYS,
    lock: { register: base + 0x14, bits: 1 << 30 },
    needsFlashKey: true,
    start: { register: base + 0x14, bits: 1 << 17 },
    // BSY, BSY2 and CFGBSY where they are (RM0444 §3.7.4).
    busy: { register: base + 0x10, bits: (1 << 16) | (1 << 17) | (1 << 18) },
    launch: { register: base + 0x14, bits: 1 << 27 },
  };
}

/** The block is the registers themselves, status and program side (RM0433 §4.9). */
function byStatusRegisters({ blocks, fields }: OptionLayout): OptionAccess {
  const base = 0x5200_2000;
  const place = (block: number, at: number): OptionPlace => ({ block, at, register: (blocks[block] ?? 0) + at });
  const program = fields.flatMap(({ block, programUnits = [] }) => programUnits.map((at) => ({ block, at })));
  return {
    kind: 'registers',
    places: [
      ...fieldUnits(fields).map(({ block, at }): OptionPlace => ({ ...place(block, at), shownOnly: true })),
      ...distinct(program).map(({ block, at }) => place(block, at)),
    ],
    key: base + 0x08,
    keys: OPTION_KEYS,
    lock: { register: base + 0x18, bits: 1 },
    needsFlashKey: false,
    start: { register: base + 0x18, bits: 2 },
    // OPT_BUSY of OPTSR_CUR.
    busy: { register: base + 0x1c, bits: 1 },
  };
}

interface UnitPlace {
  readonly block: number;
  readonly at: number;
}

function fieldUnits(fields: OptionLayout['fields']): UnitPlace[] {
  return distinct(fields.flatMap(({ block, units }) => units.map((at) => ({ block, at }))));
}

function distinct(places: readonly UnitPlace[]): UnitPlace[] {
  return [...new Map(places.map((each) => [`${each.block} ${each.at}`, each])).values()];
}

/** @returns `undefined` where no way is known here: L0, L1, L5, U0, U3, U5, H5, H7R/S, C5, WB, WBA, WL */
export function optionAccessOf(chip: Chip): OptionAccess | undefined {
  const layout = optionLayoutOf(chip);
  if (!layout) return undefined;
  switch (chip.family) {
    case 'F1':
      return halfWords(false);
    case 'F0':
    case 'F3':
      return halfWords(true);
    case 'F2':
    case 'F4':
    case 'F7':
      return byOptcr(layout);
    case 'L4':
      return byOptr(layout, L4_OFFSETS);
    case 'G4':
      return byOptr(layout, G4_OFFSETS);
    case 'G0':
    case 'C0':
      return byOptr(layout, G0_OFFSETS);
    case 'H7':
      return layout.id === 'h7rs' ? undefined : byStatusRegisters(layout);
    default:
      return undefined;
  }
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
