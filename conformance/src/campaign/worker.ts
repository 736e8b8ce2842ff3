/** A thread of the campaign: does the trials that it is given, in order, and posts each result. */
import { parentPort, workerData } from 'node:worker_threads';
import { type Course, caseNamed, courseOf, ended, type TrialId, type TrialResult, tryFault } from './trial.ts';

const courses = new Map<string, Promise<Course>>();

function courseFor(scenario: string): Promise<Course> {
  const known = courses.get(scenario) ?? courseOf(caseNamed(scenario));
  courses.set(scenario, known);
  return known;
}

/** The pool hands over nothing else. */
const { trials } = workerData as { readonly trials: readonly TrialId[] };
for (const trial of trials) parentPort?.postMessage(await resultOf(trial));

/** A board that cannot be brought to rest after a run is a defect of that run, and the others go on. */
async function resultOf(trial: TrialId): Promise<TrialResult> {
  try {
    return await tryFault(await courseFor(trial.scenario), trial);
  } catch (error) {
    return ended(trial, { kind: 'defect', code: String(error) });
  }
}
