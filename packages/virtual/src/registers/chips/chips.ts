/** Chips that are modelled down to the registers that bootloaders touch, by name. */

import type { ChipFacts } from '../chip.ts';
import { STM32F072, STM32F303 } from './f0-f3.ts';
import { STM32F103, STM32F105, STM32F107 } from './f1.ts';
import { STM32F407, STM32F446 } from './f4.ts';
import { STM32F767 } from './f7.ts';
import { STM32G0B1, STM32G071 } from './g0.ts';
import { STM32H563 } from './h5.ts';
import { STM32H743 } from './h7.ts';
import { STM32L152 } from './l1.ts';
import { STM32G431, STM32L476 } from './l4.ts';
import { STM32U585 } from './u5.ts';

const ALL: readonly ChipFacts[] = [
  STM32F103,
  STM32F105,
  STM32F107,
  STM32F072,
  STM32F303,
  STM32F407,
  STM32F446,
  STM32F767,
  STM32L152,
  STM32L476,
  STM32G071,
  STM32G0B1,
  STM32G431,
  STM32H743,
  STM32U585,
  STM32H563,
];

export const chips: ReadonlyMap<string, ChipFacts> = new Map(ALL.map((chip) => [chip.name, chip]));
