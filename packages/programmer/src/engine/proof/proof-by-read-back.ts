/**
 * Proves an image by what the target read back while it wrote, part by part, and by CRCs of the chip that say that nothing has
 * changed since. What was not read back is read now. Where anything differs it says nothing: reading tells where and what.
 */
import { type MemoryImage, rangeOf, sameBytes } from '@sureflash/image';
import type { Region } from '../../target/geometry.ts';
import type { Target } from '../../target/target.ts';
import type { Progress, RunOptions } from '../run/progress.ts';
import { type Proof, proveImage } from './proof.ts';
import { digestsAreOf } from './proof-by-digest.ts';

/** @returns the proof; `undefined` where nothing was read back, or anything of it is not as the image says */
export async function proveByReadBack(
  target: Target,
  expected: MemoryImage,
  regions: readonly Region[],
  options: RunOptions = {},
): Promise<Proof | undefined> {
  const chunks = (await target.takeReadBack?.()) ?? [];
  if (chunks.length === 0) return undefined;
  const isEqual = chunks.every(({ address, bytes }) =>
    expected
      .within(rangeOf({ address, bytes }))
      .every((part) =>
        sameBytes(bytes.subarray(part.address - address, part.address - address + part.bytes.length), part.bytes),
      ),
  );
  if (!isEqual) return undefined;
  const ranges = chunks.map(rangeOf).sort((a, b) => a.start - b.start);
  const rest = expected.without(ranges);
  const { signal, onProgress } = options;
  const known = expected.byteLength - rest.byteLength;
  const bytes = expected.byteLength;
  onProgress?.({ type: 'phase', phase: 'verify', bytes });
  if (!(await digestsAreOf(target, expected, regions, { signal }))) return undefined;
  const tell = (done: number, address: number): void =>
    onProgress?.({ type: 'step', phase: 'verify', done, fraction: done / bytes, address });
  tell(known, ranges[0]?.start ?? 0);
  const onRest = (event: Progress): void => {
    if (event.type === 'step') tell(known + event.done, event.address);
    else if (event.type === 'sector') onProgress?.(event);
  };
  const nothing: Proof = { compared: 0, differing: 0, first: [], sectors: [] };
  const proof =
    rest.byteLength === 0 ? nothing : await proveImage(target, rest, regions, { signal, onProgress: onRest });
  onProgress?.({ type: 'phase-end', phase: 'verify' });
  return { ...proof, compared: known + proof.compared };
}
