/** From a running program with a DFU run-time interface to its bootloader: asks it to restart, and waits for what comes back. */
import { hasCode, systemClock, type UsbFilter } from '@sureflash/programmer';
import { RUNTIME_FILTERS } from '@sureflash/programmer/basics';
import { detach } from '@sureflash/programmer/dfu';
import { waitForReturn } from '@sureflash/programmer/option-bytes';
import { openWebUsb, type UsbCandidate } from '@sureflash/programmer/transports';
import { CommandError } from '../base/command-error.ts';
import { defined } from '../base/defined.ts';
import { EXIT } from '../base/exit-codes.ts';
import type { Io } from '../base/io.ts';
import { describeCandidate, findLocalDevices, idsOf, isOurs } from './find-local.ts';
import { openLocalUsb } from './local-usb.ts';
import { openSource } from './open-source.ts';
import type { DeviceOptions } from './options.ts';
import type { DeviceSource } from './source.ts';

/** Codes of errors that say that nothing in DFU mode is there. */
const NOT_IN_DFU_MODE = ['cli/no-device', 'device/not-programmable'];

/** The device that the options name, in DFU mode: one that is there already is not restarted. */
export async function openDetached(io: Io, options: DeviceOptions): Promise<DeviceSource> {
  try {
    return await openSource(io, options);
  } catch (error) {
    const code = error instanceof CommandError || hasCode(error, 'device/not-programmable') ? error.code : '';
    if (!NOT_IN_DFU_MODE.includes(code)) throw error;
    const running = await openRunning(io, options);
    if (!running) throw error;
    return await restarted(running);
  }
}

/** @throws FlashError `device/not-back` */
async function restarted(running: DeviceSource): Promise<DeviceSource> {
  try {
    await detach(running.port, running);
  } finally {
    await running[Symbol.asyncDispose]();
  }
  return await waitForReturn(
    async () => {
      try {
        return await running.reopen();
      } catch (error) {
        // What cannot be found or opened now may be a moment later.
        if (error instanceof CommandError) return undefined;
        throw error;
      }
    },
    running.clock,
    { detached: true },
  );
}

async function openRunning(
  io: Io,
  { usb, usbip, virtual, instant, load }: DeviceOptions,
): Promise<DeviceSource | undefined> {
  const filters: readonly UsbFilter[] = RUNTIME_FILTERS;
  if (virtual !== undefined) {
    const { openVirtual } = await import('./virtual-board.ts');
    return await openVirtual(io, virtual, {
      filters,
      ...defined({ instant, load }),
    });
  }
  if (usbip !== undefined) {
    const { openRemote } = await import('./remote-usbip.ts');
    return await openRemote(usbip, filters);
  }
  return await openLocalRunning(usb);
}

async function openLocalRunning(which: string | undefined): Promise<DeviceSource | undefined> {
  const { candidates, usb } = await findLocalDevices();
  const chosen = chooseRunning(candidates, which);
  if (!chosen) return undefined;
  const { device, path } = chosen;
  const port = await openWebUsb(device, RUNTIME_FILTERS, { clock: systemClock, usb });
  return {
    port,
    clock: systemClock,
    where: path === undefined ? 'USB' : `USB ${path}`,
    outlives: true,
    // Its ids change, its place on the bus stays.
    reopen: async () => await openLocalUsb({ which: path ?? which }),
    [Symbol.asyncDispose]: async () => await port[Symbol.asyncDispose](),
  };
}

/**
 * @param which bus path, serial number or vid:pid; without it, wireless adapters and cameras are left alone
 * @throws CommandError `cli/several-devices`
 */
export function chooseRunning(
  candidates: readonly UsbCandidate[],
  which: string | undefined,
): UsbCandidate | undefined {
  const running = candidates.filter(({ filter }) => RUNTIME_FILTERS.includes(filter));
  const fitting = running.filter((each) => (which === undefined ? isOurs(each) : isNamed(each, which)));
  const [first, second] = fitting;
  if (!second) return first;
  throw new CommandError({
    code: 'cli/several-devices',
    exitCode: EXIT.device,
    title: `${fitting.length} running devices could be sent to their bootloaders; nothing was touched.`,
    remedy: [...fitting.map(describeCandidate), `Choose one, such as --usb ${first?.path ?? 'VID:PID'}`],
  });
}

function isNamed({ device, path }: UsbCandidate, which: string): boolean {
  const wanted = which.toLowerCase();
  return path === which || device.serialNumber?.toLowerCase() === wanted || idsOf(device) === wanted;
}
