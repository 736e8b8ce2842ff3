/** One safety step of a generated file left out or turned around, and the run that finds it. It knows no file. */

export interface Mutant {
  readonly step: string;
  /** Id of a row of the chip table. */
  readonly chip: string;
  /** What is replaced, and by what; `$1` and its like as in `String.replace`. */
  readonly from: RegExp;
  readonly to: string;
}

export const leftOut = (step: string, chip: string, from: RegExp): Mutant => ({
  step: `${step} left out`,
  chip,
  from,
  to: '',
});

/** The mutants of one generated file, and its runs. */
export interface MutantSet {
  readonly file: string;
  readonly mutants: readonly Mutant[];
  /** Runs everything with the changed source. @returns what a run found wrong; nothing if none did */
  readonly wrongWith: (chip: string, change: (source: string) => string) => string | undefined;
}

export interface TriedMutant {
  readonly mutant: Mutant;
  /** What found it; absent for a survivor. */
  readonly foundBy?: string;
}

/** What no compiler takes was not found by a run. */
const NOT_BUILT = /does not compile|\berror: /;

/** Tries every mutant of a set; one that changes nothing, or that no compiler takes, is a survivor too. */
export function* tryMutants({ mutants, wrongWith }: MutantSet): Generator<TriedMutant> {
  for (const mutant of mutants) {
    let changed = false;
    const foundBy = wrongWith(mutant.chip, (source) => {
      const mutated = source.replace(mutant.from, mutant.to);
      changed ||= mutated !== source;
      return mutated;
    });
    const isFound = changed && foundBy !== undefined && !NOT_BUILT.test(foundBy);
    yield isFound ? { mutant, foundBy } : { mutant };
  }
}

export const mutantLine = ({ mutant: { step, chip }, foundBy }: TriedMutant): string =>
  `${foundBy === undefined ? 'NOT FOUND  ' : 'found      '}${step} (${chip})${foundBy === undefined ? '' : `: ${foundBy}`}`;
