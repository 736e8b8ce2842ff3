/** `leave`: ends the bootloader and starts the program, if there is one. */
import { hex } from '@sureflash/programmer';
import type { Context } from '../context.ts';
import { withDevice } from '../device/open.ts';
import type { DeviceOptions } from '../device/options.ts';
import { startOf } from './start.ts';

const REMEDY = 'Program one first, or give the address of its vector table: --at 0x08004000';

export async function leaveCommand(
  context: Context,
  { at, ...options }: DeviceOptions & { at?: number },
): Promise<void> {
  await withDevice(context, options, async (device) => {
    const address = await startOf(device, { ...(at !== undefined && { at }), remedy: REMEDY });
    await device.target.leave(address);
    context.result(context.style.ok('Left'), `the bootloader started the program at ${hex(address)}`);
    context.emit({ type: 'result', ok: true, address });
  });
}
