/** The USB serial number that ST makes from a chip's unique id. */

/**
 * @param uid the three words of the 96-bit unique id
 * @returns 12 hex digits, in ROMs and applications alike (class `Get_SerialNum`); empty where words 0 and 2 add up to 0
 */
export function serialFromUid(uid: readonly [number, number, number]): string {
  const low = (uid[0] + uid[2]) >>> 0;
  const hex = (value: number, digits: number) => value.toString(16).toUpperCase().padStart(digits, '0');
  return low === 0 ? '' : hex(low, 8) + hex(uid[1] >>> 16, 4);
}
