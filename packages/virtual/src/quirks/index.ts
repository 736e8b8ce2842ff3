/** Devices that deviate: each of them one deviation that was reported of a real one. */
import type { Scenario } from '../scenario.ts';
import { otherMakersScenarios } from './other-makers.ts';
import { stClassScenarios } from './st-class.ts';
import { stRomScenarios } from './st-roms.ts';

export const quirkScenarios: readonly Scenario[] = [...stRomScenarios, ...stClassScenarios, ...otherMakersScenarios];
