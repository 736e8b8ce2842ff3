/** A whole job by chance on a composed loader, and which of the loader's deviations left a trace in what the host read. */

import type { ComposeOptions } from './compose.ts';
import { composeLoader } from './compose.ts';
import type { OldContent } from './content.ts';
import { firmware, OLD_CONTENTS, oldContent } from './content.ts';
import type { Dice } from './dice.ts';
import { diceOf, mixed } from './dice.ts';
import { type Geometry, KB } from './geometry.ts';
import type { HostOptions, Step } from './host.ts';
import { program } from './host.ts';
import type { ComposedLoader } from './loader.ts';
import type { Operation } from './operation.ts';
import type { Segment } from './pieces.ts';
import { partsWithin } from './pieces.ts';

export interface RunOptions extends Omit<ComposeOptions, 'content'>, Pick<HostOptions, 'looks' | 'system'> {
  /** Default by chance. */
  readonly old?: OldContent;
}

export interface TracedRunOptions extends RunOptions {
  /** Instead: one deviation left a trace and another none. */
  readonly hidden?: boolean;
}

export interface Run {
  /** As it is after the job; `loader.restart()` is as it was before. */
  readonly loader: ComposedLoader;
  readonly image: readonly Segment[];
  readonly old: OldContent;
  /** All of the flash before the job. */
  readonly content: Uint8Array;
  /** Every operation in order, with what the host read. */
  readonly steps: readonly Step[];
  /** Whether all that was read of the image after the last write is the image. */
  readonly proven: boolean;
}

const RUN_STREAM = 2;

/** The same job on the same loader for the same seed and options. */
export function makeRun(seed: number, { old, looks, system, ...compose }: RunOptions = {}): Run {
  const dice = diceOf(seed, RUN_STREAM);
  const { geometry } = composeLoader(seed, compose);
  const image = drawImage(dice, geometry);
  const kind = old ?? dice.pick(OLD_CONTENTS);
  const content = oldContent(dice, kind, geometry, image);
  const loader = composeLoader(seed, { ...compose, content });
  const eraseAll = dice.chance(0.05);
  const host = { eraseAll, ...(looks !== undefined && { looks }), ...(system !== undefined && { system }) };
  const steps = program((operation) => carryOut(loader, operation), geometry, image, host);
  return { loader, image, old: kind, content, steps, proven: holdsImage(steps, image) };
}

function holdsImage(steps: readonly Step[], image: readonly Segment[]): boolean {
  const lastChange = steps.findLastIndex(({ operation }) => operation.kind !== 'read');
  return steps.slice(lastChange + 1).every(({ operation, bytes }) => {
    if (operation.kind !== 'read' || !bytes) return true;
    const { address, length } = operation;
    return partsWithin(image, { start: address, end: address + length }).every((part) =>
      sameBytes(part.bytes, bytes.subarray(part.address - address, part.address - address + part.bytes.length)),
    );
  });
}

export function carryOut(loader: ComposedLoader, operation: Operation): Uint8Array | undefined {
  if (operation.kind === 'read') return loader.read(operation);
  loader.apply(operation);
  return undefined;
}

/** 30 to 120 KB at the start of the flash, behind a bootloader, or anywhere; sometimes in two parts with a gap. */
function drawImage(dice: Dice, { start, sectors }: Geometry): Segment[] {
  const length = dice.int(30 * 256, 120 * 256) * 4 - (dice.chance(0.2) ? dice.int(0, 3) : 0);
  const beginnings = sectors.filter((sector) => sector.start - start <= 64 * KB);
  const address = dice.chance(0.6) ? start : dice.pick(beginnings).start;
  const bytes = firmware(dice, length, address);
  if (dice.chance(0.75)) return [{ address, bytes }];
  const cut = dice.int(2, 7) * (length >> 3);
  const gap = dice.pick([16, 300, 2 * KB, 5000, 16 * KB]);
  const second = address + cut - (cut % 8) + gap - (gap % 8);
  return [
    { address, bytes: bytes.subarray(0, cut - (cut % 8)) },
    { address: second, bytes: bytes.subarray(cut - (cut % 8)) },
  ];
}

/** For each deviation, whether anything that the host read would be other without it. */
export function leftTrace({ loader, steps }: Run): boolean[] {
  return loader.kinds.map((_, index) => !givesTheSame(loader.without(index), steps));
}

/** Whether a loader answers every read of these steps as it was answered then. */
export function givesTheSame(loader: ComposedLoader, steps: readonly Step[]): boolean {
  return steps.every(({ operation, bytes }) => {
    const found = carryOut(loader, operation);
    return !bytes || (found !== undefined && sameBytes(found, bytes));
  });
}

export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

const MOST_ATTEMPTS = 200;

/**
 * The first of a row of runs from `seed` in which every deviation left a trace, and how many had to be thrown away.
 * @throws Error when none of 200 is such a run
 */
export function tracedRun(
  seed: number,
  { hidden = false, ...options }: TracedRunOptions = {},
): Run & { readonly seed: number; readonly dropped: number } {
  for (let dropped = 0; dropped < MOST_ATTEMPTS; dropped++) {
    const own = mixed(mixed(seed) + dropped);
    const run = makeRun(own, options);
    const traces = leftTrace(run);
    if (hidden ? traces.includes(true) && traces.includes(false) : traces.every(Boolean))
      return { ...run, seed: own, dropped };
  }
  throw new Error(`no deviation left a trace in ${MOST_ATTEMPTS} runs from seed ${seed}`);
}
