/** Ends the bootloader and starts the program that is in the flash. */
import { FlashError, isFlashError } from '../errors.ts';
import type { Device } from '../target/device.ts';
import { readMemoryBytes } from './memory/read-memory.ts';
import { explaining } from './why/explained.ts';

/** Stack pointer and reset vector (ARMv7-M B1.5.3). */
const VECTORS = 8;

/**
 * Starts the program whose vector table is at `at`, else the one at the start of the flash that may be written: a loader that
 * marks its own sectors lives before it. Loaders that are no ROM may start what they like.
 * @returns the address that the loader was told
 * @throws FlashError `plan/nothing-to-start` where the flash is blank, `plan/outside` on a device without flash; what the
 * target throws
 */
export async function leave(device: Device, at?: number): Promise<number> {
  return await explaining(device, {}, async () => {
    const address = await findStart(device, at);
    await device.target.leave(address);
    return address;
  });
}

/** @returns the address of the vector table to start from. @throws as `leave` */
export async function findStart({ target }: Device, at?: number): Promise<number> {
  const flash = target.geometry.find((region) => region.kind === 'flash');
  const own = flash?.sectors.find(({ writable }) => writable) ?? flash;
  const address = at ?? own?.start;
  if (address === undefined) throw new FlashError('plan/outside', { start: 0, end: 1, available: [] });
  try {
    const vectors = await readMemoryBytes(target, { start: address, end: address + VECTORS });
    const erased = flash?.erasedValue ?? 0xff;
    if (vectors.every((byte) => byte === erased)) throw new FlashError('plan/nothing-to-start', { address });
  } catch (error) {
    // A device that cannot be read gets the benefit of the doubt.
    if (!isFlashError(error) || error.code === 'plan/nothing-to-start') throw error;
  }
  return address;
}
