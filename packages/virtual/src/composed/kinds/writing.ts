/** Writes that depend on their block: its length, its bytes, what came before it. */

import type { Kind } from '../deviation.ts';
import { kindOf } from '../deviation.ts';
import { sectorAt } from '../geometry.ts';
import { FIRST_BLOCK } from '../operation.ts';

const hasPrefix = (bytes: Uint8Array, length: number, value: number): boolean =>
  bytes.subarray(0, length).every((byte) => byte === value);

export const WRITING: readonly Kind[] = [
  kindOf({
    kind: 'write-short-lost',
    layer: 'when',
    draw: () => ({}),
    words: () => 'blocks that are not full are not written',
    hooks: () => ({
      write: ({ below, geometry }, block) => {
        if (block.bytes.length === geometry.blockBytes) below.write(block);
      },
    }),
  }),
  kindOf({
    kind: 'write-odd-length-lost',
    layer: 'when',
    draw: (dice) => ({ multiple: dice.pick([16, 32, 64, 256, 1024]) }),
    words: ({ multiple }) => `blocks whose length is no multiple of ${multiple} are not written`,
    hooks: ({ multiple }) => ({
      write: ({ below }, block) => {
        if (block.bytes.length % multiple === 0) below.write(block);
      },
    }),
  }),
  kindOf({
    // A buffer that is flushed when the next block needs it.
    kind: 'write-late-by-one',
    layer: 'when',
    draw: () => ({}),
    words: () => 'each block is written when the next one comes, the last never',
    hooks: () => ({
      write: ({ below, notes }, block) => {
        for (const before of notes.blocks) below.write(before);
        notes.blocks = [block];
      },
    }),
  }),
  kindOf({
    // The address is new, the buffer old.
    kind: 'write-data-of-block-before',
    layer: 'when',
    draw: () => ({}),
    words: () => 'each block is written with the bytes of the one before, the first with its own',
    hooks: () => ({
      write: ({ below, notes }, block) => {
        below.write({ ...block, bytes: notes.bytes?.slice(0, block.bytes.length) ?? block.bytes });
        notes.bytes = block.bytes;
      },
    }),
  }),
  kindOf({
    kind: 'write-first-block-again',
    layer: 'when',
    draw: () => ({}),
    words: () => 'every block is written with the bytes of the first one of its run',
    hooks: () => ({
      write: ({ below, notes }, block) => {
        if (block.number === FIRST_BLOCK || !notes.bytes) notes.bytes = block.bytes;
        below.write({ ...block, bytes: notes.bytes.slice(0, block.bytes.length) });
      },
    }),
  }),
  kindOf({
    kind: 'write-first-of-run-lost',
    layer: 'when',
    draw: () => ({}),
    words: () => 'the first block after each Set Address is not written',
    hooks: () => ({
      write: ({ below }, block) => {
        if (block.number !== FIRST_BLOCK) below.write(block);
      },
    }),
  }),
  kindOf({
    kind: 'write-numbers-refused',
    layer: 'when',
    draw: (dice) => ({ from: dice.int(4, 24) }),
    words: ({ from }) => `blocks from number ${from} on are not written`,
    hooks: ({ from }) => ({
      write: ({ below }, block) => {
        if (block.number < from) below.write(block);
      },
    }),
  }),
  kindOf({
    // The erase is still under way, and nobody waits for it.
    kind: 'write-lost-after-erase',
    layer: 'when',
    draw: (dice) => ({ count: dice.int(1, 3) }),
    words: ({ count }) => `the first ${count} blocks after an erase are not written`,
    hooks: ({ count }) => ({
      erase: ({ below, notes }, sector) => {
        notes.count = count;
        below.erase(sector);
      },
      eraseAll: ({ below, notes }) => {
        notes.count = count;
        below.eraseAll();
      },
      write: ({ below, notes }, block) => {
        if (notes.count > 0) notes.count -= 1;
        else below.write(block);
      },
    }),
  }),
  kindOf({
    // Unlocked by the erase, locked by the write.
    kind: 'write-few-per-erase',
    layer: 'when',
    draw: (dice) => ({ count: dice.int(1, 6) }),
    words: ({ count }) => `${count} blocks are written after each run of erases, and no more`,
    hooks: ({ count }) => ({
      erase: ({ below, notes }, sector) => {
        notes.count = count;
        below.erase(sector);
      },
      eraseAll: ({ below, notes }) => {
        notes.count = count;
        below.eraseAll();
      },
      write: ({ below, notes }, block) => {
        if (notes.count > 0) below.write(block);
        notes.count -= 1;
      },
    }),
  }),
  kindOf({
    kind: 'write-skips-blank-looking',
    layer: 'when',
    draw: (dice) => ({ bytes: dice.pick([1, 2, 4]), value: dice.pick([0xff, 0x00]) }),
    words: ({ bytes, value }) =>
      `blocks that begin with ${bytes} bytes of ${value === 0 ? '0' : '0xFF'} are not written`,
    hooks: ({ bytes, value }) => ({
      write: ({ below }, block) => {
        if (!hasPrefix(block.bytes, bytes, value)) below.write(block);
      },
    }),
  }),
  kindOf({
    // "In use" is judged by the sector's first word.
    kind: 'write-skips-used-sector',
    layer: 'when',
    draw: (dice) => ({ bytes: dice.pick([2, 4, 8]) }),
    words: ({ bytes }) => `blocks are not written into a sector whose first ${bytes} bytes are not 0xFF`,
    hooks: ({ bytes }) => ({
      write: ({ below, cells, geometry }, block) => {
        const sector = sectorAt(geometry, block.address);
        if (sector && hasPrefix(cells.read(sector.start, bytes), bytes, 0xff)) below.write(block);
      },
    }),
  }),
  kindOf({
    kind: 'write-erases-sector',
    layer: 'when',
    draw: () => ({}),
    words: () => 'every write erases the sector in which it begins first',
    hooks: () => ({
      write: ({ below, geometry }, block) => {
        const sector = sectorAt(geometry, block.address);
        if (sector) below.erase({ address: sector.start, length: sector.end - sector.start });
        below.write(block);
      },
    }),
  }),
  kindOf({
    // A second copy that nobody asked for: a mirror, a backup slot.
    kind: 'write-elsewhere-too',
    layer: 'where',
    draw: (dice) => ({ by: dice.pick([0x400, 0x800, 0x1000, 0x4000, 0x8000, 0x1_0000, 0x2_0000]) }),
    words: ({ by }) => `blocks are written a second time, 0x${by.toString(16).toUpperCase()} higher`,
    hooks: ({ by }) => ({
      write: ({ below }, block) => {
        below.write(block);
        below.write({ ...block, address: block.address + by });
      },
    }),
  }),
];
