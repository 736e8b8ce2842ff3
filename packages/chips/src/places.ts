/** What lies at an address of an STM32: flash or one of its aliases, RAM, option bytes, external memory. It reads no device. */
import type { Chip, Range } from './chip.ts';

export type PlaceKind =
  | 'flash'
  | 'flash-alias'
  | 'secure-flash'
  | 'eeprom'
  | 'ram'
  | 'secure-ram'
  | 'option-bytes'
  | 'system-memory'
  | 'external-memory'
  | 'external-flash'
  | 'peripherals'
  | 'core'
  | 'nothing';

export interface Place {
  readonly kind: PlaceKind;
  /** A noun phrase with its article: `the option bytes`, `memory-mapped external flash`. */
  readonly title: string;
  /** Of an alias: the same byte where a loader programs it. */
  readonly standsFor?: number;
}

interface PlaceRow extends Range {
  readonly kind: PlaceKind;
  readonly title: string;
  /** Families that have it so; all where absent. */
  readonly families?: readonly string[];
  /** Other families have something else there, so that it is not named while the chip is not known. */
  readonly needsChip?: boolean;
  /** Of an alias: where its first byte lies. */
  readonly aliasOf?: number;
}

/** Cortex-M23 and M33 with TrustZone: bit 28 of an address chooses the secure alias (RM0438 §2.3, RM0456 §2.3, RM0481 §2.3). */
const TRUSTZONE = ['L5', 'U3', 'U5', 'H5', 'WBA'];

/**
 * The memory maps of the reference manuals laid over each other, the special before the general. ARMv7-M ARM B3.1 gives the
 * outline; what a family has elsewhere has a row with its families.
 */
const PLACES: readonly PlaceRow[] = [
  // RM0385 §2.3 and RM0410 §2.3: ITCM RAM, and the flash on the ITCM bus.
  { start: 0x0000_0000, end: 0x0001_0000, kind: 'ram', title: 'the ITCM RAM', families: ['F7', 'H7'], needsChip: true },
  {
    start: 0x0020_0000,
    end: 0x0040_0000,
    kind: 'flash-alias',
    title: 'the alias of the flash on the ITCM bus',
    families: ['F7'],
    aliasOf: 0x0800_0000,
  },
  {
    start: 0x0000_0000,
    end: 0x0800_0000,
    kind: 'flash-alias',
    title: 'the alias at 0 of the memory that the chip starts from',
    aliasOf: 0x0800_0000,
  },
  {
    start: 0x0808_0000,
    end: 0x0808_6000,
    kind: 'eeprom',
    title: 'the data EEPROM',
    families: ['L0', 'L1'],
    needsChip: true,
  },
  { start: 0x0800_0000, end: 0x0900_0000, kind: 'flash', title: 'the flash' },
  { start: 0x0900_0000, end: 0x0a00_0000, kind: 'flash', title: 'the high-cycle data flash', families: ['H5'] },
  {
    start: 0x0a00_0000,
    end: 0x0b00_0000,
    kind: 'ram',
    title: 'the alias of the RAM on the code bus',
    families: TRUSTZONE,
  },
  { start: 0x0b00_0000, end: 0x0c00_0000, kind: 'system-memory', title: 'system memory', families: TRUSTZONE },
  {
    start: 0x0c00_0000,
    end: 0x0d00_0000,
    kind: 'secure-flash',
    title: 'the secure alias of the flash',
    families: TRUSTZONE,
    aliasOf: 0x0800_0000,
  },
  {
    start: 0x0e00_0000,
    end: 0x0f00_0000,
    kind: 'secure-ram',
    title: 'the secure alias of the RAM',
    families: TRUSTZONE,
  },
  { start: 0x0f00_0000, end: 0x1000_0000, kind: 'system-memory', title: 'system memory', families: TRUSTZONE },
  { start: 0x1000_0000, end: 0x1ff0_0000, kind: 'ram', title: 'the RAM' },
  { start: 0x1ff0_0000, end: 0x2000_0000, kind: 'system-memory', title: 'system memory, with OTP and option bytes' },
  {
    start: 0x3000_0000,
    end: 0x4000_0000,
    kind: 'secure-ram',
    title: 'the secure alias of the RAM',
    families: TRUSTZONE,
    needsChip: true,
  },
  { start: 0x2000_0000, end: 0x4000_0000, kind: 'ram', title: 'the RAM' },
  { start: 0x4000_0000, end: 0x6000_0000, kind: 'peripherals', title: 'the peripherals' },
  // RM0433 §2.3, RM0351 §2.2, RM0456 §2.3: banks of the memory controllers.
  {
    start: 0x6000_0000,
    end: 0x7000_0000,
    kind: 'external-memory',
    title: 'external memory of the FMC, or of the XSPI',
  },
  { start: 0x7000_0000, end: 0x8000_0000, kind: 'external-flash', title: 'memory-mapped external flash' },
  { start: 0x8000_0000, end: 0x9000_0000, kind: 'external-memory', title: 'external NAND flash of the FMC' },
  { start: 0x9000_0000, end: 0xa000_0000, kind: 'external-flash', title: 'memory-mapped external flash' },
  {
    start: 0xa000_0000,
    end: 0xc000_0000,
    kind: 'external-memory',
    title: 'external memory, or the registers of its controller',
  },
  { start: 0xc000_0000, end: 0xe000_0000, kind: 'external-memory', title: 'external SDRAM' },
  { start: 0xe000_0000, end: 0x1_0000_0000, kind: 'core', title: 'the registers of the core' },
];

const isInside = ({ start, end }: Range, address: number): boolean => start <= address && address < end;

/**
 * What is at `address`: on `chip`, or on an STM32 of which nothing is known. Of a chip its own option bytes, EEPROM and
 * system memory come before the map.
 */
export function placeAt(address: number, chip?: Chip): Place {
  const own = chip && ownPlace(address, chip);
  if (own) return own;
  const row = PLACES.find((each) => isInside(each, address) && isOf(each, chip));
  if (!row) return NOTHING;
  const { kind, title, aliasOf, start } = row;
  if (aliasOf === undefined) return { kind, title };
  const standsFor = address - start + aliasOf;
  return chip && standsFor >= endOfFlash(chip) ? NOTHING : { kind, title, standsFor };
}

const NOTHING: Place = { kind: 'nothing', title: 'nothing that a memory map of an STM32 shows' };

/** Of the largest part; everything where no size is known. */
function endOfFlash({ variants }: Chip): number {
  const ends = variants.flatMap(({ banks }) =>
    banks.map(({ start, runs }) => runs.reduce((at, { count, size }) => at + count * size, start)),
  );
  return ends.length === 0 ? Number.POSITIVE_INFINITY : Math.max(...ends);
}

function isOf({ families, needsChip = false }: PlaceRow, chip: Chip | undefined): boolean {
  return chip ? (families?.includes(chip.family) ?? true) : !needsChip;
}

/** Whether an address may also be that of a secure alias, whose bit 28 is set (RM0438 §2.3). */
export function hasTrustZone({ family }: Chip): boolean {
  return TRUSTZONE.includes(family);
}

/** The block of option bytes is as long as its longest layout (RM0351 §3.4.1). */
const OPTION_BLOCK = 0x40;

function ownPlace(address: number, chip: Chip): Place | undefined {
  if (chip.optionBytes.some((start) => isInside({ start, end: start + OPTION_BLOCK }, address))) {
    return { kind: 'option-bytes', title: 'the option bytes' };
  }
  if (chip.eeprom?.some((each) => isInside(each, address))) return { kind: 'eeprom', title: 'the data EEPROM' };
  if (chip.systemMemory.some((each) => isInside(each, address))) {
    return { kind: 'system-memory', title: 'system memory, where the ROM bootloader is' };
  }
  if (chip.ram.some((each) => isInside(each, address))) return { kind: 'ram', title: 'the RAM' };
  return undefined;
}
