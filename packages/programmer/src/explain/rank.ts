/** Finds how many of a few telling windows each single deviation explains alone. It decides nothing. */
import { isOfReads, type Primitive } from './primitive.ts';
import { explainsAlone, type SearchProblem, windowsExplained } from './problem.ts';
import type { Search } from './trying.ts';
import type { Window } from './windows.ts';

export interface Told {
  readonly primitive: Primitive;
  /** Telling windows that it explains. */
  readonly tells: number;
  readonly of: number;
}

/** Wrong windows that are looked at to see what a deviation can explain. */
const TELLING_WINDOWS = 4;

/** After so many that it does not explain, the others are not looked at. */
const MOST_MISSED = 2;

/** `undefined` when the time is up. */
export async function tellAlone(
  { problem, pace }: Search,
  primitives: readonly Primitive[],
): Promise<Told[] | undefined> {
  const windows = telling(problem);
  const all: Told[] = [];
  for (const primitive of primitives) {
    if (!(await pace.goOn())) return undefined;
    const explains = (window: Window): boolean =>
      isOfReads(primitive)
        ? explainsAlone(problem, [primitive], window)
        : windowsExplained(problem, [primitive], [window]) > 0;
    let tells = 0;
    for (const [n, window] of windows.entries()) {
      if (n - tells >= MOST_MISSED) break;
      if (explains(window)) tells++;
    }
    all.push({ primitive, tells, of: windows.length });
  }
  return all;
}

/** Of different reads, spread over the run. */
function telling({ chosenWindows }: SearchProblem): Window[] {
  const wrong = chosenWindows.filter(({ differing }) => differing > 0);
  const byRead = [...new Map(wrong.toReversed().map((window) => [window.step.at, window])).values()];
  const every = Math.max(1, Math.floor(byRead.length / TELLING_WINDOWS));
  return byRead.filter((_, i) => i % every === 0).slice(0, TELLING_WINDOWS);
}
