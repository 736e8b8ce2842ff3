/** Runs a model over what was done, and counts what reads contradict, what they pay for, and what the model tells. */
import type { Cells } from '../memory/cells.ts';
import type { Step } from '../recording/steps.ts';
import { execute, type OnRead } from '../simulate/execute.ts';
import type { Machine } from '../simulate/machine.ts';
import { type AnswerOf, withRaws } from '../simulate/read.ts';
import { cellsOfReads } from '../simulate/read-cells.ts';
import type { Focus } from '../simulate/read-plan.ts';
import { checkRead } from './check-bytes.ts';
import { type Check, checkFrom, freshCheck } from './check-state.ts';
import type { Prices } from './prices.ts';

export interface ModelCheckOptions {
  /** How many contradictions are counted before the run ends. */
  readonly limit: number;
  readonly touches?: Uint8Array | undefined;
  /** Told of every contradiction, and what was expected there. */
  readonly onContradiction?: (step: Step, i: number, expected: number) => void;
  /** Gets for each read that is contradicted, by its place, 1 for each byte that is. */
  readonly wrong?: Map<number, Uint8Array>;
  /** For each read by its place, 1 where it is to be counted how much the model tells. */
  readonly counted?: ReadonlyMap<number, Uint8Array>;
  /** What bytes cost that the model leaves open; by default those are not counted. */
  readonly prices?: Prices;
  /** For each read by its place, 1 where a right loader is known to give what was read: such costs are told apart. */
  readonly sure?: ReadonlyMap<number, Uint8Array>;
  readonly focus?: Focus;
  /** Steps that can matter; default all. */
  readonly some?: readonly Step[];
  /** What came out before anything changed; used where reads do not deviate. */
  readonly head?: Head | undefined;
}

/** The reads before the first change, held against a right loader once and for all. */
export interface Head {
  /** Place of the first change among the steps. */
  readonly until: number;
  readonly cells: Cells;
  readonly state: Readonly<Check>;
}

/** What an operation saw that nobody knows has to be stated. */
const OPEN_GUARD_BITS = 3;

/** `undefined` where a right loader is contradicted before anything changed: then reads deviate. */
export function headOf(
  machine: Machine,
  steps: readonly Step[],
  options: Pick<ModelCheckOptions, 'counted' | 'prices' | 'sure'>,
): Head | undefined {
  const until = steps.findIndex(({ kind }) => kind !== 'read');
  const cells = cellsOfReads(machine, steps);
  const some = steps.slice(0, Math.max(0, until));
  const state = check(machine, steps, { ...options, limit: 0, cells, some });
  return state && { until, cells, state };
}

/** `cells`: default those of all reads. @returns `undefined` where there are more than `limit` contradictions */
export function check(
  machine: Machine,
  steps: readonly Step[],
  options: ModelCheckOptions & { readonly cells?: Cells },
): Check | undefined {
  const head = machine.chains.read.length === 0 ? options.head : undefined;
  const cells = options.cells ?? cellsOfReads(machine, steps, head?.cells);
  const state = head ? checkFrom(head.state) : freshCheck();
  const { limit, counted, prices, sure, onContradiction, wrong } = options;
  const { erasedValue, size } = machine.ground;
  const context = {
    state,
    prices,
    limit,
    counted,
    sure,
    erasedValue,
    size,
    onContradiction,
    wrong,
    lastWrong: -1,
    sureNow: undefined,
  };
  const answerOf: AnswerOf = (at) => {
    const step = steps[at];
    return step && { value: step.bytes };
  };
  const { touches, focus, some } = options;
  const onRead: OnRead = (plan, raws) => {
    // What comes from no cell tells nothing of what stands behind another read.
    if (focus && plan.step !== focus.step && (plan.constant !== undefined || plan.instead)) return true;
    return checkRead(plan, cells, withRaws(plan, answerOf, raws), context);
  };
  const isDone = execute({
    machine,
    steps,
    cells,
    onRead,
    onGuard: (isOpen) => countGuard(state, isOpen),
    touches,
    focus,
    some,
    from: head?.until,
  });
  return isDone ? state : undefined;
}

function countGuard(state: Check, isOpen: boolean): void {
  state.guards++;
  if (!isOpen) return;
  state.openGuards++;
  state.cost += OPEN_GUARD_BITS;
}
