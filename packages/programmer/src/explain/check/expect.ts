/** What a right loader would have given, and where the reads differ from it. */
import { type Cells, learnOpen, type Span } from '../memory/cells.ts';
import { heldUpTo } from '../memory/fours.ts';
import type { Ground, Step } from '../recording/steps.ts';
import { overlaps } from '../simulate/effect.ts';
import { execute } from '../simulate/execute.ts';
import { machineOf } from '../simulate/machine.ts';
import { cellsOfReads } from '../simulate/read-cells.ts';
import type { ReadPlan } from '../simulate/read-plan.ts';

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
  const whole = cells.find(({ start, end }) => step.address >= start && step.address + step.length <= end);
  const at = whole ? step.address - whole.start : 0;
  const value = whole ? whole.value.slice(at, at + step.length) : new Uint8Array(step.length);
  const unknown = whole ? whole.unknown.slice(at, at + step.length) : new Uint8Array(step.length).fill(0xff);
  const differs = new Uint8Array(step.length);
  let differing = 0;
  overlaps(cells, runs, (span, low, high, from) => {
    const [start, end] = [low - span.start, high - span.start];
    if (!whole) {
      value.set(span.value.subarray(start, end), from);
      unknown.set(span.unknown.subarray(start, end), from);
    }
    differing += learnPart(step, span, { start, end, from, differs });
  });
  return { step, value, unknown, differs, differing };
}

interface ExpectedPart {
  /** Of the span. */
  readonly start: number;
  readonly end: number;
  /** Index in the read. */
  readonly from: number;
  readonly differs: Uint8Array;
}

/** @returns how many bytes differ */
function learnPart({ bytes, unstable }: Step, span: Span, { start, end, from, differs }: ExpectedPart): number {
  const { value, unknown } = span;
  const by = start - from;
  const to = end - by;
  let differing = 0;
  let i = from;
  while (i < to) {
    const open = unknown[i + by] ?? 0;
    const was = value[i + by] ?? 0;
    const found = bytes[i] ?? 0;
    if (open === 0 && was === found) {
      i = heldUpTo(bytes, span, i, to, by);
    } else if (open === 0) {
      for (; i < to && unknown[i + by] === 0 && value[i + by] !== bytes[i]; i++) {
        if (unstable?.has(i)) continue;
        differs[i] = 1;
        differing++;
      }
    } else if (open === 0xff) {
      i = learnOpen(bytes, span, i, to, by);
    } else {
      if ((found ^ was) & ~open & 0xff && !unstable?.has(i)) {
        differs[i] = 1;
        differing++;
      }
      value[i + by] = was | (found & open);
      unknown[i + by] = 0;
      i++;
    }
  }
  return differing;
}
