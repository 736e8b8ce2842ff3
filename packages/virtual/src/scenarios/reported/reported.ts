/** Boards with one deviation each that was reported of a real device. */

import type { Scenario } from '../scenario.ts';
import { otherMakersScenarios } from './other-makers.ts';
import { stClassScenarios } from './st-class.ts';
import { stRomScenarios } from './st-roms.ts';

export const reportedScenarios: readonly Scenario[] = [...stRomScenarios, ...stClassScenarios, ...otherMakersScenarios];
