/** Linux: DFU devices and debug probes that the kernel has and npm `usb` does not show. It hides those that it cannot open, so the kernel is asked. */
import { USB_FILTERS } from '@sureflash/programmer/basics';
import type { UsbCandidate } from '@sureflash/programmer/transports';
import { defined } from '../base/defined.ts';
import { stateAt } from '../host/node-state.ts';
import {
  DFU_MODE,
  hasInterface,
  type NodeState,
  readUsbDevices,
  USB_PLACES,
  type UsbDevice,
  type UsbPlaces,
} from '../host/sysfs.ts';

export interface HiddenDevice {
  readonly path: string;
  readonly ids: string;
  readonly node: string;
  readonly kind: 'DFU device' | 'debug probe';
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
  const hidden = devices.filter(({ path }) => !seen.has(path));
  const found = await Promise.all(
    hidden.map(async (device) => {
      const { path, ids, node, connectedMs } = device;
      const kind = hiddenKindOf(device);
      if (kind === undefined) return [];
      const state = await stateAt(places, device);
      return [{ path, ids, node, kind, state, ...defined({ connectedMs }) }];
    }),
  );
  return found.flat();
}

/** Interfaces of vendor class: probes that are known by their ids (USB class codes, FFh). */
const VENDOR_CLASS = 0xff;

function hiddenKindOf(device: UsbDevice): HiddenDevice['kind'] | undefined {
  if (hasInterface(device, DFU_MODE)) return 'DFU device';
  const [vendor, product] = device.ids.split(':').map((id) => Number.parseInt(id, 16));
  const isProbe = USB_FILTERS.some(
    ({ vendorId, productId, classCode }) => classCode === VENDOR_CLASS && vendorId === vendor && productId === product,
  );
  return isProbe ? 'debug probe' : undefined;
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
