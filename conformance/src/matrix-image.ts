/**
 * What the matrix programs into a chip, and where nothing may change: an image of several pieces that fits every row of
 * the table.
 */
import { MemoryImage, type Range, type Segment } from '@sureflash/image';
import { fillerProgram, listSectors, type RomRow } from '@sureflash/virtual';
import { noise } from './rig.ts';

export const FLASH_START = 0x0800_0000;
/** The image: a program at the start, something in the middle, and the last bytes of the flash. */
const PROGRAM_BYTES = 14_001;
const MIDDLE_BYTES = 2_003;
const END_BYTES = 1_501;
/** More than a page of L0 and L1. */
const NEIGHBOUR_BYTES = 700;

const endOf = (row: RomRow): number => sectorsOf(row).at(-1)?.end ?? FLASH_START;

/** Half way through the last bank. */
const middleOf = (row: RomRow): number => {
  const bank = row.profile.cells.regions.at(-1);
  const start = bank?.start ?? FLASH_START;
  return start + Math.floor((endOf(row) - start) / 2) + 8;
};

/** A program that can start on this chip; all of it depends on the seed but the first half of the program. */
export function imageFor(row: RomRow, seed: number): MemoryImage {
  const [first] = row.profile.ram.filter(({ start }) => start >= 0x2000_0000);
  if (!first) throw new Error(`no RAM in ${row.name}`);
  const program = fillerProgram(FLASH_START, PROGRAM_BYTES, first.start + first.bytes);
  const half = Math.ceil(PROGRAM_BYTES / 2);
  program.set(noise(PROGRAM_BYTES - half, seed), half);
  const end = endOf(row);
  return new MemoryImage([
    { address: FLASH_START, bytes: program },
    { address: middleOf(row), bytes: noise(MIDDLE_BYTES, seed + 100) },
    { address: end - END_BYTES, bytes: noise(END_BYTES, seed + 200) },
  ]);
}

/** The sectors of a row in address order. */
const sectorsOf = ({ profile }: RomRow): readonly Range[] => listSectors(profile.cells.regions);

/** The sectors that no image of this row touches. */
export function untouched(row: RomRow): Range[] {
  const { segments } = imageFor(row, 0);
  return sectorsOf(row).filter(
    ({ start, end }) => !segments.some(({ address, bytes }) => address < end && address + bytes.length > start),
  );
}

/** What no image of this row covers, in all sectors. */
export function beside(row: RomRow): Range[] {
  const image = imageFor(row, 0);
  return sectorsOf(row).flatMap((sector) => {
    const gaps: Range[] = [];
    let start = sector.start;
    for (const { address, bytes } of image.within(sector)) {
      if (address > start) gaps.push({ start, end: address });
      start = address + bytes.length;
    }
    return start < sector.end ? [...gaps, { start, end: sector.end }] : gaps;
  });
}

/** Somebody else's bytes on both sides of each piece of the image, in its sectors and in those next to them. */
export function neighbours(row: RomRow): Segment[] {
  const { segments } = imageFor(row, 0);
  const pieces = segments.flatMap(({ address, bytes }) => [
    { start: address - NEIGHBOUR_BYTES, end: address },
    { start: address + bytes.length, end: address + bytes.length + NEIGHBOUR_BYTES },
  ]);
  return sectorsOf(row).flatMap((sector) =>
    pieces.flatMap((piece) => {
      const start = Math.max(sector.start, piece.start);
      const end = Math.min(sector.end, piece.end);
      return start < end ? [{ address: start, bytes: noise(end - start, start) }] : [];
    }),
  );
}

/** Option bytes, OTP, EEPROM and Device Feature. */
export function otherMemories({ profile }: RomRow): Range[] {
  const { options, moreOptions, otp, eeprom } = profile;
  // Not the Device Feature: it takes the supply of a job and forgets it at reset.
  const blocks = [options, moreOptions].flatMap((block) =>
    block ? [{ start: block.start, bytes: block.initial.length }] : [],
  );
  const extents = [otp, eeprom].flatMap((extent) => extent ?? []);
  return [...blocks, ...extents].map(({ start, bytes }) => ({ start, end: start + bytes }));
}
