/**
 * A host with USB ports, in the shape of `navigator.usb` (WICG WebUSB §4), for devices that exist only as models. It
 * enumerates as a kernel does, takes the time that the bus takes, and speaks the dialect that it is told to.
 */

import type { Clock } from '../clock.ts';
import type { Reply, Setup, UsbConnector } from '../usb/model.ts';
import type { Dialect, DialectName } from './dialects.ts';
import { dialects } from './dialects.ts';
import type { Enumeration } from './enumerate.ts';
import { enumerate } from './enumerate.ts';
import type { Attachment } from './webusb-device.ts';
import { VirtualUsbDevice } from './webusb-device.ts';
import type { WebUsbFilter } from './webusb-shapes.ts';
import type { BusLog } from './wire.ts';
import { Wire, WireFailure } from './wire.ts';

export interface VirtualWebUsbOptions {
  /** What is plugged in where: by port path, or a list whose ports are "1-1", "1-2" and so on. */
  readonly connectors: Readonly<Record<string, UsbConnector>> | readonly UsbConnector[];
  readonly clock: Clock;
  /** Default 'browser'. */
  readonly dialect?: DialectName;
  /** As the option of npm `usb` 2: limits every control transfer. 0 is ignored; the others have no such thing. */
  readonly deviceTimeout?: number;
  /** Ports whose devices this user may not open. */
  readonly denied?: readonly string[];
  /**
   * Called before each control transfer of the client (not those of enumeration), counted from 0, and before any
   * waiting: a test may unplug here. `afterTransfer` has no reply if the transfer failed.
   */
  readonly beforeTransfer?: (index: number, setup: Setup) => void;
  readonly afterTransfer?: (index: number, setup: Setup, reply: Reply | undefined) => void;
}

export interface VirtualUsbEvent {
  readonly type: 'connect' | 'disconnect';
  readonly device: VirtualUsbDevice;
}

type Listener = (event: VirtualUsbEvent) => void;

export class VirtualWebUsb {
  onconnect: Listener | null = null;
  ondisconnect: Listener | null = null;
  readonly #options: VirtualWebUsbOptions;
  readonly #dialect: Dialect;
  readonly #listeners = { connect: new Set<Listener>(), disconnect: new Set<Listener>() };
  readonly #ports = new Map<string, WebUsbSide>();
  readonly #unsubscribe: (() => void)[] = [];
  readonly #log: BusLog = { transfers: 0, busMs: 0, firstAt: undefined, lastAt: undefined };
  #index = 0;

  constructor(options: VirtualWebUsbOptions) {
    this.#options = options;
    this.#dialect = dialects[options.dialect ?? 'browser'];
    for (const [port, connector] of namedPorts(options.connectors)) {
      const look = () => this.#look(port, connector);
      this.#unsubscribe.push(connector.subscribe(look));
      this.#look(port, connector, true);
    }
  }

  /** What the client's transfers came to. Enumeration is not in it. */
  get stats(): Readonly<BusLog> {
    return { ...this.#log };
  }

  /** All devices; one that is just being enumerated is waited for. */
  async getDevices(): Promise<VirtualUsbDevice[]> {
    await Promise.all([...this.#ports.values()].map((port) => port.ready));
    const attached = [...this.#ports.values()].filter((port) => port.attachment && !port.wire.gone);
    const visible = attached.filter((port) => !(this.#dialect.hidesDenied && port.attachment?.denied));
    return visible.map((port) => this.#show(port)).filter((device) => device !== undefined);
  }

  /** Chooses the first device that a filter fits, as a user would. */
  async requestDevice({ filters }: { readonly filters: readonly WebUsbFilter[] }): Promise<VirtualUsbDevice> {
    const devices = await this.getDevices();
    const chosen = devices.find((device) => filters.length === 0 || filters.some((filter) => fits(device, filter)));
    if (!chosen) throw this.#dialect.error('requestDevice', 'not-chosen');
    return chosen;
  }

  addEventListener(type: 'connect' | 'disconnect', listener: Listener): void {
    this.#listeners[type].add(listener);
  }

  removeEventListener(type: 'connect' | 'disconnect', listener: Listener): void {
    this.#listeners[type].delete(listener);
  }

  /** Takes the host away: nothing is seen or said any more. */
  dispose(): void {
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    for (const { wire } of this.#ports.values()) wire.detach();
    this.#ports.clear();
  }

  #look(port: string, connector: UsbConnector, quiet = false): void {
    const old = this.#ports.get(port);
    if (old && old.wire.device === connector.device) return;
    if (old) {
      this.#ports.delete(port);
      old.wire.detach();
      const device = this.#show(old);
      if (device) this.#tell('disconnect', device);
    }
    if (!connector.device) return;
    const wire = new Wire(connector.device, this.#options.clock);
    const arrived: WebUsbSide = { wire, ready: Promise.resolve(), attachment: undefined, shown: undefined };
    arrived.ready = this.#enumerate(port, arrived, quiet);
    this.#ports.set(port, arrived);
  }

  async #enumerate(port: string, arrived: WebUsbSide, quiet: boolean): Promise<void> {
    let info: Enumeration;
    try {
      info = await enumerate(arrived.wire);
    } catch (failure) {
      // It went away again: nobody has seen it.
      if (failure instanceof WireFailure) return;
      throw failure;
    }
    const denied = this.#options.denied?.includes(port) ?? false;
    arrived.attachment = { port, wire: arrived.wire, info, denied, watch: this.#watch(), claims: new Map() };
    const device = this.#show(arrived);
    if (device && !quiet) this.#tell('connect', device);
  }

  #show(port: WebUsbSide): VirtualUsbDevice | undefined {
    if (!port.attachment) return undefined;
    if (port.shown && !this.#dialect.newObjects) return port.shown;
    const { control } = this.#dialect.defaultTimeoutMs;
    const limit = this.#dialect.takesDeviceTimeout ? this.#options.deviceTimeout : undefined;
    port.shown = new VirtualUsbDevice(port.attachment, this.#dialect, limit || control);
    return port.shown;
  }

  #watch() {
    let index = 0;
    return {
      log: this.#log,
      before: (setup: Setup | undefined) => {
        if (!setup) return;
        index = this.#index++;
        this.#options.beforeTransfer?.(index, setup);
      },
      after: (setup: Setup | undefined, reply: Reply | undefined) => {
        if (setup) this.#options.afterTransfer?.(index, setup, reply);
      },
    };
  }

  #tell(type: 'connect' | 'disconnect', device: VirtualUsbDevice): void {
    const event = { type, device } as const;
    const on = type === 'connect' ? this.onconnect : this.ondisconnect;
    on?.(event);
    for (const listener of this.#listeners[type]) listener(event);
  }
}

/** A port with a device in it. */
interface WebUsbSide {
  readonly wire: Wire;
  ready: Promise<void>;
  attachment: Attachment | undefined;
  shown: VirtualUsbDevice | undefined;
}

function namedPorts(connectors: VirtualWebUsbOptions['connectors']): [string, UsbConnector][] {
  if (!isList(connectors)) return Object.entries(connectors);
  return connectors.map((connector, index) => [`1-${index + 1}`, connector]);
}

function isList(connectors: VirtualWebUsbOptions['connectors']): connectors is readonly UsbConnector[] {
  return Array.isArray(connectors);
}

function fits(device: VirtualUsbDevice, filter: WebUsbFilter): boolean {
  const { vendorId, productId, serialNumber, classCode, subclassCode, protocolCode } = filter;
  if (vendorId !== undefined && vendorId !== device.vendorId) return false;
  if (productId !== undefined && productId !== device.productId) return false;
  if (serialNumber !== undefined && serialNumber !== device.serialNumber) return false;
  if (classCode === undefined) return true;
  const alternates = device.configuration.interfaces.flatMap(({ alternates: all }) => all);
  return alternates.some(
    (alternate) =>
      alternate.interfaceClass === classCode &&
      (subclassCode === undefined || subclassCode === alternate.interfaceSubclass) &&
      (protocolCode === undefined || protocolCode === alternate.interfaceProtocol),
  );
}
