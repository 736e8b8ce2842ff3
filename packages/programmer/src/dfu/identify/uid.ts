/** The serial number that ST's loaders make of the unique device id. */

/**
 * Twelve hex digits (stm32-mw-usb-device, Get_SerialNum; the ROMs do the same): the sum of the first and the third word,
 * then the upper half of the second. Empty where the sum is 0. It is not unique.
 */
export function serialOfUid([first = 0, second = 0, third = 0]: readonly number[]): string {
  const sum = (first + third) >>> 0;
  if (sum === 0) return '';
  const hex = (value: number, digits: number): string => value.toString(16).toUpperCase().padStart(digits, '0');
  return hex(sum, 8) + hex(second >>> 16, 4);
}
