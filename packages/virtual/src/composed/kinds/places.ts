/** Where: addresses that are changed on their way, for erases, writes, reads or all of them. */

import type { Bench, Figures, Hooks, Kind } from '../deviation.ts';
import { hex, kindOf } from '../deviation.ts';
import type { Dice } from '../dice.ts';
import { type Geometry, KB } from '../geometry.ts';
import type { Ask, Block } from '../operation.ts';

type Slot = 'erase' | 'write' | 'read' | 'all';

interface PlaceKind<P extends Figures> {
  readonly name: string;
  readonly slots: readonly Slot[];
  /** `least` is the smallest step that matters: a sector for erases. */
  readonly draw: (dice: Dice, geometry: Geometry, least: number) => P;
  /** Behind "writes", "reads", "erases" or "all addresses". */
  readonly words: (parameters: P) => string;
  /** From an offset in the flash to the one that is meant. */
  readonly map: (parameters: P, offset: number, geometry: Geometry) => number;
  /** A block is cut at multiples of it and each piece has an address of its own; without it, only its start has one. */
  readonly grain?: (parameters: P, geometry: Geometry) => number;
}

const SUBJECTS: Readonly<Record<Slot, string>> = {
  erase: 'erases',
  write: 'writes',
  read: 'reads',
  all: 'erases, writes and reads',
};

function placesOf<P extends Figures>(place: PlaceKind<P>): Kind[] {
  return place.slots.map((slot) =>
    kindOf({
      kind: `${slot}-${place.name}`,
      layer: 'where',
      draw: (dice, geometry) => place.draw(dice, geometry, leastStep(slot, geometry)),
      words: (parameters) => `${SUBJECTS[slot]} ${place.words(parameters)}`,
      hooks: (parameters) => hooksOf(place, parameters, slot),
    }),
  );
}

function leastStep(slot: Slot, { sectors, programBytes }: Geometry): number {
  const [sector] = sectors;
  return slot === 'erase' && sector ? sector.end - sector.start : programBytes;
}

function hooksOf<P extends Figures>({ map, grain }: PlaceKind<P>, parameters: P, slot: Slot): Hooks {
  const to = (address: number, geometry: Geometry): number =>
    geometry.start + map(parameters, address - geometry.start, geometry);
  const grainOf = (geometry: Geometry): number => grain?.(parameters, geometry) ?? Number.POSITIVE_INFINITY;
  const erase: Hooks = {
    erase: ({ below, geometry }, { address, length }) => below.erase({ address: to(address, geometry), length }),
  };
  const write: Hooks = {
    write: (bench, block) => {
      for (const piece of cutBlock(block, grainOf(bench.geometry), bench.geometry))
        bench.below.write({ ...piece, address: to(piece.address, bench.geometry) });
    },
  };
  const read: Hooks = {
    read: (bench, ask) =>
      readPieces(bench, cutAsk(ask, grainOf(bench.geometry), bench.geometry), (address) => to(address, bench.geometry)),
  };
  return { erase, write, read, all: { ...erase, ...write, ...read } }[slot];
}

export function cutAsk(ask: Ask, grain: number, { start }: Geometry): Ask[] {
  const pieces: Ask[] = [];
  const end = ask.address + ask.length;
  for (let at = ask.address; at < end; ) {
    const edge = Math.min(end, start + (Math.floor((at - start) / grain) + 1) * grain);
    pieces.push({ ...ask, address: at, length: edge - at });
    at = edge;
  }
  return pieces;
}

function cutBlock(block: Block, grain: number, geometry: Geometry): Block[] {
  return cutAsk({ ...block, length: block.bytes.length }, grain, geometry).map(({ address, length }) => ({
    ...block,
    address,
    bytes: block.bytes.subarray(address - block.address, address - block.address + length),
  }));
}

function readPieces({ below }: Bench, pieces: readonly Ask[], to: (address: number) => number): Uint8Array {
  const parts = pieces.map((piece) => below.read({ ...piece, address: to(piece.address) }));
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

const bitOf = (offset: number, line: number): boolean => Math.floor(offset / 2 ** line) % 2 !== 0;
/** Lines that a small image reaches. */
const drawLine = (dice: Dice, _: Geometry, least: number): { line: number } => ({
  line: dice.int(Math.max(9, Math.log2(least)), 16),
});
const size = ({ line }: { readonly line: number }): number => 2 ** line;

export const PLACES: readonly Kind[] = [
  ...placesOf({
    // The bootloader's size added to an address that is absolute, or taken from it; an array index in words.
    name: 'displaced',
    slots: ['erase', 'write', 'read'],
    draw: (dice, _, least) => {
      const usual = [16, 0x100, 0x200, 0x400, 0x800, 0x1000, 0x2000, 0x4000, 0x5000, 0x8000];
      const by = dice.pick([least, ...usual.filter((step) => step >= least)]);
      return { by: dice.chance(0.7) ? by : -by };
    },
    words: ({ by }) => `go ${hex(Math.abs(by))} too ${by > 0 ? 'high' : 'low'}`,
    map: ({ by }, offset) => offset + by,
  }),
  ...placesOf({
    // An address mask of a smaller chip.
    name: 'folded',
    slots: ['erase', 'write', 'read', 'all'],
    draw: (dice) => ({ bytes: dice.pick([8, 16, 32, 64]) * KB }),
    words: ({ bytes }) => `come back to the start of the flash after ${hex(bytes)} bytes`,
    map: ({ bytes }, offset) => offset - Math.floor(offset / bytes) * bytes,
    grain: ({ bytes }) => bytes,
  }),
  ...placesOf({
    name: 'line-low',
    slots: ['erase', 'write', 'read', 'all'],
    draw: drawLine,
    words: ({ line }) => `take address bit A${line} for 0`,
    map: ({ line }, offset) => (bitOf(offset, line) ? offset - 2 ** line : offset),
    grain: size,
  }),
  ...placesOf({
    name: 'line-high',
    slots: ['write', 'read', 'all'],
    draw: drawLine,
    words: ({ line }) => `take address bit A${line} for 1`,
    map: ({ line }, offset) => (bitOf(offset, line) ? offset : offset + 2 ** line),
    grain: size,
  }),
  ...placesOf({
    // BFB2 set, or the bank bit of the page number upside down.
    name: 'banks-exchanged',
    slots: ['erase', 'write', 'read'],
    draw: () => ({}),
    words: () => 'go to the other half of the flash',
    map: (_, offset, { bytes }) => (offset < bytes / 2 ? offset + bytes / 2 : offset - bytes / 2),
    grain: (_, { bytes }) => bytes / 2,
  }),
  ...placesOf({
    name: 'second-bank-forgotten',
    slots: ['erase', 'write'],
    draw: (dice) => ({ half: dice.pick([16, 32, 64]) * KB }),
    words: ({ half }) => `from ${hex(half)} on go to where they would go ${hex(half)} lower`,
    map: ({ half }, offset) => (offset >= half ? offset - half : offset),
    grain: ({ half }) => half,
  }),
  ...placesOf({
    name: 'aligned-down',
    slots: ['write', 'read'],
    draw: (dice, { blockBytes }) => ({ bytes: dice.pick([2, 4, 8, 16]) * blockBytes }),
    words: ({ bytes }) => `begin at a multiple of ${hex(bytes)}, whatever the address`,
    map: ({ bytes }, offset) => Math.floor(offset / bytes) * bytes,
  }),
];
