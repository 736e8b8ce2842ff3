/** Finds how many of a few telling windows each single deviation explains alone, and how much of them. It decides nothing. */
import type { Check } from '../check/check-state.ts';
import { checkWindow, checkWindowAlone, type Window } from '../check/windows.ts';
import { saysSomething } from '../exact/exact.ts';
import type { SearchProblem } from '../exact/problem.ts';
import type { Search } from '../exact/trying.ts';
import type { Model, Primitive } from '../grammar/primitive.ts';
import { machineOf } from '../simulate/machine.ts';

export interface Told {
  readonly primitive: Primitive;
  /** Telling windows that it explains. */
  readonly tells: number;
  readonly of: number;
  /**
   * By how much it is nearer to what was read in them than a right loader, per bit that came out wrong: 1 for all that
   * it tells rightly, 0 for what it leaves open as for what it gives by chance.
   */
  readonly gain: number;
}

/** Wrong windows that are looked at to see what a deviation can explain. */
const TELLING_WINDOWS = 4;

/** After so many that it does not explain, and of which it tells nothing, the others are not looked at. */
const MOST_MISSED = 2;

/** `undefined` when the time is up. */
export async function tellAlone(
  { problem, pace }: Search,
  primitives: readonly Primitive[],
): Promise<Told[] | undefined> {
  const windows = telling(problem).map((window) => ({
    window,
    nothing: likeness(soundWindow(problem, [], window), window),
  }));
  const of = windows.length;
  const all: Told[] = [];
  for (const primitive of primitives) {
    if (!(await pace.goOn())) return undefined;
    let tells = 0;
    let nearer = 0;
    let bits = 0;
    for (const [n, { window, nothing }] of windows.entries()) {
      if (n - tells >= MOST_MISSED && nearer <= 0) break;
      const result = soundWindow(problem, [primitive], window);
      if (result?.contradictions === 0 && saysSomething([primitive], window, result)) tells++;
      nearer += likeness(result, window) - nothing;
      bits += 8 * window.differing;
    }
    all.push({ primitive, tells, of, gain: nearer / Math.max(1, bits) });
  }
  return all;
}

/** Deviations of reads are looked at whatever other reads gave, and only what they say of the window counts. */
function soundWindow(problem: SearchProblem, model: Model, window: Window): Check | undefined {
  const machine = machineOf(model, problem.ground);
  return model.some(({ on }) => on.includes('read'))
    ? checkWindowAlone(machine, window, problem, Number.POSITIVE_INFINITY)
    : checkWindow(machine, window, problem, Number.POSITIVE_INFINITY);
}

/** Bits that were told rightly less those that were told wrongly. */
const likeness = (result: Check | undefined, { differing }: Window): number =>
  // Where a read comes from one place several times, that place is told as often.
  result ? Math.min(result.toldBits, 8 * differing) - 2 * result.contradictedBits : 0;

/**
 * Of different reads, spread over the run. Where nothing was written, a read may differ only from one before it that was
 * wrong itself: such places are looked at where there are no others.
 */
function telling({ chosenWindows }: SearchProblem): Window[] {
  const differing = chosenWindows.filter((window) => window.differing > 0);
  const written = differing.filter(({ asAsked }) => asAsked.write.length > 0);
  const wrong = new Set(written.map(({ step }) => step)).size >= TELLING_WINDOWS ? written : differing;
  const byRead = [...new Map(wrong.toReversed().map((window) => [window.step.at, window])).values()];
  const every = Math.max(1, Math.floor(byRead.length / TELLING_WINDOWS));
  return byRead.filter((_, i) => i % every === 0).slice(0, TELLING_WINDOWS);
}
