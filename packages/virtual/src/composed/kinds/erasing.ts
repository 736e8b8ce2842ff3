/** Erases of the wrong sector, of too little, of too much, or at the wrong time. */

import type { Bench, Kind } from '../deviation.ts';
import { hex, kindOf } from '../deviation.ts';
import type { Geometry } from '../geometry.ts';
import { sectorAt } from '../geometry.ts';
import type { OperationExtent } from '../operation.ts';

const extentOf = (geometry: Geometry, index: number): OperationExtent | undefined => {
  const sector = geometry.sectors[index];
  return sector && { address: sector.start, length: sector.end - sector.start };
};

const indexAt = (geometry: Geometry, address: number): number => sectorAt(geometry, address)?.index ?? -1;

/** Passes the erase on for sector `index`, where there is one. */
function eraseSector({ below, geometry }: Bench, index: number): void {
  const extent = extentOf(geometry, index);
  if (extent) below.erase(extent);
}

const BLANK = 0xff;

export const ERASING: readonly Kind[] = [
  kindOf({
    kind: 'erase-sector-off-by-one',
    layer: 'where',
    draw: (dice) => ({ by: dice.pick([-1, 1]) }),
    words: ({ by }) => `erases go to the sector ${by > 0 ? 'behind' : 'before'} the one that is asked for`,
    hooks: ({ by }) => ({
      erase: (bench, { address }) => eraseSector(bench, indexAt(bench.geometry, address) + by),
    }),
  }),
  kindOf({
    // FLASH_CR_SNB of another family has fewer bits.
    kind: 'erase-sector-number-truncated',
    layer: 'where',
    draw: (dice, { sectors }) => ({ bits: sectors.length > 16 ? dice.int(2, 5) : dice.int(1, 2) }),
    words: ({ bits }) => `erases look at the low ${bits} bits of the sector's number only`,
    hooks: ({ bits }) => ({
      erase: (bench, { address }) => {
        const index = indexAt(bench.geometry, address);
        eraseSector(bench, index < 0 ? index : index % 2 ** bits);
      },
    }),
  }),
  kindOf({
    // The page number is computed with the page size of another chip.
    kind: 'erase-page-size-wrong',
    layer: 'where',
    draw: (dice) => ({ bytes: dice.pick([1024, 4096, 8192, 16_384, 32_768]) }),
    words: ({ bytes }) => `erases take the offset divided by ${hex(bytes)} for the number of the sector`,
    hooks: ({ bytes }) => ({
      erase: (bench, { address }) => eraseSector(bench, Math.floor((address - bench.geometry.start) / bytes)),
    }),
  }),
  kindOf({
    kind: 'erase-first-part',
    layer: 'what',
    draw: (dice, { programBytes }) => ({ bytes: dice.pick([256, 512, 1024, 64 * programBytes, 2048 - programBytes]) }),
    words: ({ bytes }) => `erases clear the first ${bytes} bytes of a sector`,
    hooks: ({ bytes }) => ({
      erase: ({ cells }, { address, length }) => cells.clear(address, Math.min(bytes, length)),
    }),
  }),
  kindOf({
    kind: 'erase-fraction',
    layer: 'what',
    draw: (dice) => ({ parts: dice.pick([2, 4, 8]), last: dice.int(0, 1) }),
    words: ({ parts, last }) => `erases clear the ${last === 1 ? 'last' : 'first'} ${parts}th of a sector`,
    hooks: ({ parts, last }) => ({
      erase: ({ cells }, { address, length }) =>
        cells.clear(last === 1 ? address + length - length / parts : address, length / parts),
    }),
  }),
  kindOf({
    kind: 'erase-leaves-end',
    layer: 'what',
    draw: (dice, { programBytes }) => ({ bytes: dice.pick([programBytes, 16, 32, 64, 128, 256]) }),
    words: ({ bytes }) => `erases leave the last ${bytes} bytes of a sector`,
    hooks: ({ bytes }) => ({
      erase: ({ cells }, { address, length }) => cells.clear(address, length - bytes),
    }),
  }),
  kindOf({
    // Sectors are larger than the descriptor says.
    kind: 'erase-group',
    layer: 'what',
    draw: (dice) => ({ count: dice.pick([2, 4, 8]) }),
    words: ({ count }) => `erases clear all ${count} sectors of an aligned group`,
    hooks: ({ count }) => ({
      erase: (bench, { address }) => {
        const index = indexAt(bench.geometry, address);
        if (index < 0) return;
        for (let i = 0; i < count; i++) eraseSector(bench, index - (index % count) + i);
      },
    }),
  }),
  kindOf({
    // `<=` in the loop.
    kind: 'erase-neighbours-too',
    layer: 'what',
    draw: (dice) => ({ from: dice.pick([0, 0, -1]), count: dice.int(2, 4) }),
    words: ({ from, count }) =>
      `erases clear ${count} sectors, from ${from === 0 ? 'the one asked for' : 'the one before'} on`,
    hooks: ({ from, count }) => ({
      erase: (bench, { address }) => {
        const index = indexAt(bench.geometry, address);
        if (index >= 0) for (let i = 0; i < count; i++) eraseSector(bench, index + from + i);
      },
    }),
  }),
  kindOf({
    // MER where PER belongs.
    kind: 'erase-everything',
    layer: 'what',
    draw: () => ({}),
    words: () => 'every erase clears the whole chip',
    hooks: () => ({ erase: ({ below }) => below.eraseAll() }),
  }),
  kindOf({
    kind: 'erase-to-value',
    layer: 'what',
    draw: (dice) => ({ value: dice.pick([0x00, 0x00, 0xaa]) }),
    words: ({ value }) => `erases leave ${hex(value)} in every byte`,
    hooks: ({ value }) => ({
      erase: ({ cells }, { address, length }) => cells.force(address, new Uint8Array(length).fill(value)),
    }),
  }),
  kindOf({
    // Saves an erase where the sector looks blank from its first bytes.
    kind: 'erase-blank-check',
    layer: 'when',
    draw: (dice) => ({ bytes: dice.pick([1, 2, 4, 8, 64]), last: dice.int(0, 1) }),
    words: ({ bytes, last }) =>
      `erases pass over a sector whose ${last === 1 ? 'last' : 'first'} ${bytes} bytes are 0xFF already`,
    hooks: ({ bytes, last }) => ({
      erase: ({ below, cells }, sector) => {
        const at = last === 1 ? sector.address + sector.length - bytes : sector.address;
        if (!cells.read(at, bytes).every((byte) => byte === BLANK)) below.erase(sector);
      },
    }),
  }),
  kindOf({
    // The page address is taken from a variable before it is set.
    kind: 'erase-late-by-one',
    layer: 'when',
    draw: () => ({}),
    words: () => 'each erase clears the sector that the one before asked for',
    hooks: () => ({
      erase: ({ below, notes }, sector) => {
        for (const before of notes.sectors) below.erase(before);
        notes.sectors = [sector];
      },
    }),
  }),
  kindOf({
    kind: 'erase-until-first-write',
    layer: 'when',
    draw: () => ({}),
    words: () => 'erases do nothing after the first write',
    hooks: () => ({
      erase: ({ below, notes }, sector) => {
        if (notes.count === 0) below.erase(sector);
      },
      write: ({ below, notes }, block) => {
        notes.count += 1;
        below.write(block);
      },
    }),
  }),
  kindOf({
    kind: 'erase-at-next-write',
    layer: 'when',
    draw: () => ({}),
    words: () => 'erases are done when the next write comes, and only the last one that was asked for',
    hooks: () => ({
      erase: ({ notes }, sector) => {
        notes.sectors = [sector];
      },
      write: ({ below, notes }, block) => {
        for (const sector of notes.sectors) below.erase(sector);
        notes.sectors = [];
        below.write(block);
      },
    }),
  }),
];
