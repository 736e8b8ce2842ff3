/** npm `usb` as a `WebUsb` that no device can hold up: those that do not tell their strings in time are left out, by name. */
import { createRequire } from 'node:module';
import { setTimeout } from 'node:timers/promises';
import type { Clock, UsbFilter } from '@sureflash/programmer';
import { fittingDevices, type UsbDescription, type WebUsb, type WebUsbDevice } from '@sureflash/programmer/transports';
import type { WebUSB } from 'usb';

/** What is used of npm `usb`. */
interface LibusbModule<Device extends SystemDevice> {
  readonly getDeviceList: () => readonly Device[];
  /** Opens a device, reads its strings and closes it again. */
  readonly describe: (device: Device) => Promise<WebUsbDevice>;
  readonly onDetach: (listener: (device: Device) => void) => void;
  readonly offDetach: (listener: (device: Device) => void) => void;
}

/** A device of libusb: what the system knows of it, without a transfer. */
export interface SystemDevice {
  readonly busNumber: number;
  readonly portNumbers: readonly number[];
  readonly deviceDescriptor: { readonly idVendor: number; readonly idProduct: number };
  readonly allConfigDescriptors: readonly {
    readonly bConfigurationValue: number;
    readonly interfaces: readonly (readonly LibusbInterface[])[];
  }[];
}

interface LibusbInterface {
  readonly bInterfaceNumber: number;
  readonly bAlternateSetting: number;
  readonly bInterfaceClass: number;
  readonly bInterfaceSubClass: number;
  readonly bInterfaceProtocol: number;
}

export interface PlatformUsb extends WebUsb {
  /** Those of the last list that did not tell their strings in time. */
  readonly silent: readonly SilentDevice[];
}

export interface SilentDevice {
  readonly path: string;
  readonly vendorId: number;
  readonly productId: number;
  /** The filter that it fits. */
  readonly filter: UsbFilter;
}

interface AskedDevice {
  readonly since: number;
  readonly device: Promise<WebUsbDevice | undefined>;
}

/** A device answers in milliseconds; four at once on an emulated and busy machine needed more than three seconds. */
const STRINGS_MS = 15_000;

/** As the library's, which would load all of it. */
const WALL: Clock = {
  now: () => performance.now(),
  sleep: async (ms, signal) => await setTimeout(ms, undefined, { signal }),
};

type DisconnectListener = Parameters<WebUsb['addEventListener']>[1];

/** Asks devices for their strings, each once. */
function asking<Device extends SystemDevice>({ describe }: LibusbModule<Device>, clock: Clock) {
  const known = new Map<Device, AskedDevice>();
  return {
    known,
    /** @returns `undefined` where the system does not let it be opened, `late` where it does not tell its strings */
    ask: async (device: Device): Promise<WebUsbDevice | undefined | 'late'> => {
      const asked = known.get(device) ?? { since: clock.now(), device: describe(device).catch(() => undefined) };
      known.set(device, asked);
      const left = Math.max(0, STRINGS_MS - (clock.now() - asked.since));
      const stop = new AbortController();
      const late = clock.sleep(left, stop.signal).then(
        () => 'late' as const,
        () => undefined,
      );
      const found = await Promise.race([asked.device, late]);
      stop.abort();
      // What could not be opened may be allowed a moment later.
      if (found === undefined) known.delete(device);
      return found;
    },
  };
}

/** @param filters devices that none of them fits are never opened */
export function createPlatformUsb<Device extends SystemDevice>(
  libusb: LibusbModule<Device>,
  filters: readonly UsbFilter[],
  clock: Clock = WALL,
): PlatformUsb {
  const { known, ask } = asking(libusb, clock);
  const listeners = new Map<DisconnectListener, (device: Device) => void>();
  let silent: readonly SilentDevice[] = [];
  return {
    get silent() {
      return silent;
    },
    getDevices: async () => {
      const present = libusb.getDeviceList();
      for (const device of known.keys()) if (!present.includes(device)) known.delete(device);
      const fitting = fittingDevices(present.map(systemViewOf), filters);
      const found = await Promise.all(
        fitting.map(async ({ device: view, filter }) => ({ view, filter, device: await ask(view.device) })),
      );
      silent = found.flatMap(({ view, filter, device }) => (device === 'late' ? [silentOf(view, filter)] : []));
      return found.flatMap(({ device }) => (device === undefined || device === 'late' ? [] : [device]));
    },
    addEventListener: (_, listener) => {
      const onDetach = (device: Device): void => {
        void known.get(device)?.device.then((gone) => gone && listener({ device: gone }));
      };
      listeners.set(listener, onDetach);
      libusb.onDetach(onDetach);
    },
    removeEventListener: (_, listener) => {
      const onDetach = listeners.get(listener);
      if (onDetach) libusb.offDetach(onDetach);
      listeners.delete(listener);
    },
  };
}

type NpmUsbDevice = Awaited<ReturnType<WebUSB['getDevices']>>[number];

/** npm `usb` itself. @param limitMs of control transfers */
export function npmUsb(limitMs: number) {
  // `import` would have Node read each file of this CommonJS package twice, for twice the time that the rest of `list` takes.
  const { getDeviceList, usb, WebUSBDevice } = createRequire(import.meta.url)('usb') as typeof import('usb');
  // Listening must not keep the process alive.
  usb.unrefHotplugEvents();
  type Device = ReturnType<typeof getDeviceList>[number];
  return {
    getDeviceList,
    describe: async (device: Device): Promise<NpmUsbDevice> => {
      device.timeout = limitMs;
      return await WebUSBDevice.createInstance(device);
    },
    onDetach: (listener: (device: Device) => void) => usb.on('detach', listener),
    offDetach: (listener: (device: Device) => void) => usb.off('detach', listener),
  };
}

type SystemView<Device> = UsbDescription & { readonly device: Device };

function systemViewOf<Device extends SystemDevice>(device: Device): SystemView<Device> {
  const { idVendor: vendorId, idProduct: productId } = device.deviceDescriptor;
  const configurations = device.allConfigDescriptors.map(({ bConfigurationValue, interfaces }) => ({
    configurationValue: bConfigurationValue,
    interfaces: interfaces.map((settings) => ({
      interfaceNumber: settings[0]?.bInterfaceNumber ?? 0,
      alternates: settings.map((each) => ({
        alternateSetting: each.bAlternateSetting,
        interfaceClass: each.bInterfaceClass,
        interfaceSubclass: each.bInterfaceSubClass,
        interfaceProtocol: each.bInterfaceProtocol,
      })),
    })),
  }));
  return { vendorId, productId, configurations, device };
}

function silentOf({ vendorId, productId, device }: SystemView<SystemDevice>, filter: UsbFilter): SilentDevice {
  return { path: `${device.busNumber}-${device.portNumbers.join('.')}`, vendorId, productId, filter };
}
