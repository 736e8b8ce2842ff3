/** What measurements share: where flash begins, and how a figure is cut. */

/** Of every STM32. */
export const FLASH_START = 0x0800_0000;

/** @returns the value with at most so many digits behind the point */
export function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
