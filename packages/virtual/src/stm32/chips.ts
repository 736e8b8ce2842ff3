/** Chips of the table that scenarios and tests know by name. */

import { romRowOf } from './rows/rows.ts';

export const STM32F105 = romRowOf('STM32F105').profile;
export const STM32F407 = romRowOf('STM32F407').profile;
export const STM32L476 = romRowOf('STM32L476').profile;
export const STM32G431 = romRowOf('STM32G431').profile;
export const STM32H743 = romRowOf('STM32H743').profile;
