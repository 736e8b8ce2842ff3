/** A thread of the campaign: does the trials that it is given, in order, and posts each result. */
import { parentPort, workerData } from 'node:worker_threads';
import { type Course, caseNamed, courseOf, type TrialId, tryFault } from './trial.ts';

const courses = new Map<string, Promise<Course>>();

function courseFor(scenario: string): Promise<Course> {
  const known = courses.get(scenario) ?? courseOf(caseNamed(scenario));
  courses.set(scenario, known);
  return known;
}

/** The pool hands over nothing else. */
const { trials } = workerData as { readonly trials: readonly TrialId[] };
for (const trial of trials) parentPort?.postMessage(await tryFault(await courseFor(trial.scenario), trial));
