/** What the flash loader answers of a range: its CRC, or the word of which it is made. Pure. */
import { crc32 } from '@sureflash/image';
import { wordBytes } from '../cortex/debug-access.ts';
import type { Range } from '../target/geometry.ts';

/** @param word its CRC; where `bytes` is 0, the word of which the range is made. @returns its CRC-32 */
export function crcOfAnswer({ start, end }: Range, word: number, bytes: number): number {
  if (bytes !== 0) return word;
  const content = new Uint8Array(end - start);
  const pattern = wordBytes([word]);
  for (let at = 0; at < content.length; at += pattern.length) content.set(pattern, at);
  return crc32(content);
}

/** @returns the bytes of ranges that were answered so, and those of the ranges that are the same word again and again */
export function crcWork(
  ranges: readonly Range[],
  answers: readonly number[],
): { readonly bytes: number; readonly uniform: number } {
  let [bytes, uniform] = [0, 0];
  for (const [index, { start, end }] of ranges.entries()) {
    bytes += end - start;
    if (answers[2 * index + 1] === 0) uniform += end - start;
  }
  return { bytes, uniform };
}
