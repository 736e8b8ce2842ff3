/** The 96-bit unique device id of a chip. Pure. */

/** @returns 24 hex digits, word by word as the reference manuals write it */
export function uidText(words: readonly number[]): string {
  return words.map((word) => word.toString(16).toUpperCase().padStart(8, '0')).join('');
}

/** @returns the little-endian words at these offsets from the start of `bytes` */
export function wordsAt(bytes: Uint8Array, offsets: readonly number[]): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return offsets.map((offset) => view.getUint32(offset, true));
}
