/** `leave`: ends the bootloader and starts the program, if there is one. */
import { FlashError, hex } from '@sureflash/programmer';
import { readAll } from '@sureflash/programmer/engine';
import { CommandError } from '../command-error.ts';
import type { Context } from '../context.ts';
import { type Device, withDevice } from '../device/open.ts';
import type { DeviceOptions } from '../device/options.ts';
import { EXIT } from '../exit-codes.ts';

/** Stack pointer and reset vector (ARMv7-M B1.5.3). */
const VECTORS = 8;

/** Whether a start at `address` would run into erased flash. A device that cannot be read gets the benefit of the doubt. */
async function isBlank({ target }: Device, address: number): Promise<boolean> {
  try {
    const vectors = await readAll(target, { start: address, end: address + VECTORS });
    return vectors.every((byte) => byte === 0xff);
  } catch (error) {
    if (error instanceof FlashError) return false;
    throw error;
  }
}

export async function leaveCommand(
  context: Context,
  { at, ...options }: DeviceOptions & { at?: number },
): Promise<void> {
  await withDevice(context, options, async (device) => {
    const flash = device.target.geometry.find((region) => region.kind === 'flash');
    const address = at ?? flash?.start;
    if (address === undefined) throw new FlashError('plan/outside', { start: 0, end: 1, available: [] });
    if (await isBlank(device, address)) {
      throw new CommandError({
        code: 'cli/nothing-to-start',
        exitCode: EXIT.refused,
        title: `There is no program at ${hex(address)}: the flash is blank there.`,
        remedy: ['Program one first, or give the address of its vector table: --at 0x08004000'],
        facts: { address },
      });
    }
    await device.target.leave(address);
    context.result(context.style.ok('Left'), `the bootloader started the program at ${hex(address)}`);
    context.emit({ type: 'result', ok: true, address });
  });
}
