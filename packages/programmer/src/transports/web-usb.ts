/** `UsbPort` over WebUSB: `navigator.usb`, npm `usb` 2 and 3, and virtual hosts. One adapter for their dialects. */
import { FlashError } from '../errors.ts';
import type { Clock } from '../ports/clock.ts';
import type { Alternate, ControlSetup, TransferOptions, UsbIdentity, UsbPort } from '../ports/usb.ts';
import {
  type DeviceDescription,
  DFU_CLASS,
  describeDevice,
  findDfuInterface,
  parseInterfaces,
  readAlternates,
} from './descriptors.ts';
import { setInterface } from './set-interface.ts';
import { Watchdog } from './watchdog.ts';
import type { WebUsb, WebUsbDevice } from './web-usb-api.ts';
import { webUsbFailure } from './web-usb-errors.ts';

export interface OpenWebUsbOptions {
  readonly clock: Clock;
  /** Tells when the device leaves; without it only a failing transfer does. */
  readonly usb?: WebUsb;
  /** The DFU interface where absent. */
  readonly interfaceNumber?: number;
}

/** A device with a DFU interface. `runtime`: an application that could be asked to restart in DFU mode. */
export interface DfuCandidate {
  readonly device: WebUsbDevice;
  readonly mode: 'dfu' | 'runtime';
  readonly path?: string;
}

const OPENING_MS = 5_000;

/** Every DFU interface that the platform lets us see; nothing is opened. */
export async function listWebUsb(usb: WebUsb): Promise<DfuCandidate[]> {
  const devices = await usb.getDevices();
  return devices.flatMap((device) => {
    const protocols = device.configurations
      .flatMap((configuration) => configuration.interfaces)
      .flatMap((each) => each.alternates)
      .filter((a) => a.interfaceClass === DFU_CLASS.class && a.interfaceSubclass === DFU_CLASS.subclass)
      .map((a) => a.interfaceProtocol);
    if (protocols.length === 0) return [];
    const path = pathOf(device);
    const mode = protocols.includes(DFU_CLASS.dfuModeProtocol) ? ('dfu' as const) : ('runtime' as const);
    return [{ device, mode, ...(path !== undefined && { path }) }];
  });
}

/**
 * Opens a device and claims its DFU interface. On failure the device is closed again.
 * @throws FlashError `usb/access`, `usb/busy`, `usb/gone`, `usb/descriptor`, `device/not-programmable`
 */
export async function openWebUsb(device: WebUsbDevice, options: OpenWebUsbOptions): Promise<UsbPort> {
  const link = new WebUsbLink(device, options.clock);
  try {
    await link.run(device.open());
    if (!device.configuration)
      await link.run(device.selectConfiguration(device.configurations[0]?.configurationValue ?? 1));
    const description = await describeDevice(
      (setup, length) => link.controlIn(setup, length, OPENING_MS),
      pathOf(device),
    );
    const wanted = options.interfaceNumber ?? findDfuInterface(parseInterfaces(description.configurationDescriptor));
    if (wanted === undefined)
      throw new FlashError('device/not-programmable', { detail: 'it has no interface in DFU mode' });
    await link.run(device.claimInterface(wanted));
    const alternates = await readAlternates(
      (setup, length) => link.controlIn(setup, length, OPENING_MS),
      description,
      wanted,
    );
    return new WebUsbPort(link, options.usb, { description, interfaceNumber: wanted, alternates });
  } catch (error) {
    if (device.opened) await link.run(device.close()).catch(() => undefined);
    link.rest();
    throw webUsbFailure(error);
  }
}

/** Browsers do not tell where a device is plugged in. */
function pathOf(device: WebUsbDevice): string | undefined {
  const { busNumber, portNumbers } = libusbDevice(device) ?? {};
  if (typeof busNumber !== 'number' || !Array.isArray(portNumbers)) return undefined;
  return `${busNumber}-${portNumbers.join('.')}`;
}

/** What npm `usb` 2 keeps behind a WebUSB device. */
interface LibusbDevice {
  readonly busNumber?: unknown;
  readonly portNumbers?: unknown;
  /** Limit in ms for the transfers that are submitted from now on. */
  timeout?: unknown;
}

function libusbDevice(device: WebUsbDevice): LibusbDevice | undefined {
  if (!('device' in device)) return undefined;
  return typeof device.device === 'object' && device.device !== null ? device.device : undefined;
}

/** The transfers of one opened device, each within its time limit and with its errors in our codes. */
class WebUsbLink {
  readonly device: WebUsbDevice;
  readonly gone: Promise<void>;
  readonly #watchdog: Watchdog;
  readonly #libusb: LibusbDevice | undefined;
  #markGone: () => void = () => undefined;
  #isGone = false;

  constructor(device: WebUsbDevice, clock: Clock) {
    this.device = device;
    this.#watchdog = new Watchdog(clock);
    const inner = libusbDevice(device);
    this.#libusb = typeof inner?.timeout === 'number' ? inner : undefined;
    this.gone = new Promise((resolve) => {
      this.#markGone = resolve;
    });
  }

  leave(): void {
    this.#isGone = true;
    this.#markGone();
  }

  /** Nothing more is asked of the device. */
  rest(): void {
    this.#watchdog.stop();
  }

  /** @param setup the request that the platform makes of it, where there is one */
  async run(work: Promise<unknown>, setup?: ControlSetup): Promise<void> {
    await this.#limited(work, OPENING_MS, setup);
  }

  async controlIn(setup: ControlSetup, length: number, timeoutMs: number): Promise<Uint8Array> {
    const start = async (): ReturnType<WebUsbDevice['controlTransferIn']> =>
      await this.device.controlTransferIn(setup, length);
    const { status, data } = await this.#transfer(start, timeoutMs, setup);
    if (status === 'stall') throw new FlashError('usb/stall', { setup });
    if (status !== 'ok' || !data) throw new FlashError('usb/transfer', { setup, detail: `status ${status}` });
    return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  }

  async controlOut(setup: ControlSetup, data: Uint8Array, timeoutMs: number): Promise<void> {
    // npm usb 3 fails without data, and none of them takes shared memory.
    const owned =
      data.buffer instanceof ArrayBuffer
        ? new Uint8Array(data.buffer, data.byteOffset, data.length)
        : new Uint8Array(data);
    const start = async (): ReturnType<WebUsbDevice['controlTransferOut']> =>
      await this.device.controlTransferOut(setup, owned);
    const { status, bytesWritten } = await this.#transfer(start, timeoutMs, setup);
    if (status === 'stall') throw new FlashError('usb/stall', { setup });
    if (status === 'ok' && bytesWritten < data.length) {
      throw new FlashError('usb/transfer', { setup, detail: `only ${bytesWritten} of ${data.length} bytes were sent` });
    }
    if (status !== 'ok') throw new FlashError('usb/transfer', { setup, detail: `status ${status}` });
  }

  /**
   * Libusb gets the limit too, where it takes one: it takes a late transfer back. Built without timers of the kernel, as
   * in npm `usb` 2, it looks for late ones only when something else happens, or once a minute.
   */
  async #transfer<T>(start: () => Promise<T>, timeoutMs: number, setup: ControlSetup): Promise<T> {
    if (this.#libusb) this.#libusb.timeout = timeoutMs;
    return await this.#limited(start(), timeoutMs, setup);
  }

  #failure(error: unknown, setup: ControlSetup | undefined, afterMs: number): FlashError {
    const failure = webUsbFailure(error, setup, afterMs);
    if (failure.code === 'usb/gone') this.leave();
    if (!this.#isGone || failure.code !== 'usb/transfer') return failure;
    return new FlashError('usb/gone', setup ? { setup } : {}, error);
  }

  async #limited<T>(work: Promise<T>, timeoutMs: number, setup?: ControlSetup): Promise<T> {
    const late = (): FlashError => new FlashError('usb/timeout', { ...(setup && { setup }), afterMs: timeoutMs });
    try {
      return await this.#watchdog.within(work, timeoutMs, late);
    } catch (error) {
      throw this.#failure(error, setup, timeoutMs);
    }
  }
}

interface Claimed {
  readonly description: DeviceDescription;
  readonly interfaceNumber: number;
  readonly alternates: readonly Alternate[];
}

class WebUsbPort implements UsbPort {
  readonly identity: UsbIdentity;
  readonly interfaceNumber: number;
  readonly alternates: readonly Alternate[];
  readonly configurationDescriptor: Uint8Array;
  readonly gone: Promise<void>;
  readonly #link: WebUsbLink;
  readonly #usb: WebUsb | undefined;
  readonly #onDisconnect = (event: { readonly device: WebUsbDevice }): void => {
    if (sameDevice(event.device, this.#link.device)) this.#link.leave();
  };

  constructor(link: WebUsbLink, usb: WebUsb | undefined, { description, interfaceNumber, alternates }: Claimed) {
    this.identity = description.identity;
    this.configurationDescriptor = description.configurationDescriptor;
    this.interfaceNumber = interfaceNumber;
    this.alternates = alternates;
    this.gone = link.gone;
    this.#link = link;
    this.#usb = usb;
    usb?.addEventListener('disconnect', this.#onDisconnect);
  }

  async selectAlternate(number: number): Promise<void> {
    const { device } = this.#link;
    const setup = setInterface(this.interfaceNumber, number);
    await this.#link.run(device.selectAlternateInterface(this.interfaceNumber, number), setup);
  }

  async controlIn(setup: ControlSetup, length: number, { timeoutMs }: TransferOptions): Promise<Uint8Array> {
    return await this.#link.controlIn(setup, length, timeoutMs);
  }

  async controlOut(setup: ControlSetup, data: Uint8Array, { timeoutMs }: TransferOptions): Promise<void> {
    await this.#link.controlOut(setup, data, timeoutMs);
  }

  async reset(): Promise<void> {
    await this.#link.run(this.#link.device.reset());
  }

  /** Releases before it closes: npm `usb` 3 keeps interfaces claimed otherwise. A device that is gone needs neither. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#usb?.removeEventListener('disconnect', this.#onDisconnect);
    const { device } = this.#link;
    await this.#link.run(device.releaseInterface(this.interfaceNumber)).catch(() => undefined);
    await this.#link.run(device.close()).catch(() => undefined);
    this.#link.rest();
  }
}

/** npm `usb` 3 makes a new object for a device at every enumeration; only its handle stays the same. */
function sameDevice(a: WebUsbDevice, b: WebUsbDevice): boolean {
  if (a === b) return true;
  return 'handle' in a && 'handle' in b && a.handle !== undefined && a.handle === b.handle;
}
