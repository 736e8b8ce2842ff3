/** Linux: DFU devices that are plugged in but may not be opened. npm `usb` hides them, so the kernel is asked. */
import type { UsbCandidate } from '@sureflash/programmer/transports';
import { DFU_MODE, hasInterface, mayOpen, readUsbDevices, USB_PLACES, type UsbPlaces } from '../host/sysfs.ts';

export interface HiddenDevice {
  readonly path: string;
  readonly ids: string;
}

/** Empty on other systems and where sysfs has no USB. */
export async function findHiddenDevices(
  visible: readonly UsbCandidate[],
  places: UsbPlaces = USB_PLACES,
): Promise<HiddenDevice[]> {
  const seen = new Set(visible.map(({ path }) => path));
  const hidden: HiddenDevice[] = [];
  for (const device of (await readUsbDevices(places)) ?? []) {
    const { path, ids, node } = device;
    if (hasInterface(device, DFU_MODE) && !seen.has(path) && !(await mayOpen(node))) hidden.push({ path, ids });
  }
  return hidden;
}
