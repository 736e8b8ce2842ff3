/** Loaders of other people as they were met in the field: honest ones that do something in their own way, and a few that fail. */
import type { Scenario } from '../scenario.ts';
import { classScenarios } from './class-bootloaders.ts';
import { closedScenarios } from './closed.ts';
import { loaderScenarios } from './loaders.ts';
import { runtimeScenarios } from './runtime.ts';

export const strangerScenarios: readonly Scenario[] = [
  ...loaderScenarios,
  ...classScenarios,
  ...closedScenarios,
  ...runtimeScenarios,
];
