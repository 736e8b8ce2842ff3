/** Where the bytes of a read come from in a model. It reads nothing. */

import type { Primitive, Runs } from '../grammar/primitive.ts';
import { type Ground, type Step, stepBefore } from '../recording/steps.ts';
import type { KeptLines, KeptPiece } from './kept-lines.ts';
import { applies, modelRunsOf, wholeOf } from './machine.ts';
import { type Transform, transformOf } from './transform.ts';

/** What a right read would have given at its time. */
export interface Raw {
  readonly value: Uint8Array;
  readonly unknown: Uint8Array;
}

/** By the step's place; only where a model gives such answers later. */
export type Raws = Map<number, Raw>;

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
  /** The read before, if there was one since the start. */
  readonly before: (() => Step | undefined) | undefined;
  /** What that read should have given, where flash has changed since. */
  readonly kept: Raw | undefined;
  /** Only these indices matter. */
  readonly only: { readonly from: number; readonly to: number } | undefined;
  /** Default all comes from flash as it is. */
  readonly pieces: readonly KeptPiece[] | undefined;
  /** Some bytes have no flash behind them. */
  readonly isPartial: boolean;
  /** It is walked for the sake of another read: only bytes that have flash behind them matter. */
  readonly isAside: boolean;
}

interface MachineReading {
  readonly ground: Ground;
  readonly steps: readonly Step[];
  readonly offsets: readonly [number, number];
  readonly lines?: KeptLines | undefined;
  readonly raws?: Raws | undefined;
  /** Only these bytes of this read matter. */
  readonly focus?: Focus | undefined;
}

/** Bytes of a read, by their indices. */
export interface Focus {
  readonly step: Step;
  readonly from: number;
  readonly to: number;
}

export function readPlan(
  chain: readonly Primitive[],
  step: Step,
  { ground, steps, offsets, lines, raws, focus }: MachineReading,
): ReadPlan {
  if (chain.length === 0) return rightRead(step, focus);
  const active = chain.filter((primitive) => applies(primitive, step));
  const isCut = active.some(({ stage, hooks }) => hooks.drops || (stage === 'part' && hooks.runs));
  const runs = modelRunsOf(active, step, ground, isCut ? {} : { offsets }) ?? [];
  const transform = transformOf(active, step);
  const source = active.find(({ hooks }) => hooks.source)?.hooks.source;
  const fill = active.find(({ hooks }) => hooks.fill !== undefined)?.hooks.fill;
  const at = source?.instead(step, steps);
  const constant = constantOf(active, at !== undefined);
  const other = typeof at === 'number' ? steps[at] : undefined;
  const instead =
    at === 'none'
      ? at
      : other && { step: other, offset: source?.offset?.(step, other) ?? 0, isRaw: source?.isRaw === true };
  const pieces = lines?.piecesOf(step);
  const isMoved = active.some(({ stage, hooks }) => stage !== 'part' && hooks.runs !== undefined);
  const kept = raws && keptOf(step, steps, { raws, isMoved });
  return {
    step,
    runs,
    transform,
    constant,
    instead,
    fill,
    before: beforeOf(step, steps),
    kept,
    only: focus?.step === step ? focus : undefined,
    pieces,
    isPartial: isCut,
    isAside: focus !== undefined && focus.step !== step,
  };
}

/** The value of every byte, where none is repeated in front of it. */
function constantOf(active: readonly Primitive[], isRepeated: boolean): number | undefined {
  for (const { hooks } of active) {
    if (hooks.constant !== undefined) return hooks.constant;
    if (hooks.source && isRepeated) return undefined;
  }
  return undefined;
}

/** As a right loader answers. All plans have the same members in the same order, so that what walks through them is quick. */
const rightRead = (step: Step, focus: Focus | undefined): ReadPlan => ({
  step,
  runs: wholeOf(step),
  transform: undefined,
  constant: undefined,
  instead: undefined,
  fill: undefined,
  before: undefined,
  kept: undefined,
  only: focus?.step === step ? focus : undefined,
  pieces: undefined,
  isPartial: false,
  isAside: focus !== undefined && focus.step !== step,
});

/** The read before, looked for once: many bytes of an answer may be of it. */
function beforeOf(step: Step, steps: readonly Step[]): () => Step | undefined {
  let other: Step | undefined;
  return () => (other ??= readBefore(step, steps));
}

/** What the read before should have given, if anything was changed since then, or if it came from elsewhere. */
function keptOf(
  step: Step,
  steps: readonly Step[],
  { raws, isMoved }: { readonly raws: Raws; readonly isMoved: boolean },
): Raw | undefined {
  const next = steps[step.at - 1];
  if ((next?.kind === 'read' && !isMoved) || next?.session !== step.session) return undefined;
  const before = readBefore(step, steps);
  return before && (raws.get(before.at) ?? openRaw(before.length));
}

/** The read before this one, if there was one since the start. */
export const readBefore = (step: Step, steps: readonly Step[]): Step | undefined => stepBefore(step, steps, 'read');

export const openRaw = (length: number): Raw => ({
  value: new Uint8Array(length),
  unknown: new Uint8Array(length).fill(0xff),
});
