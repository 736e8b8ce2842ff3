/** What a right loader would have given, and where the reads differ from it. */
import type { Cells } from './cells.ts';
import { overlaps } from './effect.ts';
import { execute } from './execute.ts';
import { machineOf } from './machine.ts';
import { cellsOfReads } from './read-cells.ts';
import type { ReadPlan } from './read-plan.ts';
import type { Ground, Step } from './steps.ts';

/** One read beside what a right loader would have given. */
export interface Expectation {
  readonly step: Step;
  readonly value: Uint8Array;
  readonly unknown: Uint8Array;
  /** Bytes that differ in a bit that is known. */
  readonly differing: number;
  /** 1 for each of them. */
  readonly differs: Uint8Array;
}

export interface Expected {
  readonly reads: readonly Expectation[];
  readonly differing: number;
  /** Bits of them. */
  readonly compared: number;
}

export function expectRight(ground: Ground, steps: readonly Step[]): Expected {
  const machine = machineOf([], ground);
  const cells = cellsOfReads(machine, steps);
  const reads: Expectation[] = [];
  const onRead = (plan: ReadPlan): boolean => {
    reads.push(compareRead(plan, cells));
    return true;
  };
  execute({ machine, steps, cells, onRead });
  const differing = reads.reduce((sum, read) => sum + read.differing, 0);
  const compared = reads.reduce((sum, { step }) => sum + step.length, 0);
  return { reads, differing, compared };
}

/** Compares one read and learns from it what was open. A difference is not believed by the cells. */
function compareRead({ step, runs }: ReadPlan, cells: Cells): Expectation {
  const made = {
    value: new Uint8Array(step.length),
    unknown: new Uint8Array(step.length).fill(0xff),
    differs: new Uint8Array(step.length),
  };
  let differing = 0;
  overlaps(cells, runs, (span, low, high, from) => {
    for (let o = low - span.start, i = from; o < high - span.start; o++, i++) {
      const open = span.unknown[o] ?? 0;
      const value = span.value[o] ?? 0;
      const found = step.bytes[i] ?? 0;
      made.value[i] = value;
      made.unknown[i] = open;
      if ((found ^ value) & ~open & 0xff && !step.unstable?.has(i)) {
        made.differs[i] = 1;
        differing++;
      }
      span.value[o] = value | (found & open);
      span.unknown[o] = 0;
    }
  });
  return { step, ...made, differing };
}
