/** The ways in which families keep their option bytes in registers or memory: builders of `OptionAccess`. Data; it knows no chip. */
import type { OptionLayout } from './layout.ts';
import type { OptionAccess, OptionPlace } from './option-access.ts';

const OPTION_KEYS = [0x0819_2a3b, 0x4c5d_6e7f] as const;

/** OPTER and STRT are of the controller: PM0075, RM0091, RM0316. */
export const halfWords = (launches: boolean): OptionAccess => ({
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

/** OPTLOCK and OBL_LAUNCH of PECR; an old value is erased by the write itself (RM0376, RM0038). */
export const memoryWords = (base: number): OptionAccess => ({
  kind: 'words',
  places: [],
  key: base + 0x14,
  keys: [0xfbea_d9c8, 0x2425_2627],
  lock: { register: base + 0x04, bits: 1 << 2 },
  needsFlashKey: true,
  start: { register: base + 0x04, bits: 0 },
  busy: { register: base + 0x18, bits: 1 },
  launch: { register: base + 0x04, bits: 1 << 18 },
});

/** OPTCR holds two half-words of the block, and so does each register behind it (RM0090, RM0385, RM0410, RM0431). */
export function byOptcr({ blocks, fields }: OptionLayout): OptionAccess {
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

/** Registers from OPTR on, by the offset in the block (RM0351, RM0440, RM0444). */
type OptionOffsets = Readonly<Record<number, number>>;
const FIRST_BANK: OptionOffsets = { 0: 0x20, 8: 0x24, 16: 0x28, 24: 0x2c, 32: 0x30 };
const SECOND_BANK: OptionOffsets = { 8: 0x44, 16: 0x48, 24: 0x4c, 32: 0x50 };
export const G4_OFFSETS: readonly OptionOffsets[] = [
  { ...FIRST_BANK, 40: 0x70 },
  { ...SECOND_BANK, 40: 0x74 },
];
export const L4_OFFSETS: readonly OptionOffsets[] = [FIRST_BANK, SECOND_BANK];
export const G0_OFFSETS: readonly OptionOffsets[] = [
  { ...FIRST_BANK, 40: 0x34, 48: 0x38, 112: 0x80 },
  { ...SECOND_BANK, 40: 0x54, 48: 0x58 },
];
/** SFR at its end (RM0434, RM0453). */
export const WIRELESS_OFFSETS: readonly OptionOffsets[] = [{ ...FIRST_BANK, 40: 0x34, 48: 0x38, 112: 0x80 }];

interface OptrPlaces {
  readonly base: number;
  readonly key: number;
  readonly status: number;
  readonly control: number;
}
export const OPTR_PLACES: OptrPlaces = { base: 0x4002_2000, key: 0x0c, status: 0x10, control: 0x14 };
/** RM0434, RM0453. */
export const WIRELESS_PLACES: OptrPlaces = { ...OPTR_PLACES, base: 0x5800_4000 };
/** OPTKEYR, NSSR and NSCR (RM0438, RM0456, RM0487, RM0515). */
export const NON_SECURE_PLACES: OptrPlaces = { base: 0x4002_2000, key: 0x10, status: 0x20, control: 0x28 };

function optrAccess(places: readonly OptionPlace[], { base, key, status, control }: OptrPlaces): OptionAccess {
  return {
    kind: 'registers',
    places,
    key: base + key,
    keys: OPTION_KEYS,
    lock: { register: base + control, bits: 1 << 30 },
    needsFlashKey: true,
    start: { register: base + control, bits: 1 << 17 },
    // BSY, BSY2 and CFGBSY where they are (RM0444).
    busy: { register: base + status, bits: (1 << 16) | (1 << 17) | (1 << 18) },
    launch: { register: base + control, bits: 1 << 27 },
  };
}

export function byOptr(
  { fields }: OptionLayout,
  offsets: readonly OptionOffsets[],
  places = OPTR_PLACES,
): OptionAccess {
  const found = fieldUnits(fields).flatMap(({ block, at }): OptionPlace[] => {
    const offset = offsets[block]?.[at];
    return offset === undefined ? [] : [{ block, at, register: places.base + offset }];
  });
  return optrAccess(found, places);
}

/** The block is the registers themselves (RM0438, RM0456, RM0487, RM0503, RM0515). */
export function byOwnRegisters({ blocks, fields }: OptionLayout, places: OptrPlaces): OptionAccess {
  const found = fieldUnits(fields).map(
    ({ block, at }): OptionPlace => ({ block, at, register: (blocks[block] ?? 0) + at }),
  );
  return optrAccess(found, places);
}

type StatusPlaces = Pick<OptionAccess, 'kind' | 'key' | 'busy' | 'staysClosed'> & { readonly optcr: number };
/** OPT_BUSY of OPTSR_CUR (RM0433). */
export const H7_PLACES: StatusPlaces = {
  kind: 'registers',
  key: 0x5200_2008,
  optcr: 0x5200_2018,
  busy: { register: 0x5200_201c, bits: 1 },
};
/** BUSY and QW; PG_OPT stands where others have OPTSTRT (RM0477, FLASH_OPTCR, FLASH_SR). */
export const H7RS_PLACES: StatusPlaces = {
  kind: 'at-once',
  key: 0x5200_2100,
  optcr: 0x5200_2104,
  busy: { register: 0x5200_2014, bits: 5 },
};
/** RM0481; embassy-rs/stm32-data flash_c5. */
export const H5_PLACES: StatusPlaces = {
  kind: 'registers',
  key: 0x4002_200c,
  optcr: 0x4002_201c,
  busy: { register: 0x4002_2020, bits: 1 },
  staysClosed: 'a product state goes back by a regression alone, which asks for its key (debug authentication)',
};
export const C5_PLACES: StatusPlaces = {
  ...H5_PLACES,
  staysClosed: 'its RDP levels go back with the key of the OEM alone',
};

/** The block is the registers themselves, status and program side (RM0433). */
export function byStatusRegisters({ blocks, fields }: OptionLayout, { optcr, ...places }: StatusPlaces): OptionAccess {
  const place = (block: number, at: number): OptionPlace => ({ block, at, register: (blocks[block] ?? 0) + at });
  const program = fields.flatMap(({ block, programUnits = [] }) => programUnits.map((at) => ({ block, at })));
  return {
    ...places,
    places: [
      ...fieldUnits(fields).map(({ block, at }): OptionPlace => ({ ...place(block, at), shownOnly: true })),
      ...distinct(program).map(({ block, at }) => place(block, at)),
    ],
    keys: OPTION_KEYS,
    lock: { register: optcr, bits: 1 },
    needsFlashKey: false,
    start: { register: optcr, bits: 2 },
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
