/** Odd loaders that no sensible mistake makes: what an explainer should say "cannot tell" to. */

import type { Kind } from '../deviation.ts';
import { hex, kindOf } from '../deviation.ts';
import { mixed } from '../dice.ts';
import { FIRST_BLOCK } from '../operation.ts';
import { bothWays } from './data.ts';

const sumOf = (bytes: Uint8Array): number => bytes.reduce((sum, byte) => sum + byte, 0);
const gray = (value: number): number => value ^ (value >> 1);

const ODD_DATA: readonly Kind[] = [
  ...bothWays(
    {
      name: 'bits-rotated',
      draw: (dice) => ({ by: dice.int(1, 7) }),
      words: ({ by }) => `has each byte rotated left by ${by}`,
      change: ({ by }, bytes) => bytes.map((byte) => (byte << by) | (byte >> (8 - by))),
    },
    true,
  ),
  ...bothWays(
    {
      name: 'bits-reversed',
      draw: () => ({}),
      words: () => 'has the bits of each byte in reverse order',
      change: (_, bytes) =>
        bytes.map((byte) => [0, 1, 2, 3, 4, 5, 6, 7].reduce((sum, bit) => sum | (((byte >> bit) & 1) << (7 - bit)), 0)),
    },
    true,
  ),
  ...bothWays(
    {
      name: 'block-reversed',
      draw: () => ({}),
      words: () => 'has each block back to front',
      change: (_, bytes) => bytes.slice().reverse(),
    },
    true,
  ),
  ...bothWays(
    {
      name: 'chained',
      draw: () => ({}),
      words: () => 'has each byte exclusive-ored with the one before it',
      change: (_, bytes) => bytes.map((byte, i) => byte ^ (bytes[i - 1] ?? 0)),
    },
    true,
  ),
  ...bothWays(
    {
      name: 'counter-added',
      draw: (dice) => ({ step: dice.int(1, 9) }),
      words: ({ step }) => `has a number added to each block that grows by ${step}`,
      change: ({ step }, bytes, notes) => {
        notes.count += step;
        return bytes.map((byte) => byte + notes.count - step);
      },
    },
    true,
  ),
];

export const OUTSIDE: readonly Kind[] = [
  ...ODD_DATA,
  kindOf({
    kind: 'write-address-mixed-in',
    layer: 'what',
    outside: true,
    draw: (dice) => ({ shift: dice.int(0, 8) }),
    words: ({ shift }) => `each byte is exclusive-ored with its address, shifted right by ${shift}`,
    hooks: ({ shift }) => ({
      write: ({ below, geometry }, block) =>
        below.write({
          ...block,
          bytes: block.bytes.map((byte, i) => byte ^ ((block.address - geometry.start + i) >> shift)),
        }),
    }),
  }),
  kindOf({
    kind: 'write-scrambled',
    layer: 'what',
    outside: true,
    draw: (dice) => ({ key: dice.int(1, 1_000_000) }),
    words: () => 'bytes are scrambled with a key and their place in the block',
    hooks: ({ key }) => ({
      write: ({ below }, block) =>
        below.write({ ...block, bytes: block.bytes.map((byte, i) => byte ^ mixed(key + i)) }),
    }),
  }),
  kindOf({
    kind: 'write-lines-exchanged',
    layer: 'where',
    outside: true,
    draw: (dice, { blockBytes }) => {
      const low = Math.log2(blockBytes) + dice.int(0, 1);
      return { low, high: low + dice.int(1, 2) };
    },
    words: ({ low, high }) => `address bits A${low} and A${high} of writes are exchanged`,
    hooks: ({ low, high }) => ({
      write: ({ below, geometry: { start } }, block) => {
        const offset = block.address - start;
        const different = ((offset >> low) & 1) !== ((offset >> high) & 1);
        below.write({ ...block, address: start + (different ? offset ^ (1 << low) ^ (1 << high) : offset) });
      },
    }),
  }),
  kindOf({
    kind: 'write-drifts',
    layer: 'number',
    outside: true,
    draw: (dice, { programBytes }) => ({ step: programBytes * dice.int(1, 4) }),
    words: ({ step }) => `each block lies ${step} bytes further behind its place than the one before`,
    hooks: ({ step }) => ({
      write: ({ below }, block) =>
        below.write({ ...block, address: block.address + step * (block.number - FIRST_BLOCK) }),
    }),
  }),
  kindOf({
    kind: 'write-gray-numbers',
    layer: 'number',
    outside: true,
    draw: () => ({}),
    words: () => 'blocks are placed by the Gray code of their index',
    hooks: () => ({
      write: ({ below, geometry }, block) =>
        below.write({ ...block, address: block.base + gray(block.number - FIRST_BLOCK) * geometry.blockBytes }),
    }),
  }),
  kindOf({
    kind: 'write-third-byte-lost',
    layer: 'what',
    outside: true,
    draw: (dice) => ({ period: dice.pick([3, 5, 7, 11]) }),
    words: ({ period }) => `every ${period}th byte is written as 0xFF`,
    hooks: ({ period }) => ({
      write: ({ below }, block) =>
        below.write({ ...block, bytes: block.bytes.map((byte, i) => (i % period === period - 1 ? 0xff : byte)) }),
    }),
  }),
  kindOf({
    kind: 'write-lost-at-random',
    layer: 'when',
    outside: true,
    draw: (dice) => ({ key: dice.int(1, 1_000_000), percent: dice.int(10, 50) }),
    words: ({ percent }) => `${percent} of a hundred blocks are lost, by chance`,
    hooks: ({ key, percent }) => ({
      write: ({ below, notes }, block) => {
        notes.count += 1;
        if (mixed(key + notes.count) % 100 >= percent) below.write(block);
      },
    }),
  }),
  kindOf({
    kind: 'write-lost-by-checksum',
    layer: 'when',
    outside: true,
    draw: (dice) => ({ modulus: dice.int(2, 5) }),
    words: ({ modulus }) => `blocks whose bytes add up to a multiple of ${modulus} are lost`,
    hooks: ({ modulus }) => ({
      write: ({ below }, block) => {
        if (sumOf(block.bytes) % modulus !== 0) below.write(block);
      },
    }),
  }),
  kindOf({
    kind: 'write-bytes-worn',
    layer: 'what',
    outside: true,
    draw: (dice) => ({ key: dice.int(1, 1_000_000), oneIn: dice.pick([500, 2000, 8000]) }),
    words: ({ oneIn }) => `one byte in ${oneIn}, by chance of its address, loses bits`,
    hooks: ({ key, oneIn }) => ({
      write: ({ below }, block) =>
        below.write({
          ...block,
          bytes: block.bytes.map((byte, i) => {
            const luck = mixed(key ^ mixed(block.address + i));
            return luck % oneIn === 0 ? byte & (luck >> 16) : byte;
          }),
        }),
    }),
  }),
  kindOf({
    kind: 'erase-sectors-permuted',
    layer: 'where',
    outside: true,
    draw: (dice) => ({ factor: dice.pick([3, 5, 7]) }),
    words: ({ factor }) => `erases go to ${factor} times the sector's number, modulo the number of sectors`,
    hooks: ({ factor }) => ({
      erase: ({ below, geometry: { sectors } }, { address }) => {
        const index = sectors.findIndex(({ start, end }) => address >= start && address < end);
        const sector = sectors[(index * factor) % sectors.length];
        if (sector) below.erase({ address: sector.start, length: sector.end - sector.start });
      },
    }),
  }),
  kindOf({
    kind: 'erase-checkered',
    layer: 'what',
    outside: true,
    draw: (dice) => ({ bytes: dice.pick([32, 64, 256]) }),
    words: ({ bytes }) => `erases leave every third ${bytes} bytes`,
    hooks: ({ bytes }) => ({
      erase: ({ cells }, { address, length }) => {
        for (let at = 0; at < length; at += 3 * bytes) cells.clear(address + at, Math.min(2 * bytes, length - at));
      },
    }),
  }),
  kindOf({
    kind: 'read-address-in-lines',
    layer: 'what',
    outside: true,
    draw: (dice) => ({ line: dice.pick([32, 64, 128]) }),
    words: ({ line }) => `every ${line} bytes that are read begin with their address`,
    hooks: ({ line }) => ({
      read: ({ below }, ask) =>
        below.read(ask).map((byte, i) => (i % line < 4 ? (ask.address + i - (i % line)) >> (8 * (i % line)) : byte)),
    }),
  }),
  kindOf({
    kind: 'read-drifts',
    layer: 'where',
    outside: true,
    draw: (dice) => ({ step: dice.pick([1, 2, 4, 16]) }),
    words: ({ step }) => `each read begins ${hex(step)} bytes higher than the one before should make it`,
    hooks: ({ step }) => ({
      read: ({ below, notes }, ask) => {
        notes.count += step;
        return below.read({ ...ask, address: ask.address + notes.count - step });
      },
    }),
  }),
];
