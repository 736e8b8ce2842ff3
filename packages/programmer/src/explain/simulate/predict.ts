/** What a model says that reads will give, for operations that nobody has made yet. */

import type { Model } from '../grammar/primitive.ts';
import { type Cells, know, type Span } from '../memory/cells.ts';
import type { Change, KnownContent, LoaderRestart, ReadRequest, Shape } from '../recording/record.ts';
import { type Ground, groundOf, type Step, stepsOf } from '../recording/steps.ts';
import { execute, type OnRead } from './execute.ts';
import { machineOf } from './machine.ts';
import { givenTo, walkRead, withRaws } from './read.ts';
import { cellsOfReads } from './read-cells.ts';
import { openRaw } from './read-plan.ts';

/** One read's bytes. A bit that the model leaves open is set in `unknown` and 0 in `value`. */
export interface Answer {
  readonly value: Uint8Array;
  readonly unknown: Uint8Array;
}

/** Fills cells with what is known of them; `span` comes with everything unknown. */
export type Initial = (span: Span) => void;

/** The reads' answers in their order. */
export function predictSteps(model: Model, ground: Ground, steps: readonly Step[], initial?: Initial): Answer[] {
  const machine = machineOf(model, ground);
  const cells: Cells = cellsOfReads(machine, steps);
  if (initial) {
    for (const span of cells) {
      initial(span);
      know(span, ground.known);
    }
  }
  const answers = new Map<number, Answer>();
  const answerOf = (at: number): Answer | undefined => answers.get(at);
  const onRead: OnRead = (plan, raws) => {
    const { length, at } = plan.step;
    const right = machine.chains.read.length === 0 ? rightAnswer(plan.step, cells) : undefined;
    if (right) {
      answers.set(at, right);
      return true;
    }
    const answer = openRaw(length);
    answers.set(at, answer);
    return walkRead(plan, cells, withRaws(plan, answerOf, raws), givenTo(answer));
  };
  execute({ machine, steps, cells, onRead });
  // A read that takes place never is answered with nothing that could be known.
  return steps.flatMap(({ kind, at, length }) => (kind === 'read' ? [answers.get(at) ?? openRaw(length)] : []));
}

/** What cells in one piece give as they are, which takes less time than to walk through them; `undefined` where they are not. */
function rightAnswer({ address, length }: Step, cells: Cells): Answer | undefined {
  const span = cells.find(({ start, end }) => start <= address && end >= address + length);
  if (!span) return undefined;
  const [from, to] = [address - span.start, address - span.start + length];
  return { value: span.value.slice(from, to), unknown: span.unknown.slice(from, to) };
}

export interface PredictOptions {
  readonly blockSize: number;
  /** What flash holds at first, from its start; absent: nothing is known. */
  readonly content?: Uint8Array;
  /** What stands outside the flash. */
  readonly known?: readonly KnownContent[];
}

/**
 * What the reads among `operations` give on a loader that deviates as `model` says.
 * @returns one answer for each read, in order
 */
export function predict(
  model: Model,
  shape: Shape,
  operations: readonly (Change | ReadRequest | LoaderRestart)[],
  { blockSize, content, known }: PredictOptions,
): Answer[] {
  const ground = groundOf(shape, blockSize, operations, known);
  const initial = content && ((span: Span): void => fillFrom(span, content));
  return predictSteps(model, ground, stepsOf(operations, shape, blockSize), initial);
}

function fillFrom({ start, end, value, unknown }: Span, content: Uint8Array): void {
  const low = Math.max(0, start);
  const high = Math.min(content.length, end);
  if (low >= high) return;
  value.set(content.subarray(low, high), low - start);
  unknown.fill(0, low - start, high - start);
}
