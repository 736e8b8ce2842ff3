/** Reads memories of a device into an image. */
import { MemoryImage, type Segment } from '@sureflash/image';
import { isFatal, type Observation } from '../diagnosis/observation.ts';
import type { Device } from '../target/device.ts';
import type { Range } from '../target/geometry.ts';
import { readMemoryBytes } from './memory/read-memory.ts';
import type { RunOptions } from './run/progress.ts';
import { firstLook } from './survey/known.ts';
import { explainingByLook } from './why/explained-by-look.ts';

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
  const readAll = async ({ target }: Device): Promise<MemoryImage> => {
    const segments: Segment[] = [];
    for (const range of 'start' in ranges ? [ranges] : ranges) {
      segments.push({ address: range.start, bytes: await readMemoryBytes(target, range, options) });
    }
    return new MemoryImage(segments);
  };
  return await explainingByLook(device, readAll, options);
}

/**
 * Looks whether what this device gives can be the content of its memory: at distant addresses, and twice. Reads only.
 * @returns what speaks against it; empty for ROM bootloaders, which have earned their trust
 */
export async function doubtsOfReading(device: Device, ranges: readonly Range[]): Promise<Observation[]> {
  const wanted = ranges.map(({ start, end }) => ({ address: start, bytes: new Uint8Array(Math.min(end - start, 1)) }));
  const found = await firstLook(device, new MemoryImage(wanted), {}).catch(() => []);
  return found.filter(isFatal);
}
