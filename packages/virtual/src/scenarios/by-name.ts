/** Finds a board of any kind by its name. */

import { defectiveScenarios } from './defective/defective.ts';
import { impostorScenarios, unseenScenarios } from './impostors/impostors.ts';
import { knownScenarios, romScenarios } from './known.ts';
import { reportedScenarios } from './reported/reported.ts';
import type { Scenario } from './scenario.ts';
import { strangerScenarios } from './strangers/strangers.ts';

/** @returns undefined when no board has this name */
export function findScenario(name: string): Scenario | undefined {
  const all = [
    ...knownScenarios,
    ...reportedScenarios,
    ...strangerScenarios,
    ...defectiveScenarios,
    ...impostorScenarios,
    ...unseenScenarios,
    ...romScenarios,
  ];
  return all.find((scenario) => scenario.name === name);
}
