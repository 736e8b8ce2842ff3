/** Chips that are modelled down to the registers that bootloaders touch, by name. */

import type { ChipFacts } from '../chip.ts';
import { STM32F105, STM32F107 } from './f1.ts';
import { STM32F407, STM32F446 } from './f4.ts';

const ALL: readonly ChipFacts[] = [STM32F105, STM32F107, STM32F407, STM32F446];

export const chips: ReadonlyMap<string, ChipFacts> = new Map(ALL.map((chip) => [chip.name, chip]));
