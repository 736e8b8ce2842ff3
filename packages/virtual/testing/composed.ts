/** Loaders with one deviation in small experiments, and what a test says about them. */

import type { Deviation, Figures, Kind } from '../src/composed/deviation.ts';
import { diceOf } from '../src/composed/dice.ts';
import type { ComposedChip, Geometry } from '../src/composed/geometry.ts';
import { geometryOf } from '../src/composed/geometry.ts';
import type { ComposedLoader } from '../src/composed/loader.ts';
import { loaderOf } from '../src/composed/loader.ts';
import type { Block, ReadOperation } from '../src/composed/operation.ts';
import { randomBytes } from '../src/random.ts';

export const START = 0x0800_0000;

export interface Bed {
  readonly loader: ComposedLoader;
  readonly geometry: Geometry;
  readonly content: Uint8Array;
  readonly deviation: Deviation;
  /** A parameter that is a number. */
  readonly figure: (name: string) => number;
}

/** @param content default erased */
export function bedFor(kind: Kind, seed: number, { chip = 'F105', content }: BedOptions = {}): Bed {
  const geometry = geometryOf(chip);
  const deviation = kind.draw(diceOf(seed, 1), geometry);
  const holding = content ?? new Uint8Array(geometry.bytes).fill(0xff);
  const loader = loaderOf(geometry, [deviation], { content: holding });
  return { loader, geometry, content: holding, deviation, figure: (name) => figureOf(deviation.parameters, name) };
}

interface BedOptions {
  readonly chip?: ComposedChip;
  readonly content?: Uint8Array;
}

function figureOf(parameters: Figures, name: string): number {
  const value = parameters[name];
  if (typeof value !== 'number') throw new Error(`${name} is no figure`);
  return value;
}

export const noiseFor = (chip: ComposedChip, seed = 5): Uint8Array => randomBytes(seed, geometryOf(chip).bytes);

/** Block `index` of a run from `base`, both counted from 0. */
export function block(base: number, index: number, bytes: Uint8Array, blockBytes = 2048): Block {
  return { base: START + base, number: index + 2, address: START + base + index * blockBytes, bytes };
}

export function ask(address: number, length: number, index = 0, blockBytes = 2048): Omit<ReadOperation, 'kind'> {
  return { base: START + address - index * blockBytes, number: index + 2, address: START + address, length };
}

/** Where bytes differ from `before`, as offsets in the flash: the first, and past the last; `undefined` for nowhere. */
export function changed({ loader, geometry, content }: Bed, before = content): [number, number] | undefined {
  const now = loader.peek(geometry.start, geometry.bytes);
  const places = [...now.keys()].filter((at) => now[at] !== before[at]);
  const [first] = places;
  return first === undefined ? undefined : [first, (places.at(-1) ?? first) + 1];
}

/** Bytes none of which is erased or repeats soon. */
export const telling = (length: number, from = 1): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => ((from + i * 7) % 251) + 1);
