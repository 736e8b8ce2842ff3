/** Regions of a DFU device: its announced map, completed by the chip table, or replaced by it if the chip is certain. */
import type { Chip } from '@sureflash/chips';
import { type FlashError, hasCode } from '../../errors.ts';
import type { Alternate } from '../../ports/usb.ts';
import { visible } from '../../ports/visible.ts';
import type { Range, Region, RegionKind, Sector } from '../../target/geometry.ts';
import { type Layout, parseLayout } from './layout.ts';

/** A region and the alternate setting through which it is reached. */
export interface DfuRegion extends Region {
  readonly alternate: number;
}

/** Assumed if no chip is known: the widest unit of any STM32, and cells that take each unit once. */
const CAUTIOUS = { writeSize: 32, cells: 'ecc', erasedValue: 0xff } as const;
/** Option bytes, OTP and the like are written by words (AN3156 §5.3). */
const WORD = 4;

/**
 * @returns one region per alternate setting. A setting without a layout string has none (ST's middleware template says
 * "DFU MEDIA"). Memory that several settings name is reached through the first of them (STM32G0B1 ROMs offer the whole
 * flash three times).
 * @param own the sectors that the flash really has; absent if the device's own map has to be believed. They are the map of a flash whose string cannot
 * be read, too
 */
export function regionsOf(
  alternates: readonly Alternate[],
  chips: readonly Chip[],
  own?: readonly Range[],
): DfuRegion[] {
  const regions: DfuRegion[] = [];
  const isMapped = alternates.some((each) => layoutOf(each) !== undefined && isFlash(each));
  for (const alternate of alternates) {
    // Where the map of the flash cannot be read, the first setting is the flash, as in every loader that is known.
    const isFirst = !isMapped && alternate === alternates[0];
    const layout = layoutOf(alternate) ?? (isFirst ? tableLayout(own) : undefined);
    if (!layout) continue;
    const found = { ...region(layout, chips, own), alternate: alternate.number };
    if (!regions.some((other) => sectorsOverlap(other, found))) regions.push(found);
  }
  return regions;
}

/** @returns option bytes that a loader gives back and does not announce. Nobody knows that it takes others, so none are written. */
export function hiddenOptionRegion(pieces: readonly Range[], alternate: number): DfuRegion | undefined {
  const [first, last] = [pieces[0], pieces.at(-1)];
  if (!first || !last) return undefined;
  const sectors = pieces.map((piece, index) => ({ ...piece, index, readable: true, erasable: false, writable: false }));
  const cells = { writeSize: WORD, cells: 'plain', erasedValue: 0xff } as const;
  return {
    name: 'Option Bytes',
    kind: 'option-bytes',
    start: first.start,
    end: last.end,
    sectors,
    ...cells,
    alternate,
  };
}

function tableLayout(own: readonly Range[] | undefined): Layout | undefined {
  if (!own) return undefined;
  const sectors = own.map((range, index) => ({ ...range, index, readable: true, erasable: true, writable: true }));
  return { name: 'Internal Flash', sectors };
}

/** Gaps between the sectors of a region do not count: STM32G474 ROMs name two ranges of option bytes in one string. */
function sectorsOverlap(a: Region, b: Region): boolean {
  if (a.start >= b.end || b.start >= a.end) return false;
  // Both ascend: whichever sector ends first cannot meet any later one of the other region.
  for (let i = 0, j = 0; i < a.sectors.length && j < b.sectors.length; ) {
    const [s, t] = [a.sectors[i], b.sectors[j]];
    if (!s || !t) return false;
    if (s.start < t.end && t.start < s.end) return true;
    if (s.end <= t.start) i++;
    else j++;
  }
  return false;
}

/** Whether the layout string of an alternate setting names option bytes. */
export const isOptionBytes = ({ name }: Pick<Alternate, 'name'>): boolean => /^@option byte/i.test(name);
export const isFlash = ({ name }: Pick<Alternate, 'name'>): boolean => /flash/i.test(name);

/** @returns the parsed layout string; `undefined` without one, or if it cannot be understood */
export function layoutOf(alternate: Alternate): Layout | undefined {
  return parsedOrBroken(alternate).layout;
}

/** What the settings announce as flash, and which of them cannot be understood. */
export interface AnnouncedFlash {
  /** Empty without a setting that names flash in a way that can be understood. */
  readonly sectors: readonly Sector[];
  /** In the order of the settings. The others serve all the same. */
  readonly broken: readonly FlashError<'dfu/layout'>[];
}

/** Where no setting is called flash, the first one is, as in every loader that is known. */
export function announcedFlash(alternates: readonly Alternate[]): AnnouncedFlash {
  const named = alternates.filter(isFlash);
  const read = (named.length > 0 ? named : alternates.slice(0, 1)).map(parsedOrBroken);
  return {
    sectors: read.find(({ layout }) => layout)?.layout?.sectors ?? [],
    broken: read.flatMap(({ error }) => error ?? []),
  };
}

/** For people. */
export const unreadText = ({ facts: { text, offset, expected } }: FlashError<'dfu/layout'>): string =>
  `its setting "${visible(text)}" cannot be understood at position ${offset}: expected ${expected}`;

function parsedOrBroken({ name }: Alternate): {
  readonly layout?: Layout | undefined;
  readonly error?: FlashError<'dfu/layout'>;
} {
  try {
    return { layout: parseLayout(name) };
  } catch (error) {
    if (!hasCode(error, 'dfu/layout')) throw error;
    return { error };
  }
}

function region(layout: Layout, chips: readonly Chip[], own: readonly Range[] | undefined): Region {
  const kind = kindOf(layout);
  const sectors = kind === 'flash' && own ? replaced(layout.sectors, own) : sorted(layout.sectors);
  const start = sectors[0]?.start ?? 0;
  const end = sectors.at(-1)?.end ?? start;
  const cells = kind === 'flash' ? cellsOf(chips) : { writeSize: WORD, cells: 'plain' as const, erasedValue: 0xff };
  return { name: visible(layout.name), kind, start, end, sectors, ...cells };
}

function sorted(sectors: readonly Sector[]): readonly Sector[] {
  return [...sectors].sort((a, b) => a.start - b.start).map((sector, index) => ({ ...sector, index }));
}

/** The chip's own sectors, if the announced map begins where they do: the chip table does not know external flash. */
function replaced(announced: readonly Sector[], own: readonly Range[]): readonly Sector[] {
  if (announced[0]?.start !== own[0]?.start) return announced;
  return own.map((range, index) => ({ ...range, index, readable: true, erasable: true, writable: true }));
}

function cellsOf(chips: readonly Chip[]): Pick<Region, 'writeSize' | 'cells' | 'erasedValue'> {
  if (chips.length === 0) return CAUTIOUS;
  return {
    writeSize: Math.max(WORD, ...chips.map((chip) => chip.writeSize)),
    cells: chips.some((chip) => chip.cells === 'ecc') ? 'ecc' : 'plain',
    // L0 and L1 erase to 0. No other chip has pages as small as theirs, so all candidates agree.
    erasedValue: chips[0]?.erasedValue ?? CAUTIOUS.erasedValue,
  };
}

/** Where main flash can be on any STM32. */
const MAIN_FLASH: Range = { start: 0x0800_0000, end: 0x0900_0000 };

/** What is erased by sectors and lies where flash lies is flash, in whatever language it is named. */
function kindOf({ name, sectors }: Layout): RegionKind {
  if (isOptionBytes({ name: `@${name}` })) return 'option-bytes';
  if (/^otp/i.test(name)) return 'otp';
  if (/^device feature/i.test(name)) return 'device-feature';
  if (/^(data memory|eeprom)/i.test(name)) return 'eeprom';
  const isErased = sectors.some(
    ({ start, erasable, writable }) => erasable && writable && start >= MAIN_FLASH.start && start < MAIN_FLASH.end,
  );
  return isErased || isFlash({ name }) ? 'flash' : 'other';
}
