/** What: bytes that change on their way, when they are written or when they are read. */

import type { Bench, Figures, Kind, Notes } from '../deviation.ts';
import { hex, kindOf } from '../deviation.ts';
import type { Dice } from '../dice.ts';
import type { Geometry } from '../geometry.ts';

interface Change<P extends Figures> {
  readonly name: string;
  readonly draw: (dice: Dice, geometry: Geometry) => P;
  /** Behind "what is written" or "what is read". */
  readonly words: (parameters: P) => string;
  /** As many bytes as came. */
  readonly change: (parameters: P, bytes: Uint8Array, notes: Notes) => Uint8Array;
}

export function bothWays<P extends Figures>(change: Change<P>, outside = false): Kind[] {
  const { name, draw, words } = change;
  const run = (parameters: P, bytes: Uint8Array, { notes }: Bench): Uint8Array =>
    change.change(parameters, bytes, notes);
  const common = { layer: 'what', draw, outside } as const;
  return [
    kindOf({
      ...common,
      kind: `write-${name}`,
      words: (parameters) => `what is written ${words(parameters)}`,
      hooks: (parameters) => ({
        write: (bench, block) => bench.below.write({ ...block, bytes: run(parameters, block.bytes, bench) }),
      }),
    }),
    kindOf({
      ...common,
      kind: `read-${name}`,
      words: (parameters) => `what is read ${words(parameters)}`,
      hooks: (parameters) => ({ read: (bench, ask) => run(parameters, bench.below.read(ask), bench) }),
    }),
  ];
}

/** Byte `i` comes from `i ^ partner`; one without a partner stays. */
const exchanged = (bytes: Uint8Array, partner: number): Uint8Array =>
  bytes.map((byte, i) => bytes[i ^ partner] ?? byte);

const drawBit = (dice: Dice): { bit: number; period: number; lane: number } => {
  const period = dice.pick([1, 2, 4]);
  return { bit: dice.int(0, 7), period, lane: dice.int(0, period - 1) };
};

const laneWords = ({ bit, period, lane }: { bit: number; period: number; lane: number }): string =>
  `bit ${bit} of ${period === 1 ? 'every byte' : `byte ${lane} of every ${period}`}`;

/** As the hardware swaps them: the width of the access, or of the register. */
const SWAPS = [
  { name: 'half-words-big-endian', partner: 1, words: 'has the bytes of each half-word exchanged' },
  { name: 'words-big-endian', partner: 3, words: 'has the bytes of each word in reverse order' },
  { name: 'double-words-big-endian', partner: 7, words: 'has the bytes of each double word in reverse order' },
  { name: 'half-words-exchanged', partner: 2, words: 'has the half-words of each word exchanged' },
  { name: 'words-exchanged', partner: 4, words: 'has the words of each double word exchanged' },
] as const;

export const DATA: readonly Kind[] = [
  ...SWAPS.flatMap(({ name, partner, words }) =>
    bothWays({ name, draw: () => ({}), words: () => words, change: (_, bytes) => exchanged(bytes, partner) }),
  ),
  ...bothWays({
    name: 'bit-low',
    draw: drawBit,
    words: (parameters) => `has ${laneWords(parameters)} at 0`,
    change: ({ bit, period, lane }, bytes) => bytes.map((byte, i) => (i % period === lane ? byte & ~(1 << bit) : byte)),
  }),
  ...bothWays({
    name: 'bit-high',
    draw: drawBit,
    words: (parameters) => `has ${laneWords(parameters)} at 1`,
    change: ({ bit, period, lane }, bytes) => bytes.map((byte, i) => (i % period === lane ? byte | (1 << bit) : byte)),
  }),
  ...bothWays({
    name: 'inverted',
    draw: (dice) => ({ mask: dice.pick([0xff, 0xff, 0x80, 0x55, dice.int(1, 255)]) }),
    words: ({ mask }) => `has its bytes exclusive-ored with ${hex(mask)}`,
    change: ({ mask }, bytes) => bytes.map((byte) => byte ^ mask),
  }),
  ...bothWays({
    // A header of the buffer counted in, or left out.
    name: 'slipped',
    draw: (dice) => {
      const by = dice.pick([1, 2, 4, 5, 8, 16, 64]);
      return { by: dice.chance(0.5) ? by : -by };
    },
    words: ({ by }) =>
      by > 0 ? `lacks the first ${by} bytes of each block and moves up` : `begins each block with ${-by} bytes of 0xFF`,
    change: ({ by }, bytes) => bytes.map((_, i) => bytes[i + by] ?? 0xff),
  }),
  ...bothWays({
    // The buffer stood on a stack that was in use again.
    name: 'overwritten',
    draw: (dice, { blockBytes }) => ({
      at: dice.pick([0, 0, blockBytes / 2, dice.int(0, blockBytes / 64) * 8]),
      bytes: dice.pick([4, 8, 16, 32]),
      value: dice.pick([0x00, 0xa5, 0x20]),
    }),
    words: ({ at, bytes, value }) => `has ${bytes} bytes of ${hex(value)} at ${hex(at)} in each block`,
    change: ({ at, bytes: length, value }, bytes) =>
      bytes.map((byte, i) => (i >= at && i < at + length ? value : byte)),
  }),
  ...bothWays({
    // `src` does not move.
    name: 'first-unit-repeated',
    draw: (dice) => ({ unit: dice.pick([2, 4, 8, 16]) }),
    words: ({ unit }) => `is the first ${unit} bytes of each block over and over`,
    change: ({ unit }, bytes) => bytes.map((_, i) => bytes[i % unit] ?? 0xff),
  }),
  ...bothWays({
    // `src` is a pointer to wider words than `dst`.
    name: 'every-second-unit',
    draw: (dice) => ({ unit: dice.pick([1, 2, 4, 8]) }),
    words: ({ unit }) => `is every second ${unit} bytes of each block, put together, and 0xFF behind it`,
    change: ({ unit }, bytes) => bytes.map((_, i) => bytes[Math.floor(i / unit) * 2 * unit + (i % unit)] ?? 0xff),
  }),
  ...bothWays({
    // *(uint16_t *)dst = *src++;
    name: 'widened',
    draw: (dice) => ({ unit: dice.pick([2, 4]) }),
    words: ({ unit }) => `is one byte of each block in every ${unit}, the others 0`,
    change: ({ unit }, bytes) => bytes.map((_, i) => (i % unit === 0 ? (bytes[i / unit] ?? 0) : 0)),
  }),
  ...bothWays({
    // DMA behind the back of the data cache, lines of 32 bytes.
    name: 'stale-lines',
    draw: (dice) => {
      const period = dice.int(2, 8);
      return { period, phase: dice.int(0, period - 1), line: dice.pick([32, 64]) };
    },
    words: ({ period, phase, line }) =>
      `has, of every ${period} lines of ${line} bytes, line ${phase} as the block before had it (zeros at first)`,
    change: ({ period, phase, line }, bytes, notes) => {
      const before = notes.bytes;
      notes.bytes = bytes.slice();
      return bytes.map((byte, i) => (Math.floor(i / line) % period === phase ? (before?.[i] ?? 0) : byte));
    },
  }),
];
