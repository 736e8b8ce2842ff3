/** The 96-bit unique device id, and the serial number that ST's loaders make of it. */

/** @returns 24 hex digits, word by word as the reference manuals write it */
export function uidText(words: readonly number[]): string {
  return words.map((word) => word.toString(16).toUpperCase().padStart(8, '0')).join('');
}

/** @returns the little-endian words at these offsets from the start of `bytes` */
export function wordsAt(bytes: Uint8Array, offsets: readonly number[]): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return offsets.map((offset) => view.getUint32(offset, true));
}

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
