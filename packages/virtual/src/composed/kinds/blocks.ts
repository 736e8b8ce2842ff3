/** Parts of blocks that do not reach the cells as they should: loops that end early, packets lost, buffers reused. */

import type { Bench, Kind } from '../deviation.ts';
import { kindOf } from '../deviation.ts';
import type { Block } from '../operation.ts';
import { FIRST_BLOCK } from '../operation.ts';

/** Writes from `from` up to `to` of a block, in their right place. */
function writePart({ below }: Pick<Bench, 'below'>, block: Block, from: number, to: number): void {
  const bytes = block.bytes.slice(Math.max(0, from), Math.max(0, to));
  if (bytes.length > 0) below.write({ ...block, address: block.address + from, bytes });
}

function padded(bytes: Uint8Array, length: number, fill: (index: number) => number): Uint8Array {
  return Uint8Array.from({ length: Math.max(length, bytes.length) }, (_, i) => bytes[i] ?? fill(i));
}

const PACKET = 64;

export const BLOCKS: readonly Kind[] = [
  kindOf({
    // The length counts words, or the buffer is smaller than a block.
    kind: 'write-first-bytes-only',
    layer: 'what',
    draw: (dice, { blockBytes }) => ({ bytes: dice.pick([blockBytes / 8, blockBytes / 4, blockBytes / 2, 64, 256]) }),
    words: ({ bytes }) => `the first ${bytes} bytes of each block are written`,
    hooks: ({ bytes }) => ({ write: (bench, block) => writePart(bench, block, 0, bytes) }),
  }),
  kindOf({
    kind: 'write-fraction',
    layer: 'what',
    draw: (dice) => ({ parts: dice.pick([2, 4]) }),
    words: ({ parts }) => `the first ${parts}th of each block's bytes is written`,
    hooks: ({ parts }) => ({
      write: (bench, block) => writePart(bench, block, 0, Math.floor(block.bytes.length / parts)),
    }),
  }),
  kindOf({
    // `i < length − 1`.
    kind: 'write-end-lost',
    layer: 'what',
    draw: (dice, { programBytes }) => ({ bytes: programBytes * dice.pick([1, 1, 2, 4]) }),
    words: ({ bytes }) => `the last ${bytes} bytes of each block are not written`,
    hooks: ({ bytes }) => ({ write: (bench, block) => writePart(bench, block, 0, block.bytes.length - bytes) }),
  }),
  kindOf({
    kind: 'write-beginning-lost',
    layer: 'what',
    draw: (dice, { programBytes }) => ({ bytes: programBytes * dice.pick([1, 2, 4, 8]) }),
    words: ({ bytes }) => `the first ${bytes} bytes of each block are not written`,
    hooks: ({ bytes }) => ({ write: (bench, block) => writePart(bench, block, bytes, block.bytes.length) }),
  }),
  kindOf({
    // The word that makes an image valid is kept back until all is checked, and the check never comes.
    kind: 'write-header-kept-back',
    layer: 'what',
    draw: (dice, { programBytes }) => ({ bytes: programBytes * dice.pick([1, 2, 4]) }),
    words: ({ bytes }) => `the first ${bytes} bytes of each run are not written`,
    hooks: ({ bytes }) => ({
      write: (bench, block) => writePart(bench, block, block.number === FIRST_BLOCK ? bytes : 0, block.bytes.length),
    }),
  }),
  kindOf({
    // The address moves by two units while one is written.
    kind: 'write-every-second-unit-lost',
    layer: 'what',
    draw: (dice, { programBytes }) => ({ unit: programBytes * dice.pick([1, 2]), phase: dice.int(0, 1) }),
    words: ({ unit, phase }) =>
      `every second ${unit} bytes of a block are not written (${phase === 0 ? 'even' : 'odd'} ones)`,
    hooks: ({ unit, phase }) => ({
      write: (bench, block) => {
        for (let at = (1 - phase) * unit; at < block.bytes.length; at += 2 * unit)
          writePart(bench, block, at, Math.min(at + unit, block.bytes.length));
      },
    }),
  }),
  kindOf({
    // Two words into a double word with ECC: the second is refused.
    kind: 'write-half-units-twice',
    layer: 'what',
    fits: ({ cells }) => cells === 'ecc',
    draw: (dice, { programBytes }) => ({ bytes: dice.pick([2, programBytes / 2]) }),
    words: ({ bytes }) => `units are programmed in pieces of ${bytes} bytes`,
    hooks: ({ bytes }) => ({
      write: (bench, block) => {
        for (let at = 0; at < block.bytes.length; at += bytes) writePart(bench, block, at, at + bytes);
      },
    }),
  }),
  kindOf({
    kind: 'write-whole-packets-only',
    layer: 'what',
    draw: (dice) => ({ bytes: dice.pick([PACKET, PACKET, 16, 256]) }),
    words: ({ bytes }) => `what is left of a block behind its last whole ${bytes} bytes is not written`,
    hooks: ({ bytes }) => ({
      write: (bench, block) => writePart(bench, block, 0, block.bytes.length - (block.bytes.length % bytes)),
    }),
  }),
  kindOf({
    kind: 'write-packet-lost',
    layer: 'what',
    draw: (dice, { blockBytes }) => ({ packet: dice.int(0, Math.min(blockBytes / PACKET - 1, 15)) }),
    words: ({ packet }) => `packet ${packet} of each block (64 bytes) is not written`,
    hooks: ({ packet }) => ({
      write: (bench, block) => {
        writePart(bench, block, 0, packet * PACKET);
        writePart(bench, block, (packet + 1) * PACKET, block.bytes.length);
      },
    }),
  }),
  kindOf({
    kind: 'write-packets-close-up',
    layer: 'what',
    draw: (dice, { blockBytes }) => ({ packet: dice.int(0, Math.min(blockBytes / PACKET - 1, 15)) }),
    words: ({ packet }) => `packet ${packet} of each block (64 bytes) is lost, and those behind it move up`,
    hooks: ({ packet }) => ({
      write: ({ below }, block) => {
        const bytes = block.bytes.filter((_, i) => Math.floor(i / PACKET) !== packet);
        if (bytes.length > 0) below.write({ ...block, bytes });
      },
    }),
  }),
  kindOf({
    // The whole buffer is written, whatever the length: the rest is of the block before.
    kind: 'write-stale-rest',
    layer: 'what',
    draw: (dice) => ({ first: dice.pick([0x00, 0xff]) }),
    words: ({ first }) =>
      `a short block is written as a whole one, its rest as the buffer had it (0x${first.toString(16)} at first)`,
    hooks: ({ first }) => ({
      write: ({ below, notes, geometry }, block) => {
        const buffer = notes.bytes;
        notes.bytes = padded(block.bytes, geometry.blockBytes, (i) => buffer?.[i] ?? first);
        below.write({ ...block, bytes: notes.bytes });
      },
    }),
  }),
  kindOf({
    kind: 'write-zero-padded',
    layer: 'what',
    draw: (dice, { blockBytes }) => ({
      multiple: dice.pick([16, 64, 256, blockBytes]),
      value: dice.pick([0x00, 0x00, 0xa5]),
    }),
    words: ({ multiple, value }) => `a block is padded to a multiple of ${multiple} bytes with 0x${value.toString(16)}`,
    hooks: ({ multiple, value }) => ({
      write: ({ below }, block) =>
        below.write({
          ...block,
          bytes: padded(block.bytes, Math.ceil(block.bytes.length / multiple) * multiple, () => value),
        }),
    }),
  }),
  kindOf({
    // The check covers more than the block: what lies behind it is not erased yet.
    kind: 'write-blank-check-too-long',
    layer: 'what',
    draw: (dice, { blockBytes }) => ({ bytes: dice.pick([2, 4, 8, 16]) * blockBytes }),
    words: ({ bytes }) => `a block is not written unless all ${bytes} bytes from its beginning on are 0xFF`,
    hooks: ({ bytes }) => ({
      write: ({ below, cells }, block) => {
        if (cells.read(block.address, bytes).every((byte) => byte === 0xff)) below.write(block);
      },
    }),
  }),
  kindOf({
    // Read, combine and write back through an erase: an "emulated" overwrite.
    kind: 'write-combined-with-old',
    layer: 'what',
    draw: (dice) => ({ operator: dice.pick(['and', 'or', 'exclusive-or']) }),
    words: ({ operator }) => `a block takes the ${operator} of its bytes and what stood there`,
    hooks: ({ operator }) => ({
      write: ({ cells }, block) => {
        const old = cells.read(block.address, block.bytes.length);
        const combine = (byte: number, other: number): number => {
          if (operator === 'and') return byte & other;
          return operator === 'or' ? byte | other : byte ^ other;
        };
        cells.force(
          block.address,
          block.bytes.map((byte, i) => combine(byte, old[i] ?? 0xff)),
        );
      },
    }),
  }),
  kindOf({
    // Programs without looking: cells that can be written again by an EEPROM driver below.
    kind: 'write-overwrites',
    layer: 'what',
    draw: () => ({}),
    words: () => 'a block replaces what stood there, erased or not, together with its whole 256 bytes around it',
    hooks: () => ({
      write: ({ cells, geometry }, block) => {
        const from = geometry.start + Math.floor((block.address - geometry.start) / 256) * 256;
        const to = geometry.start + Math.ceil((block.address + block.bytes.length - geometry.start) / 256) * 256;
        const page = new Uint8Array(to - from).fill(0xff);
        page.set(block.bytes, block.address - from);
        cells.force(from, page);
      },
    }),
  }),
];
