/** How the fields of option bytes are written down in the tables, and those that many chips share. */
import type { ClosedArea, NamedValue, OptionField, ProtectionAreas } from './layout.ts';

interface Place {
  readonly at: number;
  readonly bit: number;
}

type Rest = Partial<Pick<OptionField, 'block' | 'programUnits' | 'otherwise' | 'addressShift' | 'readOnly' | 'values'>>;

export const field = (name: string, about: string, place: Place & { bits: number }, rest: Rest = {}): OptionField => ({
  name,
  about,
  block: 0,
  units: [place.at],
  bit: place.bit,
  bits: place.bits,
  values: [],
  ...rest,
});

/** One bit, and what it means when it is 0 and when it is 1. */
export const flagField = (
  name: string,
  place: Place,
  [zero, one]: readonly [string, string],
  about = '',
): OptionField => field(name, about, { ...place, bits: 1 }, { values: [named(0, zero), named(1, one)] });

/** All bits of some units in a row. */
export const mask = (name: string, about: string, units: readonly number[], unitBytes: number): OptionField => ({
  name,
  about,
  block: 0,
  units,
  bit: 0,
  bits: units.length * unitBytes * 8,
  values: [],
});

/** Fields of a status register whose program register follows it (H5, H7, C5: _CUR and _PRG). */
export const current = (...fields: readonly OptionField[]): OptionField[] =>
  fields.map((each) => ({ ...each, programUnits: each.units.map((at) => at + 4) }));

export const named = (value: number, name: string): NamedValue => ({ value, name });

export const inBlock = (block: number, fields: readonly OptionField[]): OptionField[] =>
  fields.map((each) => ({ ...each, block }));

const CLOSING = 'the bootloader and debuggers no longer read or write flash; going back erases everything';
const LOCKING = 'for ever: no debugger, no bootloader, and option bytes never change again';

/** The value that ST's own drivers write for level 1. */
const LEVEL_1 = 0xbb;

/** RDP of all families but F1, and from H5 on. Every value that is neither of the others is level 1. */
export const rdp = (place: Place): OptionField =>
  field(
    'RDP',
    'read protection',
    { ...place, bits: 8 },
    {
      values: [
        named(0xaa, 'level 0'),
        { ...named(LEVEL_1, 'level 1'), caution: CLOSING },
        { ...named(0xcc, 'level 2'), caution: LOCKING, forEver: true },
      ],
      otherwise: 'level 1',
    },
  );

/** F1 knows two levels (PM0075). */
export const rdpF1 = (place: Place): OptionField =>
  field(
    'RDP',
    'read protection',
    { ...place, bits: 8 },
    {
      values: [named(0xa5, 'level 0'), { ...named(LEVEL_1, 'level 1'), caution: CLOSING }],
      otherwise: 'level 1',
    },
  );

/** With TrustZone there is a level between; without it the same byte is level 1 (RM0438, RM0456). */
export const rdpTrustZone = (place: Place): OptionField => {
  const plain = rdp(place);
  return {
    ...plain,
    values: [...plain.values, { ...named(0x55, 'level 0.5, or 1 without TrustZone'), caution: CLOSING }],
  };
};

/** PRODUCT_STATE (RM0481, RM0492): its transitions go one way, and back only through a regression. */
export const productState = (place: Place): OptionField =>
  field(
    'PRODUCT_STATE',
    'life of the product; stands for RDP',
    { ...place, bits: 8 },
    {
      values: [
        named(0xed, 'open'),
        { ...named(0x17, 'provisioning'), caution: CLOSING },
        { ...named(0x2e, 'iROT-provisioned'), caution: CLOSING },
        { ...named(0xc6, 'TZ-closed'), caution: CLOSING },
        {
          ...named(0x72, 'closed'),
          caution: 'without a debug authentication key nothing opens it again',
          forEver: true,
        },
        { ...named(0x5c, 'locked'), caution: LOCKING, forEver: true },
        { ...named(0x9a, 'regression'), caution: 'everything is erased' },
      ],
    },
  );

const HARDWARE_SOFTWARE = ['started by hardware', 'started by software'] as const;
const FROZEN_RUNNING = ['stands still', 'runs on'] as const;
const RESET_NONE = ['a reset', 'no reset'] as const;

export const watchdog = (name: string, place: Place): OptionField =>
  flagField(name, place, HARDWARE_SOFTWARE, name.startsWith('WWDG') ? 'window watchdog' : 'independent watchdog');
export const frozen = (name: string, place: Place): OptionField =>
  flagField(name, place, FROZEN_RUNNING, 'independent watchdog in low-power mode');
export const resetOn = (name: string, place: Place): OptionField =>
  flagField(name, place, RESET_NONE, 'what entering the mode makes');
export const plainBit = (name: string, place: Place, about: string): OptionField =>
  field(name, about, { ...place, bits: 1 });

export const brownOut = (place: Place & { bits: number }, values: readonly NamedValue[] = []): OptionField =>
  field('BOR_LEV', 'brown-out reset level', place, { values });

/** A bit with the same caution for both of its values. */
const weighty =
  (about: string, caution: string) =>
  (name: string, place: Place, [zero, one]: readonly [string, string]): OptionField => {
    const values = [named(0, zero), named(1, one)].map((each) => ({ ...each, caution }));
    return field(name, about, { ...place, bits: 1 }, { values });
  };

/** A bit that decides what is started. */
export const bootBit = weighty(
  'what is started',
  'decides what the chip starts: it may not come back to its bootloader by itself',
);

/** A bit that divides the flash. */
export const bankBit = weighty(
  'division of the flash',
  'the flash is divided anew: what it holds is no longer where it was',
);

/** Brown-out levels of F2, F4 and F7 by RM0090; on others they are close to these. */
export const HIGH_LEVELS = [named(0, '2.7 V'), named(1, '2.4 V'), named(2, '2.1 V'), named(3, 'off')];

/** An area of pages: its first in the lower half of the word, its last in the upper. */
export const pageArea = (
  [start, end]: readonly [string, string],
  at: number,
  bits: number,
  about = 'write protection, pages of the bank',
): OptionField[] => [field(start, about, { at, bit: 0, bits }), field(end, about, { at, bit: 16, bits })];

/** The areas A and B of these banks, `WRP1A_STRT` to `WRP1A_END` and so on. */
export const protectionAreas = (
  banks: readonly (1 | 2)[],
  [start, end]: readonly [string, string] = ['STRT', 'END'],
): ProtectionAreas => ({
  kind: 'areas',
  areas: banks.flatMap((bank) =>
    ['A', 'B'].map((area) => ({
      bank: bank - 1,
      start: `WRP${bank}${area}_${start}`,
      end: `WRP${bank}${area}_${end}`,
    })),
  ),
});

/** Areas of proprietary code by their names: `1A` of bank 1, `2` of bank 2. `unitBytes` is what their offsets count. */
export const codeAreas = (names: readonly string[], unitBytes: number): ClosedArea[] =>
  names.map((name) => ({
    name: `PCROP${name}`,
    bank: Number(name[0]) - 1,
    start: `PCROP${name}_STRT`,
    end: `PCROP${name}_END`,
    unitBytes,
  }));

/** The same where they count these units in two banks only: one bank has units of another size. */
export const codeAreasOfTwoBanks = (unitBytes: number): ClosedArea[] =>
  codeAreas(['1', '2'], unitBytes).map((area) => ({ ...area, only: { field: 'DBANK', value: 1 } }));

/** A bit that, once it is 1, leaves only one way to start. */
export const bootLock = (place: Place, locked: string): OptionField =>
  field(
    'BOOT_LOCK',
    'what is started',
    { ...place, bits: 1 },
    { values: [named(0, 'by pins and bits'), { ...named(1, locked), caution: 'no bootloader any more' }] },
  );

/** What the reset pin is for (G0, G4, C0, U0). */
export const resetPin = (mode: Place, holder: Place): OptionField[] => [
  field(
    'NRST_MODE',
    'reset pin',
    { ...mode, bits: 2 },
    { values: [named(1, 'input only'), named(2, 'GPIO'), named(3, 'input and output')] },
  ),
  flagField('IRHEN', holder, ['off', 'on'], 'internal resets hold the reset pin'),
];
