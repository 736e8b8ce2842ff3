/** Reads a target and checks that it gives what `Target.read` promises: a byte that was not read never counts as proven. */
import { FlashError } from '../../errors.ts';
import type { Range } from '../../target/geometry.ts';
import type { Chunk, OperationOptions, Target } from '../../target/target.ts';
import type { RunOptions } from '../run/progress.ts';

/**
 * The content of `range` in ascending chunks without gaps, to its very end.
 * @throws FlashError `read/short` when the target leaves something out; what the target throws
 */
export async function* readChunks(target: Target, range: Range, options: OperationOptions): AsyncGenerator<Chunk> {
  const expected = range.end - range.start;
  let at = range.start;
  for await (const chunk of target.read(range, options)) {
    const end = chunk.address + chunk.bytes.length;
    if (chunk.address !== at || end === at || end > range.end) break;
    at = end;
    yield chunk;
  }
  const found = at - range.start;
  if (found !== expected) throw new FlashError('read/short', { address: range.start, expected, found });
}

/**
 * All bytes of `range`, read twice: for bytes that cannot be checked later, one read is not enough.
 * @throws FlashError `device/unstable-read` when the reads differ
 */
export async function readTwice(target: Target, range: Range, options: OperationOptions = {}): Promise<Uint8Array> {
  const first = await readMemoryBytes(target, range, options);
  const second = await readMemoryBytes(target, range, options);
  const at = first.findIndex((byte, i) => byte !== second[i]);
  if (at < 0) return first;
  const values = { first: first[at] ?? 0, second: second[at] ?? 0 };
  throw new FlashError('device/unstable-read', { address: range.start + at, ...values });
}

/** All bytes of `range`. */
export async function readMemoryBytes(
  target: Target,
  range: Range,
  { signal, onProgress }: RunOptions = {},
): Promise<Uint8Array> {
  const total = range.end - range.start;
  const bytes = new Uint8Array(total);
  onProgress?.({ type: 'phase', phase: 'read', bytes: total });
  for await (const chunk of readChunks(target, range, { signal })) {
    bytes.set(chunk.bytes, chunk.address - range.start);
    const done = chunk.address + chunk.bytes.length - range.start;
    onProgress?.({ type: 'step', phase: 'read', done, fraction: done / total, address: chunk.address });
  }
  onProgress?.({ type: 'phase-end', phase: 'read' });
  return bytes;
}
