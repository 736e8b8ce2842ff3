/** Where the bytes of a read come from in a model. It reads nothing. */
import type { KeptLines, KeptPiece } from './kept-lines.ts';
import { applies, modelRunsOf, wholeOf } from './machine.ts';
import type { Primitive, Runs } from './primitive.ts';
import type { Ground, Step } from './steps.ts';
import { type Transform, transformOf } from './transform.ts';

/** Where a read's bytes come from. */
export interface ReadPlan {
  readonly step: Step;
  readonly runs: Runs;
  readonly transform: Transform | undefined;
  /** Every byte is this. */
  readonly constant: number | undefined;
  /** The bytes of this step are given instead, from this index on; `none`: those of no step. */
  readonly instead: { readonly step: Step; readonly offset: number; readonly isRaw: boolean } | 'none' | undefined;
  /** What stands where no flash does; unknown without it. */
  readonly fill: number | undefined;
  /** Offset in flash of byte `i` of the last read before that was long enough. */
  readonly before: ((i: number) => number | undefined) | undefined;
  /** Only these indices matter. */
  readonly only: { readonly from: number; readonly to: number } | undefined;
  /** Default all comes from flash as it is. */
  readonly pieces: readonly KeptPiece[] | undefined;
  /** Some bytes have no flash behind them. */
  readonly isPartial: boolean;
}

/** Whether every byte is just what a cell holds. */
export const isPlainRead = ({ transform, pieces, constant, instead, isPartial }: ReadPlan): boolean =>
  !transform && !pieces && constant === undefined && !instead && !isPartial;

interface MachineReading {
  readonly ground: Ground;
  readonly steps: readonly Step[];
  readonly offsets: readonly [number, number];
  readonly lines?: KeptLines | undefined;
}

export function readPlan(
  chain: readonly Primitive[],
  step: Step,
  { ground, steps, offsets, lines }: MachineReading,
): ReadPlan {
  if (chain.length === 0) return rightRead(step);
  const active = chain.filter((primitive) => applies(primitive, step));
  const isCut = active.some(({ stage, hooks }) => hooks.drops || (stage === 'part' && hooks.runs));
  const runs = modelRunsOf(active, step, ground, isCut ? {} : { offsets }) ?? [];
  const transform = transformOf(active, step);
  const constant = active.find(({ hooks }) => hooks.constant !== undefined)?.hooks.constant;
  const source = active.find(({ hooks }) => hooks.source)?.hooks.source;
  const fill = active.find(({ hooks }) => hooks.fill !== undefined)?.hooks.fill;
  const at = source?.instead(step, steps);
  const other = typeof at === 'number' ? steps[at] : undefined;
  const instead =
    at === 'none'
      ? at
      : other && { step: other, offset: source?.offset?.(step, other) ?? 0, isRaw: source?.isRaw === true };
  const pieces = lines?.piecesOf(step);
  const before = beforeOf(step, steps);
  return { step, runs, transform, constant, instead, fill, before, only: undefined, pieces, isPartial: isCut };
}

/** As a right loader answers. All plans have the same members in the same order, so that what walks through them is quick. */
const rightRead = (step: Step): ReadPlan => ({
  step,
  runs: wholeOf(step),
  transform: undefined,
  constant: undefined,
  instead: undefined,
  fill: undefined,
  before: undefined,
  only: undefined,
  pieces: undefined,
  isPartial: false,
});

/** Where byte `i` of the read before was read from; `undefined` where that had none. */
export function beforeOf(step: Step, steps: readonly Step[]): (i: number) => number | undefined {
  return (i) => {
    for (let at = step.at - 1; at >= 0; at--) {
      const other = steps[at];
      if (other?.session !== step.session) return undefined;
      if (other.kind === 'read') return other.length > i ? other.address + i : undefined;
    }
    return undefined;
  };
}
