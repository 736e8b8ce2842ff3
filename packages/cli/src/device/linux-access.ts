/** Linux: DFU devices that the kernel has and npm `usb` does not show. It hides those that it cannot open, so the kernel is asked. */
import type { UsbCandidate } from '@sureflash/programmer/transports';
import { defined } from '../base/defined.ts';
import { stateAt } from '../host/node-state.ts';
import { DFU_MODE, hasInterface, type NodeState, readUsbDevices, USB_PLACES, type UsbPlaces } from '../host/sysfs.ts';

export interface HiddenDevice {
  readonly path: string;
  readonly ids: string;
  readonly node: string;
  /** What keeps it from being opened; `open`: nothing, and it is not listed all the same. */
  readonly state: NodeState;
  readonly connectedMs?: number;
}

/** Empty on other systems and where sysfs has no USB. */
export async function findHiddenDevices(
  shown: readonly Pick<UsbCandidate, 'path'>[],
  places: UsbPlaces = USB_PLACES,
): Promise<HiddenDevice[]> {
  const seen = new Set(shown.map(({ path }) => path));
  const devices = (await readUsbDevices(places)) ?? [];
  const hidden = devices.filter((device) => hasInterface(device, DFU_MODE) && !seen.has(device.path));
  return await Promise.all(
    hidden.map(async (device) => {
      const { path, ids, node, connectedMs } = device;
      const state = await stateAt(places, device);
      return { path, ids, node, state, ...defined({ connectedMs }) };
    }),
  );
}

/** For people, in a list. */
export const HIDDEN_BECAUSE: Readonly<Record<NodeState, string>> = {
  absent: 'has no node in /dev/bus/usb here',
  other: 'has another device at the place of its node',
  denied: 'may not be opened by this user',
  refused: 'is refused by the kernel, as for a container',
  'in-use': 'is held by another program',
  open: 'is there, and libusb does not list it yet',
};
