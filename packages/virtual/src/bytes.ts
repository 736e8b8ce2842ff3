/** Little-endian numbers in bytes. It knows nothing of what they mean. */

/** The 32-bit word at `offset`. */
export function word32(bytes: Uint8Array, offset: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(offset, true);
}

/** The lowest `bytes` bytes of `value`, least significant first. */
export function littleEndian(value: number, bytes: number): number[] {
  return Array.from({ length: bytes }, (_, index) => (value >>> (8 * index)) & 0xff);
}
