/** Two names of the flash where TrustZone is on: that of a region, and that under which the world that drives it has it. Pure. */
import { plainFlashAddress } from '@sureflash/chips';
import { type Range, type Region, regionHolding } from '../target/geometry.ts';
import type { Chunk } from '../target/target.ts';
import type { FlashAccess } from './flash-access.ts';

/** @param region the one that has it; nothing but flash has a second name */
export function drivenRange(flash: FlashAccess, { start, end }: Range, region?: Region): Range {
  if (region && region.kind !== 'flash') return { start, end };
  const at = flash.drivenAddress(start);
  return { start: at, end: at + end - start };
}

/** @returns chunks under the names that their regions have */
export function namedChunks(chunks: readonly Chunk[], regions: readonly Region[]): Chunk[] {
  const isFlash = (at: number): boolean => regionHolding(regions, { start: at, end: at + 1 })?.kind === 'flash';
  return chunks.map((chunk) => {
    const plain = plainFlashAddress(chunk.address);
    return isFlash(chunk.address) ? chunk : { ...chunk, address: plain };
  });
}
