/** When: erases or writes that take effect sometimes only. */

import type { Bench, Figures, Hooks, Kind, Recipe } from '../deviation.ts';
import { hex, kindOf } from '../deviation.ts';
import type { Dice } from '../dice.ts';
import type { Geometry } from '../geometry.ts';
import type { OperationExtent } from '../operation.ts';

type FilterSlot = 'erase' | 'write';

interface Filter<P extends Figures> {
  readonly name: string;
  readonly draw: (dice: Dice, geometry: Geometry, slot: FilterSlot) => P;
  /** Behind "the erase function" or "the write function". */
  readonly words: (parameters: P) => string;
  readonly passes: (parameters: P, bench: Bench, extent: OperationExtent) => boolean;
}

/** The same filter in front of erases and in front of writes. */
function onBoth<P extends Figures>({ name, draw, words, passes }: Filter<P>): Kind[] {
  const common = (slot: FilterSlot): Omit<Recipe<P>, 'hooks'> => ({
    kind: `${slot}-${name}`,
    layer: 'when',
    draw: (dice, geometry) => draw(dice, geometry, slot),
    words: (parameters) => `the ${slot} function ${words(parameters)}`,
  });
  return [
    kindOf({ ...common('erase'), hooks: (parameters) => eraseHooks(passes, parameters) }),
    kindOf({
      ...common('write'),
      hooks: (parameters) => ({
        write: (bench, block) => {
          const extent = { address: block.address, length: block.bytes.length };
          if (passes(parameters, bench, extent)) bench.below.write(block);
        },
      }),
    }),
  ];
}

function eraseHooks<P extends Figures>(passes: Filter<P>['passes'], parameters: P): Hooks {
  return {
    erase: (bench, sector) => {
      if (passes(parameters, bench, sector)) bench.below.erase(sector);
    },
    eraseAll: (bench) => {
      const { start, bytes } = bench.geometry;
      if (passes(parameters, bench, { address: start, length: bytes })) bench.below.eraseAll();
    },
  };
}

const few = (dice: Dice, slot: FilterSlot): number => (slot === 'erase' ? dice.int(1, 4) : dice.int(1, 12));

/** A constant that was meant for another chip or another linker script; a whole number of 2 KB above the flash's start. */
export function drawLimit(dice: Dice): number {
  return dice.chance(0.5) ? dice.pick([0x4000, 0x8000, 0xc000, 0x1_0000]) : dice.int(2, 30) * 0x800;
}

export const FILTERS: readonly Kind[] = [
  ...onBoth({
    // usbd_dfu_if.c as CubeMX generates it.
    name: 'empty',
    draw: () => ({}),
    words: () => 'is empty',
    passes: () => false,
  }),
  ...onBoth({
    // Unlocked once at start-up, locked at the end of the function.
    name: 'first-few-only',
    draw: (dice, _, slot) => ({ count: few(dice, slot) }),
    words: ({ count }) => `works ${count} times and never again`,
    passes: ({ count }, { notes }) => {
      notes.count += 1;
      return notes.count <= count;
    },
  }),
  ...onBoth({
    // Unlocked at the end of the function instead of at its beginning; a stale error flag.
    name: 'first-few-lost',
    draw: (dice, _, slot) => ({ count: dice.int(1, slot === 'erase' ? 3 : 6) }),
    words: ({ count }) => `does nothing the first ${count} times`,
    passes: ({ count }, { notes }) => {
      notes.count += 1;
      return notes.count > count;
    },
  }),
  ...onBoth({
    // The controller is still busy and nobody waits.
    name: 'every-nth-lost',
    draw: (dice) => {
      const period = dice.int(2, 7);
      return { period, phase: dice.int(0, period - 1) };
    },
    words: ({ period, phase }) => `fails every ${period}th time (call ${phase + 1} the first)`,
    passes: ({ period, phase }, { notes }) => {
      notes.count += 1;
      return (notes.count - 1) % period !== phase;
    },
  }),
  ...onBoth({
    name: 'every-nth-only',
    draw: (dice) => {
      const period = dice.int(3, 6);
      return { period, phase: dice.int(0, period - 1) };
    },
    words: ({ period, phase }) => `works every ${period}th time only (call ${phase + 1} the first)`,
    passes: ({ period, phase }, { notes }) => {
      notes.count += 1;
      return (notes.count - 1) % period === phase;
    },
  }),
  ...onBoth({
    // Bounds check with the application's start of another project.
    name: 'refused-below',
    draw: (dice) => ({ limit: drawLimit(dice) }),
    words: ({ limit }) => `refuses what begins below ${hex(limit)} in the flash`,
    passes: ({ limit }, { geometry }, { address }) => address - geometry.start >= limit,
  }),
  ...onBoth({
    // Bounds check with the size of a smaller chip.
    name: 'refused-from',
    draw: (dice) => ({ limit: drawLimit(dice) }),
    words: ({ limit }) => `refuses what begins at ${hex(limit)} in the flash or above`,
    passes: ({ limit }, { geometry }, { address }) => address - geometry.start < limit,
  }),
  ...onBoth({
    // `>=` where `>` belongs in the check of the end: whatever reaches the limit is refused.
    name: 'refused-up-to',
    draw: (dice) => ({ limit: drawLimit(dice) }),
    words: ({ limit }) => `refuses what ends at ${hex(limit)} in the flash or beyond`,
    passes: ({ limit }, { geometry }, { address, length }) => address + length - geometry.start < limit,
  }),
  ...onBoth({
    // A counter of bytes in 16 bits, or a quota.
    name: 'quota',
    draw: (dice) => ({ bytes: dice.pick([8, 16, 24, 32, 48, 64]) * 1024 }),
    words: ({ bytes }) => `works until ${hex(bytes)} bytes are done and not after that`,
    passes: ({ bytes }, { notes }, { length }) => {
      notes.count += length;
      return notes.count - length < bytes;
    },
  }),
];
