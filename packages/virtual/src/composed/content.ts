/** What stands in flash and what is programmed: bytes with the habits of firmware, and five kinds of old content. */

import { ERASED } from './cells.ts';
import type { Dice } from './dice.ts';
import { mixed } from './dice.ts';
import type { Geometry } from './geometry.ts';
import type { Segment } from './pieces.ts';

/** Bytes of the vector table of a small Cortex-M part. */
const VECTORS = 0x130;
/** The end of 64 KB of RAM. */
const STACK = 0x2001_0000;

/** A vector table, then code, literals, text, tables, zeros and erased stretches. */
export function firmware(dice: Dice, length: number, address: number): Uint8Array {
  const bytes = new Uint8Array(length);
  const view = new DataView(bytes.buffer);
  const opcodes = Array.from({ length: 400 }, () => dice.int(0, 0xffff));
  let at = 0;
  for (; at + 4 <= Math.min(VECTORS, length); at += 4)
    view.setUint32(at, at === 0 ? STACK : address + 1 + 2 * dice.int(VECTORS / 2, Math.max(VECTORS, length / 2)), true);
  while (at < length) {
    const end = Math.min(length, at + 2 * dice.int(8, 600));
    stretch(dice, bytes.subarray(at, end), opcodes);
    at = end;
  }
  return bytes;
}

function stretch(dice: Dice, bytes: Uint8Array, opcodes: readonly number[]): void {
  const sort = dice.int(0, 19);
  if (sort === 0) bytes.fill(0, 0, Math.min(bytes.length, 64 * dice.int(1, 20)));
  else if (sort === 1) bytes.fill(ERASED);
  else if (sort <= 3) bytes.set(noise(dice, bytes.length));
  else if (sort === 4) bytes.set(bytes.map(() => (dice.chance(0.15) ? 0x20 : dice.int(0x61, 0x7a))));
  else code(dice, bytes, opcodes);
}

/** Half-words, few of which are frequent. */
function code(dice: Dice, bytes: Uint8Array, opcodes: readonly number[]): void {
  for (let i = 0; i + 2 <= bytes.length; i += 2) {
    const opcode = dice.chance(0.2)
      ? dice.int(0, 0xffff)
      : (opcodes[Math.min(dice.int(0, 399), dice.int(0, 399))] ?? 0);
    bytes[i] = opcode & 0xff;
    bytes[i + 1] = opcode >> 8;
  }
}

export const OLD_CONTENTS = ['blank', 'older version', 'other firmware', 'pattern', 'noise'] as const;
export type OldContent = (typeof OLD_CONTENTS)[number];

/** All of the flash before a job that will put `image` there. */
export function oldContent(dice: Dice, kind: OldContent, geometry: Geometry, image: readonly Segment[]): Uint8Array {
  const flash = new Uint8Array(geometry.bytes).fill(ERASED);
  if (kind === 'blank') return flash;
  const first = (image[0]?.address ?? geometry.start) - geometry.start;
  const last = image.at(-1);
  const end = last ? last.address + last.bytes.length - geometry.start : first;
  if (kind === 'older version') {
    for (const { address, bytes } of image) put(flash, address - geometry.start, older(dice, bytes));
  } else {
    const from = dice.chance(0.7) ? 0 : first;
    const to = dice.chance(0.3) ? geometry.bytes : Math.min(geometry.bytes, end + dice.int(-8, 16) * 2048);
    put(flash, from, filling(dice, kind, Math.max(2048, to - from), geometry.start + from));
  }
  // Settings at the end of the flash, as many programs keep them.
  if (dice.chance(0.5)) put(flash, geometry.bytes - 2048, noise(dice, dice.int(16, 2048)));
  return flash;
}

function filling(dice: Dice, kind: OldContent, length: number, address: number): Uint8Array {
  if (kind === 'other firmware') return firmware(dice, length, address);
  return kind === 'noise' ? noise(dice, length) : pattern(dice, length, address);
}

function put(flash: Uint8Array, at: number, bytes: Uint8Array): void {
  flash.set(bytes.subarray(0, Math.max(0, flash.length - at)), at);
}

export function noise(dice: Dice, length: number): Uint8Array {
  const key = dice.int(1, 0x7fff_ffff);
  return generated(length, (i) => mixed(key + i));
}

function pattern(dice: Dice, length: number, address: number): Uint8Array {
  const sort = dice.int(0, 3);
  const value = dice.pick([0x00, 0xaa, 0x55, 0x5a]);
  const period = dice.pick([2, 16, 256, 1000]);
  return generated(length, (i) => {
    if (sort === 0) return value;
    if (sort === 1) return i;
    if (sort === 2) return (address + i - (i % 4)) >> (8 * (i % 4));
    return mixed(i % period);
  });
}

/** The image as it was some commits ago: parts moved, parts other, parts the same. */
function older(dice: Dice, image: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(image.length).fill(ERASED);
  let from = 0;
  let to = 0;
  const add = (piece: Uint8Array): void => {
    bytes.set(piece.subarray(0, Math.max(0, bytes.length - to)), Math.min(to, bytes.length));
    to += piece.length;
  };
  while (from < image.length && to < image.length) {
    const length = dice.int(200, 12_000);
    add(image.subarray(from, from + length));
    from += length + (dice.chance(0.3) ? 2 * dice.int(1, 60) : 0);
    if (dice.chance(0.3)) add(noise(dice, 2 * dice.int(1, 60)));
  }
  for (let i = dice.int(0, 20); i > 0; i--) bytes.set(noise(dice, 1), dice.int(0, bytes.length - 1));
  return bytes;
}

/** As `Uint8Array.from({ length }, …)`, many times faster. */
function generated(length: number, byteAt: (index: number) => number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i++) bytes[i] = byteAt(i);
  return bytes;
}
