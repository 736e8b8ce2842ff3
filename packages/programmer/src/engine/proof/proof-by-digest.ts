/** Proves an image by CRCs that the chip computes itself. Where they differ it says nothing: reading tells where and what. */
import { crc32, type MemoryImage } from '@sureflash/image';
import type { Region } from '../../target/geometry.ts';
import type { Target } from '../../target/target.ts';
import type { RunOptions } from '../run/progress.ts';
import { cutAtRegions, type Proof } from './proof.ts';

/** @returns the proof; `undefined` where the chip computes no CRCs, or one of them is not that of the image */
export async function proveByDigest(
  target: Target,
  expected: MemoryImage,
  regions: readonly Region[],
  { signal, onProgress }: RunOptions = {},
): Promise<Proof | undefined> {
  if (!(await digestsAreOf(target, expected, regions, { signal }))) return undefined;
  const bytes = expected.byteLength;
  onProgress?.({ type: 'phase', phase: 'verify', bytes });
  onProgress?.({ type: 'step', phase: 'verify', done: bytes, fraction: 1, address: expected.range?.start ?? 0 });
  onProgress?.({ type: 'phase-end', phase: 'verify' });
  return { compared: expected.byteLength, differing: 0, first: [], sectors: [] };
}

/** @returns whether the chip's own CRCs are those of the image; false, too, where it computes none */
export async function digestsAreOf(
  target: Target,
  expected: MemoryImage,
  regions: readonly Region[],
  { signal }: RunOptions,
): Promise<boolean> {
  const ranges = expected.segments.flatMap((segment) => cutAtRegions(segment, regions));
  if (!target.digest || ranges.some(({ start }) => start % 4 !== 0)) return false;
  const digests = await target.digest(ranges, { signal });
  return digests !== undefined && ranges.every((range, index) => digests[index] === crc32(expected.read(range, 0)));
}
