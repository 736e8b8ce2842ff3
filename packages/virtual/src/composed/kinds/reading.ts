/** Reads that do not come from where they should: constants, copies, buffers, caches. */

import type { Bench, Kind } from '../deviation.ts';
import { hex, kindOf } from '../deviation.ts';
import { drawLimit } from './filters.ts';

const filled = (length: number, value: number): Uint8Array => new Uint8Array(length).fill(value);

export const READING: readonly Kind[] = [
  kindOf({
    kind: 'read-constant',
    layer: 'when',
    draw: (dice) => ({ value: dice.pick([0xff, 0x00, 0xff, 0x00, 0xa5]) }),
    words: ({ value }) => `reads give ${hex(value)} only`,
    hooks: ({ value }) => ({ read: (_, { length }) => filled(length, value) }),
  }),
  kindOf({
    kind: 'read-last-block',
    layer: 'when',
    draw: (dice) => ({ first: dice.pick([0x00, 0xff]) }),
    words: ({ first }) => `reads give the block that was written last, again and again (${hex(first)} before any)`,
    hooks: ({ first }) => ({
      write: ({ below, notes }, block) => {
        notes.bytes = block.bytes;
        below.write(block);
      },
      read: ({ notes }, { length }) => {
        const { bytes = Uint8Array.of(first) } = notes;
        return Uint8Array.from({ length }, (_, i) => bytes[i % bytes.length] ?? first);
      },
    }),
  }),
  kindOf({
    // "Verified" against a copy in RAM.
    kind: 'read-copy-of-writes',
    layer: 'when',
    draw: (dice) => ({ changes: dice.int(0, 1) }),
    words: ({ changes }) =>
      `reads give what was written, from a copy${changes === 0 ? ', and flash is neither erased nor written' : ''}`,
    hooks: ({ changes }) => ({
      erase: ({ below }, sector) => {
        if (changes === 1) below.erase(sector);
      },
      eraseAll: ({ below }) => {
        if (changes === 1) below.eraseAll();
      },
      write: ({ below, notes }, block) => {
        notes.blocks = [...notes.blocks, block];
        if (changes === 1) below.write(block);
      },
      read: ({ below, notes }, ask) => {
        const bytes = below.read(ask).slice();
        for (const block of notes.blocks) {
          const from = Math.max(block.address, ask.address);
          const to = Math.min(block.address + block.bytes.length, ask.address + ask.length);
          if (from < to) bytes.set(block.bytes.subarray(from - block.address, to - block.address), from - ask.address);
        }
        return bytes;
      },
    }),
  }),
  kindOf({
    // A line that is filled once and never thrown away.
    kind: 'read-stale-cache',
    layer: 'when',
    draw: (dice) => ({ bytes: dice.pick([0x100, 0x800, 0x1000, 0x4000]), lines: dice.pick([1, 4, 64]) }),
    words: ({ bytes, lines }) =>
      `reads come from a cache of ${lines} lines of ${hex(bytes)} bytes that writes and erases do not refresh`,
    hooks: ({ bytes: size, lines }) => ({
      read: ({ below, notes, geometry: { start } }, ask) => {
        const result = filled(ask.length, 0xff);
        for (let at = ask.address; at < ask.address + ask.length; ) {
          const address = start + Math.floor((at - start) / size) * size;
          let line = notes.blocks.find((block) => block.address === address);
          if (!line) {
            line = { ...ask, address, bytes: below.read({ ...ask, address, length: size }) };
            notes.blocks = [...notes.blocks, line].slice(-lines);
          }
          const piece = line.bytes.subarray(at - address, ask.address + ask.length - address);
          result.set(piece, at - ask.address);
          at += piece.length;
        }
        return result;
      },
    }),
  }),
  kindOf({
    // The buffer is sent before it is filled.
    kind: 'read-late-by-one',
    layer: 'when',
    draw: (dice) => ({ first: dice.pick([0x00, 0xff]) }),
    words: ({ first }) => `each read gives what the one before should have given (${hex(first)} at first)`,
    hooks: ({ first }) => ({
      read: ({ below, notes }, ask) => {
        const before = notes.bytes;
        notes.bytes = below.read(ask);
        return Uint8Array.from({ length: ask.length }, (_, i) => before?.[i] ?? first);
      },
    }),
  }),
  kindOf({
    kind: 'read-one-place',
    layer: 'where',
    draw: (dice) => ({ at: dice.pick([0, 0, 0x2000, 0x4000, 0x5000, 0x8000]) }),
    words: ({ at }) => `reads give what stands at ${hex(at)} in the flash, whatever the address`,
    hooks: ({ at }) => ({
      read: ({ below, geometry }, ask) => below.read({ ...ask, address: geometry.start + at }),
    }),
  }),
  kindOf({
    kind: 'read-every-nth-stale',
    layer: 'when',
    draw: (dice) => ({ period: dice.int(2, 6) }),
    words: ({ period }) => `every ${period}th read gives the answer of the one before`,
    hooks: ({ period }) => ({
      read: ({ below, notes }, ask) => {
        notes.count += 1;
        const before = notes.bytes;
        if (notes.count % period === 0 && before)
          return Uint8Array.from({ length: ask.length }, (_, i) => before[i] ?? 0xff);
        notes.bytes = below.read(ask);
        return notes.bytes;
      },
    }),
  }),
  kindOf({
    kind: 'read-every-nth-constant',
    layer: 'when',
    draw: (dice) => ({ period: dice.int(2, 6), value: dice.pick([0x00, 0xff]) }),
    words: ({ period, value }) => `every ${period}th read gives ${hex(value)} only`,
    hooks: ({ period, value }) => ({
      read: ({ below, notes }, ask) => {
        notes.count += 1;
        return notes.count % period === 0 ? filled(ask.length, value) : below.read(ask);
      },
    }),
  }),
  kindOf({
    // The buffer is smaller than what is asked for.
    kind: 'read-first-bytes-only',
    layer: 'what',
    draw: (dice, { blockBytes }) => ({
      bytes: dice.pick([64, 256, blockBytes / 4, blockBytes / 2]),
      value: dice.pick([0x00, 0xff]),
    }),
    words: ({ bytes, value }) => `reads give the first ${bytes} bytes and ${hex(value)} for the rest`,
    hooks: ({ bytes: most, value }) => ({
      read: ({ below }, ask) => below.read(ask).map((byte, i) => (i < most ? byte : value)),
    }),
  }),
  kindOf({
    kind: 'read-refused-from',
    layer: 'where',
    draw: (dice) => ({ limit: drawLimit(dice), value: dice.pick([0x00, 0xff]) }),
    words: ({ limit, value }) => `reads give ${hex(value)} from ${hex(limit)} in the flash on`,
    hooks: ({ limit, value }) => ({
      read: ({ below, geometry }, ask) =>
        below.read(ask).map((byte, i) => (ask.address + i - geometry.start < limit ? byte : value)),
    }),
  }),
  kindOf({
    // A copy of the flash is made when the loader starts, and served from then on.
    kind: 'read-copy-of-start',
    layer: 'when',
    draw: (dice) => ({ bytes: dice.pick([8, 16, 32, 64]) * 1024 }),
    words: ({ bytes }) => `reads of the first ${hex(bytes)} bytes give what stood there at the start`,
    hooks: ({ bytes: size }) => {
      const keep = ({ notes, cells, geometry }: Bench): Uint8Array => {
        notes.bytes ??= cells.read(geometry.start, size);
        return notes.bytes;
      };
      return {
        erase: (bench, sector) => {
          keep(bench);
          bench.below.erase(sector);
        },
        eraseAll: (bench) => {
          keep(bench);
          bench.below.eraseAll();
        },
        write: (bench, block) => {
          keep(bench);
          bench.below.write(block);
        },
        read: (bench, ask) => {
          const copy = keep(bench);
          const from = ask.address - bench.geometry.start;
          return bench.below.read(ask).map((byte, i) => copy[from + i] ?? byte);
        },
      };
    },
  }),
];
