/** Whether two stretches of bytes are the same: the innermost loop of every survey and proof. */

const WORD_BYTES = 4;

/** Compares words where both stretches lie on word boundaries, which is nearly always. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  let at = 0;
  if (a.byteOffset % WORD_BYTES === 0 && b.byteOffset % WORD_BYTES === 0) {
    const words = Math.floor(a.length / WORD_BYTES);
    const wordsOfA = new Uint32Array(a.buffer, a.byteOffset, words);
    const wordsOfB = new Uint32Array(b.buffer, b.byteOffset, words);
    for (let i = 0; i < words; i++) if (wordsOfA[i] !== wordsOfB[i]) return false;
    at = words * WORD_BYTES;
  }
  for (; at < a.length; at++) if (a[at] !== b[at]) return false;
  return true;
}
