/** Writes data at an address, or one value over a range, and proves it. It knows no firmware file: data has no vector table. */
import { MemoryImage } from '@sureflash/image';
import type { Device } from '../target/device.ts';
import type { Range } from '../target/geometry.ts';
import type { AttemptOptions } from './attempt.ts';
import { type JobOptions, prepareChecked } from './prepare.ts';
import { carryOut, type Report } from './program.ts';

export interface WriteOptions extends AttemptOptions, Pick<JobOptions, 'oneTime' | 'supply'> {}

/**
 * Writes `bytes` from `address` on and reads everything back. A sector of flash that must be erased for it is read before,
 * and its other bytes are written back and proven too.
 * @returns what was done; the memory holds the bytes then
 * @throws as `program`, without `preflight/danger`; `plan/outside` for option bytes, which are set by name
 */
export async function write(
  device: Device,
  address: number,
  bytes: Uint8Array,
  options: WriteOptions = {},
): Promise<Report> {
  const image = new MemoryImage([{ address, bytes }]);
  return await carryOut(device, await prepareChecked(device, { image, concerns: [] }, options), options);
}

/**
 * Writes `pattern` over the whole range, again and again from its start, and reads everything back. Bytes beside the range are kept.
 * @throws RangeError for a pattern that does not divide the range; else as `write`
 */
export async function fill(
  device: Device,
  range: Range,
  pattern: Uint8Array,
  options: WriteOptions = {},
): Promise<Report> {
  return await write(device, range.start, patternOver(pattern, range.end - range.start), options);
}

/** @returns `bytes` bytes of the pattern, from its beginning. @throws RangeError when it does not fit in a whole number of times */
function patternOver(pattern: Uint8Array, bytes: number): Uint8Array {
  if (pattern.length === 0 || bytes % pattern.length !== 0) {
    throw new RangeError(`a pattern of ${pattern.length} bytes does not divide ${bytes} bytes`);
  }
  const out = new Uint8Array(bytes);
  for (let at = 0; at < bytes; at += pattern.length) out.set(pattern, at);
  return out;
}
