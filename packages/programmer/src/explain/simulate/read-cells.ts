/** Which cells reads touch, so that no others are simulated. */

import { NO_BYTE } from '../grammar/marks.ts';
import type { Primitive } from '../grammar/primitive.ts';
import { cloneCells, fillCells } from '../memory/cell-states.ts';
import { type Cells, unknownCells } from '../memory/cells.ts';
import { placeInRuns, runRanges } from '../primitives/runs.ts';
import { STEP_KINDS, type Step } from '../recording/steps.ts';
import { applies, type Machine, modelRunsOf } from './machine.ts';
import { readBefore } from './read-plan.ts';
import { indexBefore, sourceIndices, transformOf } from './transform.ts';

/** Cells for everything that the reads of a model touch. `known`: those of a right loader, as far as they are known. */
export function cellsOfReads(machine: Machine, steps: readonly Step[], known?: Cells): Cells {
  const { chains } = machine;
  const isLooking = STEP_KINDS.some((kind) => chains[kind].some(({ hooks }) => hooks.guard));
  if (known && chains.read.length === 0 && !isLooking) return cloneCells(known);
  const cells = unknownCellsOfReads(machine, steps);
  if (known) fillCells(cells, known);
  return cells;
}

function unknownCellsOfReads({ chains, ground }: Machine, steps: readonly Step[]): Cells {
  const ranges: [number, number][] = [];
  for (const step of steps) {
    if (step.kind !== 'read') continue;
    if (chains.read.some(mayGiveAsked)) ranges.push([step.address, step.address + step.length]);
    ranges.push(...runRanges(modelRunsOf(chains.read, step, ground) ?? []));
  }
  for (const step of steps) {
    for (const { hooks } of chains[step.kind]) if (hooks.guard) ranges.push([...hooks.guard.at(step, ground)]);
  }
  return unknownCells(ranges, ground);
}

/** Whether a read may come from where it was asked for though others go elsewhere. */
const mayGiveAsked = ({ hooks: { data, lines } }: Primitive): boolean =>
  (data?.move ?? data?.moveIn ?? lines) !== undefined;

/** Cells behind [from, to) of one read; where it gives what another should have given, those behind that one. */
export function windowCells(
  machine: Machine,
  steps: readonly Step[],
  step: Step,
  [from, to]: readonly [number, number],
): Cells {
  const late = machine.chains.read.find((each) => each.hooks.source?.isRaw && applies(each, step))?.hooks.source;
  const at = late?.instead(step, steps);
  const other = typeof at === 'number' ? steps[at] : undefined;
  const offset = (other && late?.offset?.(step, other)) ?? 0;
  // What lies behind the end of the other comes from no cell.
  if (!other || from + offset >= other.length) return ownCells(machine, steps, step, [from, to]);
  return ownCells(machine, steps, other, [from + offset, Math.min(to + offset, other.length)]);
}

function ownCells(
  { chains, ground }: Machine,
  steps: readonly Step[],
  step: Step,
  [from, to]: readonly [number, number],
): Cells {
  const chain = chains.read;
  if (chain.length === 0) return unknownCells([[step.address + from, step.address + to]], ground);
  const transform = transformOf(chain, step);
  const moves = transform && transform.moves.length > 0 && sourceIndices(transform, step.length, { from, to });
  const asked: [number, number][] = chain.some(({ hooks }) => hooks.lines)
    ? [[step.address + from, step.address + to]]
    : [];
  if (!moves) {
    const runs = modelRunsOf(chain, step, ground, { indices: [from, to] }) ?? [];
    return unknownCells([...asked, ...runRanges(runs)], ground);
  }
  const indices: number[] = [];
  const ranges: [number, number][] = [...asked];
  const before = readBefore(step, steps);
  const runsBefore = (before && modelRunsOf(chain, before, ground)) ?? [];
  for (let i = from; i < to; i++) {
    const at = moves[i] ?? NO_BYTE.none;
    if (at >= 0) indices.push(at);
    if (at !== NO_BYTE.before || !before) continue;
    const lengths = { own: step.length, before: before.length };
    const other = placeInRuns(runsBefore, indexBefore(transform, i, lengths));
    if (other !== undefined) ranges.push([other, other + 1]);
  }
  const runs = modelRunsOf(chain, step, ground, { indices: [Math.min(...indices), Math.max(...indices) + 1] }) ?? [];
  for (const at of indices) {
    for (let r = 0; r < runs.length; r += 3) {
      const by = at - (runs[r] ?? 0);
      if (by >= 0 && by < (runs[r + 2] ?? 0)) ranges.push([(runs[r + 1] ?? 0) + by, (runs[r + 1] ?? 0) + by + 1]);
    }
  }
  return unknownCells(ranges, ground);
}

export function touchesOf(steps: readonly Step[], cells: Cells): Uint8Array {
  const touches = new Uint8Array(steps.length);
  for (const { start, end } of cells) {
    let at = 0;
    for (const { address, length } of steps) {
      if (address < end && address + length > start) touches[at] = 1;
      at++;
    }
  }
  return touches;
}
