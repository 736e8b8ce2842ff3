/** Where a program begins that is in the flash already. */
import { FlashError, hex } from '@sureflash/programmer';
import { readAll } from '@sureflash/programmer/engine';
import { CommandError } from '../base/command-error.ts';
import { EXIT } from '../base/exit-codes.ts';
import type { Device } from '../device/open.ts';

/** Stack pointer and reset vector (ARMv7-M B1.5.3). */
const VECTORS = 8;

interface Start {
  /** Address of its vector table; without it, the start of the flash. */
  readonly at?: number;
  /** What to do where there is none. */
  readonly remedy: string;
}

/** @throws CommandError `cli/nothing-to-start` where the flash is blank; FlashError `plan/outside` on a device without flash */
export async function startOf(device: Device, { at, remedy }: Start): Promise<number> {
  const flash = device.target.geometry.find((region) => region.kind === 'flash');
  const address = at ?? flash?.start;
  if (address === undefined) throw new FlashError('plan/outside', { start: 0, end: 1, available: [] });
  if (!(await isBlank(device, address, flash?.erasedValue))) return address;
  throw new CommandError({
    code: 'cli/nothing-to-start',
    exitCode: EXIT.refused,
    title: `There is no program at ${hex(address)}: the flash is blank there.`,
    remedy: [remedy],
    facts: { address },
  });
}

/** Whether a start would run into erased flash. A device that cannot be read gets the benefit of the doubt. */
async function isBlank({ target }: Device, address: number, erasedValue = 0xff): Promise<boolean> {
  try {
    const vectors = await readAll(target, { start: address, end: address + VECTORS });
    return vectors.every((byte) => byte === erasedValue);
  } catch (error) {
    if (error instanceof FlashError) return false;
    throw error;
  }
}
