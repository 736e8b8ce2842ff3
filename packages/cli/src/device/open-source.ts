/** Which way leads to the device that the options name. Each way is loaded only when it is taken. */
import { usage } from '../base/command-error.ts';
import { defined } from '../base/defined.ts';
import type { Io } from '../base/io.ts';
import type { DeviceOptions } from './options.ts';
import type { DeviceSource } from './source.ts';

/** @throws CommandError `cli/usage`, `cli/no-device`, and what opening the port throws */
export async function openSource(
  io: Io,
  { usb, stlink, cmsisDap, usbip, virtual, replay, instant, load }: DeviceOptions,
): Promise<DeviceSource> {
  if (virtual !== undefined) {
    const { openVirtual } = await import('./virtual-board.ts');
    if (typeof stlink === 'string') throw usage('With --virtual, --stlink takes no serial number.');
    if (typeof cmsisDap === 'string') throw usage('With --virtual, --cmsis-dap takes no serial number.');
    const wire = stlink ? ('ST-LINK' as const) : cmsisDap ? ('CMSIS-DAP' as const) : undefined;
    return await openVirtual(io, virtual, defined({ instant, load, wire }));
  }
  if (load !== undefined || instant)
    throw usage('--load and --instant need --virtual.', 'Add --virtual stm32f105-rom, or leave them out.');
  if (usbip !== undefined) {
    const { openRemote } = await import('./remote-usbip.ts');
    return await openRemote(usbip);
  }
  if (replay !== undefined) {
    const { openReplay } = await import('./replay.ts');
    return await openReplay(io, replay);
  }
  const { openLocalUsb } = await import('./local-usb.ts');
  const probe = stlink ?? cmsisDap;
  if (probe === undefined) return await openLocalUsb({ which: usb });
  const wire = stlink === undefined ? 'CMSIS-DAP' : 'ST-LINK';
  return await openLocalUsb({ which: probe === true ? undefined : probe, wire });
}
