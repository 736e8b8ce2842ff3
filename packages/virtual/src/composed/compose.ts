/** Loaders by chance: which kinds of deviation, with which parameters, on which chip. It runs nothing. */

import type { Deviation, Kind } from './deviation.ts';
import type { Dice } from './dice.ts';
import { diceOf } from './dice.ts';
import type { ComposedChip, Geometry } from './geometry.ts';
import { COMPOSED_CHIPS, geometryOf } from './geometry.ts';
import { KINDS } from './kinds/kinds.ts';
import type { ComposedLoader, Elsewhere } from './loader.ts';
import { loaderOf } from './loader.ts';

export interface ComposeOptions {
  readonly deviations?: 1 | 2;
  /** One of the deviations is odd: none that a sensible mistake makes. Default none is. */
  readonly outside?: boolean;
  /** Default by chance. */
  readonly chip?: ComposedChip;
  /** wTransferSize; default 2048. */
  readonly blockBytes?: number;
  /** What the flash holds at first; default erased. It must not change any more. */
  readonly content?: Uint8Array;
  /** What stands outside the flash; default unique device id and flash size. */
  readonly elsewhere?: Elsewhere;
  /** Name of the first deviation's kind; default by chance. */
  readonly kind?: string;
}

const COMPOSE_STREAM = 1;

/** The same loader for the same seed and options, on `content`. @throws RangeError for a kind that there is not */
export function composeLoader(seed: number, options: ComposeOptions = {}): ComposedLoader {
  const { deviations = 1, outside = false, blockBytes, elsewhere } = options;
  const dice = diceOf(seed, COMPOSE_STREAM);
  const drawn = dice.pick(COMPOSED_CHIPS);
  const geometry = geometryOf(options.chip ?? drawn, blockBytes);
  const first = drawKind(dice, geometry, options.kind ?? { outside });
  const chosen: Deviation[] = [first.draw(dice, geometry)];
  if (deviations === 2) chosen.push(drawOther(dice, geometry, first.kind).draw(dice, geometry));
  const { content = new Uint8Array(geometry.bytes).fill(0xff) } = options;
  return loaderOf(geometry, chosen, { content, elsewhere });
}

/** Names of all kinds that a chip's cells allow. */
export function kindNames({
  outside,
  chip,
}: {
  readonly outside?: boolean;
  readonly chip?: ComposedChip;
} = {}): string[] {
  return KINDS.filter((kind) => outside === undefined || kind.outside === outside)
    .filter(({ fits }) => !chip || fits(geometryOf(chip)))
    .map(({ kind }) => kind);
}

function drawKind(dice: Dice, geometry: Geometry, wanted: string | { readonly outside: boolean }): Kind {
  if (typeof wanted !== 'string')
    return dice.pick(KINDS.filter(({ outside, fits }) => outside === wanted.outside && fits(geometry)));
  const found = KINDS.find(({ kind }) => kind === wanted);
  if (!found) throw new RangeError(`no kind of deviation is called ${wanted}`);
  return found;
}

const drawOther = (dice: Dice, geometry: Geometry, not: string): Kind =>
  dice.pick(KINDS.filter(({ outside, kind, fits }) => !outside && kind !== not && fits(geometry)));
