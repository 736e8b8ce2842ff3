/** What one mistake in a loader is: hooks in front of right functions, a memory of its own, words. It knows no kind. */

import type { SparseCells } from './cells.ts';
import type { Dice } from './dice.ts';
import type { Geometry } from './geometry.ts';
import type { Ask, Block, Media, OperationExtent } from './operation.ts';

/** What a mistaken function keeps between calls. Values are replaced and never changed, so that a copy is shallow. */
export interface Notes {
  count: number;
  /** A second counter, or an address. */
  at: number | undefined;
  bytes: Uint8Array | undefined;
  blocks: readonly Block[];
  sectors: readonly OperationExtent[];
}

export const noNotes = (): Notes => ({ count: 0, at: undefined, bytes: undefined, blocks: [], sectors: [] });

export interface Bench {
  readonly below: Media;
  readonly notes: Notes;
  readonly cells: SparseCells;
  readonly geometry: Geometry;
}

/** Functions that stand in front of those `below`; what is left out is passed on. */
export interface Hooks {
  readonly erase?: (bench: Bench, sector: OperationExtent) => void;
  readonly eraseAll?: (bench: Bench) => void;
  readonly write?: (bench: Bench, block: Block) => void;
  readonly read?: (bench: Bench, ask: Ask) => Uint8Array;
}

export type Figures = Readonly<Record<string, number | string>>;

/** The order in which two deviations of one loader act: a command is counted, then placed, then carried out. */
export const LAYERS = ['when', 'number', 'where', 'what'] as const;
export type Layer = (typeof LAYERS)[number];

export interface Deviation {
  readonly kind: string;
  readonly layer: Layer;
  readonly outside: boolean;
  readonly parameters: Figures;
  readonly words: string;
  readonly hooks: Hooks;
}

/** A kind of deviation, its parameters still to be drawn. */
export interface Kind {
  readonly kind: string;
  readonly outside: boolean;
  /** Whether it can mean anything on these cells. */
  readonly fits: (geometry: Geometry) => boolean;
  readonly draw: (dice: Dice, geometry: Geometry) => Deviation;
}

export interface Recipe<P extends Figures> {
  readonly kind: string;
  readonly layer: Layer;
  readonly outside?: boolean;
  readonly fits?: (geometry: Geometry) => boolean;
  readonly draw: (dice: Dice, geometry: Geometry) => P;
  readonly words: (parameters: P) => string;
  readonly hooks: (parameters: P) => Hooks;
}

export function kindOf<P extends Figures>({ fits = () => true, outside = false, ...recipe }: Recipe<P>): Kind {
  const { kind, layer } = recipe;
  return {
    kind,
    outside,
    fits,
    draw: (dice, geometry) => {
      const parameters = recipe.draw(dice, geometry);
      return { kind, layer, outside, parameters, words: recipe.words(parameters), hooks: recipe.hooks(parameters) };
    },
  };
}

export const hex = (value: number): string => `${value < 0 ? '-' : ''}0x${Math.abs(value).toString(16).toUpperCase()}`;
