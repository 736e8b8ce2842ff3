/** Runs operations on cells as a model of a loader would. It knows the hooks of deviations, and none of their names. */

import type { Primitive } from '../grammar/primitive.ts';
import { copyCells, doubtChanges, stateOfCells } from '../memory/cell-states.ts';
import type { Cells } from '../memory/cells.ts';
import { runRanges } from '../primitives/runs.ts';
import type { Ground, Step } from '../recording/steps.ts';
import { eraseRuns, writeRuns } from './effect.ts';
import { keptLinesOf } from './kept-lines.ts';
import { type Interest, type Machine, mayTouch, modelRunsOf, type StepOutcomes, wholeOf, withHook } from './machine.ts';
import { ownAnswer } from './read.ts';
import { type Focus, type Raws, type ReadPlan, readBefore, readPlan } from './read-plan.ts';

/** Told of every read in its turn; `false` ends the run. `raws` holds what right reads would have given, where kept. */
export type OnRead = (plan: ReadPlan, raws?: Raws) => boolean;

export interface Execution {
  readonly machine: Machine;
  readonly steps: readonly Step[];
  readonly cells: Cells;
  readonly onRead: OnRead;
  /** Told of every operation that looks at flash first, and whether nobody knows what it saw. */
  readonly onGuard?: ((isOpen: boolean) => void) | undefined;
  /** For each step whether it touches `cells` in a right loader: others are skipped where nothing deviates. */
  readonly touches?: Uint8Array | undefined;
  /** Only part of the flash is simulated, for the sake of these bytes of this read: nothing after it matters. */
  readonly focus?: Focus | undefined;
  /** Those of `steps` that can matter, in their order; default all. */
  readonly some?: readonly Step[] | undefined;
  /** Reads before this place are known to be right. */
  readonly from?: number | undefined;
}

/** @returns whether the run went to its end */
export function execute(execution: Execution): boolean {
  const { machine, steps, cells, onRead, onGuard, touches, focus, some = steps, from = 0 } = execution;
  const { chains, ground, outcomes } = machine;
  if (focus && focus.step.at < from) return true;
  const raws: Raws | undefined = chains.read.some(givesLater) ? new Map() : undefined;
  const isRaw = chains.read.some(({ hooks }) => hooks.source?.isRaw);
  const seen = machine.seen?.(steps) ?? steps;
  // What looks back looks at the read before alone.
  const wanted = focus && raws && !isRaw ? readBefore(focus.step, seen) : undefined;
  const lines = chains.read.length > 0 ? keptLinesOf(chains.read, seen) : undefined;
  const offsets = [cells[0]?.start ?? 0, cells.at(-1)?.end ?? 0] as const;
  const [low, high] = offsets;
  const interest = { offsets };
  for (const step of machine.order?.(steps) ?? some) {
    if (step.at < from && step.kind === 'read') continue;
    const chain = chains[step.kind];
    let isPast = false;
    if (chain.length === 0) {
      isPast = touches ? !touches[step.at] : step.address >= high || step.address + step.length <= low;
    } else if (step === focus?.step || (step.kind === 'read' && !focus)) {
      // Bytes of a read that no flash stands behind are seen all the same.
    } else {
      isPast = !mayTouch(chain, step, ground, offsets);
    }
    if (step.kind === 'read') {
      if (!isPast) {
        const plan = readPlan(chain, step, { ground, steps: seen, offsets, lines, raws, focus });
        if (!wanted || wanted === step) raws?.set(step.at, ownAnswer(plan, cells, isRaw));
        if (!onRead(plan, raws)) return false;
        if (step === focus?.step) return true;
      }
      lines?.keep(step, cells);
      continue;
    }
    lines?.keep(step, cells);
    if (!isPast) {
      change(chain, step, cells, { ground, steps: seen, outcomes, onGuard, interest });
    }
  }
  return true;
}

/** Whether a read may give what another should have given. */
const givesLater = ({ hooks: { source, data } }: Primitive): boolean =>
  source?.isRaw === true || data?.looksBack === true;

/** A block that has the bytes of another is no longer than those. */
function asLongAsItsBytes(chain: readonly Primitive[], step: Step, steps: readonly Step[]): Step {
  const at = withHook(chain, step, 'source')?.source?.instead(step, steps);
  const length = typeof at === 'number' ? (steps[at]?.length ?? step.length) : step.length;
  return length < step.length ? { ...step, length } : step;
}

interface ExecutedSteps {
  readonly ground: Ground;
  readonly steps: readonly Step[];
  readonly outcomes: StepOutcomes | undefined;
  readonly onGuard: Execution['onGuard'];
  readonly interest: Interest;
}

function change(
  chain: readonly Primitive[],
  step: Step,
  cells: Cells,
  { ground, steps, outcomes, onGuard, interest }: ExecutedSteps,
): void {
  const asked = step.kind === 'write' ? asLongAsItsBytes(chain, step, steps) : step;
  const runs = chain.length === 0 ? wholeOf(step) : modelRunsOf(chain, asked, ground, interest);
  if (!runs) return;
  const guard = withHook(chain, step, 'guard')?.guard;
  const state = guard && stateOfCells(cells, guard.at(step, ground), ground.erasedValue);
  // What the step looked at may be unknown where reads tell what it did.
  const outcome = state === 'open' ? outcomes?.get(step.at) : undefined;
  if (state) onGuard?.(state === 'open');
  if (outcome === 'lost' || (state && state === guard?.dropsIf)) return;
  const before = state === 'open' && outcome !== 'done' ? copyCells(cells, runRanges(runs)) : undefined;
  if (step.kind === 'erase') eraseRuns(cells, runs, chain, { step, ground });
  else writeRuns(cells, runs, chain, { step, ground, steps });
  if (before) doubtChanges(cells, before);
}
