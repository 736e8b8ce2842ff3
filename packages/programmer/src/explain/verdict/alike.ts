/** Whether models answer made-up jobs alike, or say less of them than another. */
import { effectOf } from '../exact/effects.ts';
import { keyOfModel, type Model } from '../grammar/primitive.ts';
import { inFours } from '../memory/fours.ts';
import type { Ground } from '../recording/steps.ts';
import { type Answer, predictSteps } from '../simulate/predict.ts';
import { type Job, madeUpContent } from './jobs.ts';

export interface Signature {
  /** The same for two models that give the same answers to all reads of a job. */
  readonly key: string;
  /** The model leaves open what some of the reads give, though all content is known: it is not the whole truth. */
  readonly isOpen: boolean;
}

/** Of each job, by what models do to it: several may send it to the same places. */
const signed = new WeakMap<Job, Map<string, Signature>>();

export function signatureOf(model: Model, ground: Ground, job: Job): Signature {
  const ofJob = signed.get(job) ?? new Map<string, Signature>();
  signed.set(job, ofJob);
  const key = effectOf({ steps: job.steps, ground }, model) ?? keyOfModel(model);
  const signature = ofJob.get(key) ?? signedBy(model, ground, job);
  ofJob.set(key, signature);
  return signature;
}

function signedBy(model: Model, ground: Ground, { steps, seed }: Job): Signature {
  let hash = 0x811c9dc5;
  let other = 0;
  let open = 0;
  for (const { value, unknown } of predictSteps(model, ground, steps, madeUpContent(ground, seed))) {
    const [values, unknowns] = [inFours(value), inFours(unknown)];
    for (let i = 0; i < values.length; i++) {
      const bits = unknowns[i] ?? 0;
      hash = Math.imul(hash ^ (values[i] ?? 0) ^ (bits << 8), 0x01000193);
      open |= bits;
      other = (Math.imul(other, 31) + (hash >>> 16)) | 0;
    }
  }
  return { key: `${hash}/${other}`, isOpen: open !== 0 };
}

/** Those that say of all jobs what another one of them does, but for bits that they leave open and that one does not. */
export function vagueAmong(models: readonly Model[], ground: Ground, jobs: readonly Job[]): Model[] {
  let pairs = models.flatMap((less) =>
    models.flatMap((more) => (less === more ? [] : [{ less, more, isVaguer: false }])),
  );
  for (const { steps, seed } of shortestFirst(jobs)) {
    const own = new Set(pairs.flatMap(({ less, more }) => [less, more]));
    const answers = new Map(
      [...own].map((model) => [model, predictSteps(model, ground, steps, madeUpContent(ground, seed))]),
    );
    pairs = pairs.flatMap((pair) => {
      const how = compared(answers.get(pair.less) ?? [], answers.get(pair.more) ?? []);
      return how === 'otherwise' ? [] : [{ ...pair, isVaguer: pair.isVaguer || how === 'vaguer' }];
    });
  }
  return models.filter((model) => pairs.some(({ less, isVaguer }) => less === model && isVaguer));
}

/** What some answers say beside others. */
function compared(some: readonly Answer[], others: readonly Answer[]): 'alike' | 'vaguer' | 'otherwise' {
  let isVaguer = false;
  for (const [n, { value, unknown }] of some.entries()) {
    const other = others[n];
    for (let i = 0; other && i < value.length; i++) {
      const [open, isOpen] = [unknown[i] ?? 0, other.unknown[i] ?? 0];
      if (((value[i] ?? 0) ^ (other.value[i] ?? 0)) & ~open || isOpen & ~open) return 'otherwise';
      if (open !== isOpen) isVaguer = true;
    }
  }
  return isVaguer ? 'vaguer' : 'alike';
}

/** Models that answer all jobs alike together, in the order of the first of each. Short jobs tell most of them apart. */
export function alikeIn<T>(
  all: readonly T[],
  modelOf: (each: T) => Model,
  ground: Ground,
  jobs: readonly Job[],
): (readonly T[])[] {
  const groups = shortestFirst(jobs).reduce<(readonly T[])[]>(
    (some, job) =>
      some.flatMap((group) =>
        group.length === 1 ? [group] : inGroups(group, (each) => signatureOf(modelOf(each), ground, job).key),
      ),
    [all],
  );
  const places = new Map(all.map((each, i) => [each, i]));
  const placeOf = ([first]: readonly T[]): number => (first === undefined ? 0 : (places.get(first) ?? 0));
  return groups.sort((a, b) => placeOf(a) - placeOf(b));
}

/** The shortest first. */
const shortestFirst = (jobs: readonly Job[]): Job[] => jobs.toSorted((a, b) => lengthOf(a) - lengthOf(b));

const lengthOf = ({ steps }: Job): number => steps.reduce((sum, { length }) => sum + length, 0);

export function inGroups<T>(all: readonly T[], keyOf: (each: T) => string): (readonly T[])[] {
  const byKey = new Map<string, T[]>();
  for (const each of all) {
    const key = keyOf(each);
    const same = byKey.get(key);
    if (same) same.push(each);
    else byKey.set(key, [each]);
  }
  return [...byKey.values()];
}
