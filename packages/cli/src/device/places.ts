/** Every place where a board can be programmed: the USB paths of this machine, or what a USB/IP server exports. It opens none. */
import { type UsbFilter, WIRES } from '@sureflash/programmer';
import type { DeviceSource } from './source.ts';

const DFU_WIRE = 'DFU';

export interface BoardPlace {
  /** Bus path, or bus id behind its server; the same as long as the board stays. */
  readonly name: string;
  readonly open: () => Promise<DeviceSource>;
}

/**
 * Looks which boards are there now. Debug probes are none: what is behind one may change while the probe stays.
 * @param usbip `host[:port]`; absent: this machine's USB
 * @throws CommandError `usbip/*`
 */
export async function placesNow(usbip: string | undefined): Promise<BoardPlace[]> {
  return await (usbip === undefined ? localPlaces() : remotePlaces(usbip));
}

async function localPlaces(): Promise<BoardPlace[]> {
  const [{ findLocalDevices }, { openLocalUsb }] = await Promise.all([
    import('./find-local.ts'),
    import('./local-usb.ts'),
  ]);
  const { candidates, hidden } = await findLocalDevices();
  const filters = dfuFilters();
  const paths = candidates.filter(({ filter }) => filters.includes(filter)).flatMap(({ path }) => path ?? []);
  // Opening one that is hidden says why it cannot be opened.
  const boards = hidden.filter(({ kind }) => kind === 'DFU device');
  return [...paths, ...boards.map(({ path }) => path)].map((name) => ({
    name,
    open: async () => await openLocalUsb({ which: name, wire: DFU_WIRE }),
  }));
}

async function remotePlaces(usbip: string): Promise<BoardPlace[]> {
  const { exportedBy, openRemote, parseRemote } = await import('./remote-usbip.ts');
  const remote = parseRemote(usbip);
  const address = usbip.replace(/\/.*$/, '');
  return (await exportedBy(remote)).map(({ busid }) => ({
    name: busid,
    open: async () => await openRemote(`${address}/${busid}`, dfuFilters()),
  }));
}

const dfuFilters = (): readonly UsbFilter[] => WIRES.find(({ name }) => name === DFU_WIRE)?.filters ?? [];
