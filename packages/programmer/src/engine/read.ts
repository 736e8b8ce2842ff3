/** Reads memories of a device into an image. */
import { MemoryImage, type Segment } from '@sureflash/image';
import type { Device } from '../target/device.ts';
import type { Range } from '../target/geometry.ts';
import { explaining } from './explained.ts';
import type { RunOptions } from './progress.ts';
import { readMemoryBytes } from './read-memory.ts';

/**
 * @param ranges one or several; each lies in one memory
 * @returns all bytes of these ranges
 * @throws what the target throws; `signal.reason`. The link is at rest then.
 */
export async function read(
  device: Device,
  ranges: Range | readonly Range[],
  options: RunOptions = {},
): Promise<MemoryImage> {
  return await explaining(device, {}, async () => {
    const segments: Segment[] = [];
    for (const range of 'start' in ranges ? [ranges] : ranges) {
      segments.push({ address: range.start, bytes: await readMemoryBytes(device.target, range, options) });
    }
    return new MemoryImage(segments);
  });
}
