/** Where, as the class computes it: the address of a block from the pointer and the block number. */

import type { Figures, Kind } from '../deviation.ts';
import { hex, kindOf } from '../deviation.ts';
import type { Dice } from '../dice.ts';
import type { Geometry } from '../geometry.ts';
import { FIRST_BLOCK } from '../operation.ts';

interface Given {
  /** Number of data blocks before this one in its run, as its number tells. */
  readonly index: number;
  readonly base: number;
  readonly address: number;
}

interface Arithmetic<P extends Figures> {
  readonly name: string;
  readonly draw: (dice: Dice, geometry: Geometry) => P;
  /** Behind "writes" or "reads". */
  readonly words: (parameters: P) => string;
  readonly compute: (parameters: P, given: Given, geometry: Geometry) => number;
}

function both<P extends Figures>({ name, draw, words, compute }: Arithmetic<P>): Kind[] {
  const given = ({ base, number, address }: { base: number; number: number; address: number }): Given => ({
    index: number - FIRST_BLOCK,
    base,
    address,
  });
  const common = { layer: 'number', draw } as const;
  return [
    kindOf({
      ...common,
      kind: `write-${name}`,
      words: (parameters) => `writes ${words(parameters)}`,
      hooks: (parameters) => ({
        write: ({ below, geometry }, block) =>
          below.write({ ...block, address: compute(parameters, given(block), geometry) }),
      }),
    }),
    kindOf({
      ...common,
      kind: `read-${name}`,
      words: (parameters) => `reads ${words(parameters)}`,
      hooks: (parameters) => ({
        read: ({ below, geometry }, ask) => below.read({ ...ask, address: compute(parameters, given(ask), geometry) }),
      }),
    }),
  ];
}

export const NUMBERS: readonly Kind[] = [
  ...both({
    name: 'number-ignored',
    draw: () => ({}),
    words: () => 'go to the pointer, whatever the block number',
    compute: (_, { base }) => base,
  }),
  ...both({
    name: 'pointer-ignored',
    draw: (dice) => ({ origin: dice.pick([0, 0, 0x2000, 0x4000, 0x5000]) }),
    words: ({ origin }) => `count their blocks from ${hex(origin)} in the flash, whatever the pointer`,
    compute: ({ origin }, { index }, { start, blockBytes }) => start + origin + index * blockBytes,
  }),
  ...both({
    // USBD_DFU_XFER_SIZE is not what the descriptor announces.
    name: 'block-size',
    draw: (dice, { blockBytes }) => ({
      bytes: dice.pick([256, 512, 1024, 2048, 4096].filter((bytes) => bytes !== blockBytes)),
    }),
    words: ({ bytes }) => `count ${bytes} bytes for each block`,
    compute: ({ bytes }, { base, index }) => base + index * bytes,
  }),
  ...both({
    // The class counts from 0, or from 1, or the example of another maker does.
    name: 'first-number',
    draw: (dice) => ({ first: dice.pick([0, 1, 3]) }),
    words: ({ first }) => `take block ${first} for the first`,
    compute: ({ first }, { base, index }, { blockBytes }) => base + (index + FIRST_BLOCK - first) * blockBytes,
  }),
  ...both({
    name: 'number-truncated',
    draw: (dice) => ({ bits: dice.int(2, 5) }),
    words: ({ bits }) => `look at the low ${bits} bits of the block's index only`,
    compute: ({ bits }, { base, index }, { blockBytes }) => base + (index % 2 ** bits) * blockBytes,
  }),
  ...both({
    // int16_t offset = (wBlockNum − 2) * XFER_SIZE;
    name: 'signed-offset',
    draw: (dice) => ({ bits: dice.int(13, 16) }),
    words: ({ bits }) => `keep the offset from the pointer in a signed number of ${bits} bits`,
    compute: ({ bits }, { base, index }, { blockBytes }) => {
      const range = 2 ** bits;
      const offset = (index * blockBytes) % range;
      return base + (offset >= range / 2 ? offset - range : offset);
    },
  }),
  ...both({
    // Ping and pong exchanged.
    name: 'pairs-exchanged',
    draw: () => ({}),
    words: () => 'exchange every second block with the one before it',
    compute: (_, { base, index }, { blockBytes }) => base + (index % 2 === 0 ? index + 1 : index - 1) * blockBytes,
  }),
  ...both({
    name: 'base-twice',
    draw: () => ({}),
    words: () => 'add the pointer twice',
    compute: (_, { base, address }, { start }) => address + base - start,
  }),
  kindOf({
    kind: 'write-appends',
    layer: 'number',
    draw: () => ({}),
    words: () => 'writes go on where the last one ended, and only the first pointer counts',
    hooks: () => ({
      write: ({ below, notes }, block) => {
        const address = notes.at ?? block.address;
        notes.at = address + block.bytes.length;
        below.write({ ...block, address });
      },
    }),
  }),
  kindOf({
    kind: 'write-first-pointer-kept',
    layer: 'number',
    draw: () => ({}),
    words: () => 'writes take the first pointer that was set for every run',
    hooks: () => ({
      write: ({ below, notes }, block) => {
        notes.at ??= block.base;
        below.write({ ...block, address: notes.at + block.address - block.base });
      },
    }),
  }),
];
