/** The protocols through which devices can be programmed, one row each. A new one is a folder of its own and a row here. */
import type { Chip } from '@sureflash/chips';
import { connectCmsisDap, greetCmsisDap } from './cmsis-dap/connect.ts';
import { CMSIS_DAP_FILTERS } from './cmsis-dap/filters.ts';
import { connectDfu } from './dfu/connect.ts';
import { DFU_FILTERS } from './dfu/filters.ts';
import type { BytePort } from './ports/byte.ts';
import type { Clock } from './ports/clock.ts';
import type { UsbFilter, UsbPort } from './ports/usb.ts';
import type { ProbeChoices, ProbeGreeting } from './probe/debug-probe.ts';
import { connectStlink, greetStlink } from './stlink/connect.ts';
import { STLINK_FILTERS } from './stlink/filters.ts';
import type { Target } from './target/target.ts';
import { findInterface } from './transports/filters.ts';

/** An open line to a device: a claimed USB interface, or a serial line. */
export type Port = UsbPort | BytePort;

export interface WireOptions {
  readonly clock: Clock;
  /** The chip as the user states it; a device that contradicts is refused (`device/other-chip`). */
  readonly chip?: Chip | undefined;
  /** Wait as long as the device asks for, where waiting less is known to work. */
  readonly polite?: boolean | undefined;
  /** How a debug probe connects to its chip. */
  readonly probe?: ProbeChoices | undefined;
}

/** A protocol over one kind of port. */
export interface Wire {
  /** As people call it: `DFU`. */
  readonly name: string;
  /** The USB interfaces that it can use; empty for a serial protocol. */
  readonly filters: readonly UsbFilter[];
  /** Whether a device at this port speaks the protocol, as far as its descriptors tell. Nothing is sent. */
  readonly accepts: (port: Port) => boolean;
  /**
   * Reads everything that there is to know about the device.
   * @throws FlashError; its `about` tells what was known by then
   */
  readonly connect: (port: Port, options: WireOptions) => Promise<Target>;
  /** Of debug probes: asks the probe who it is, and leaves its chip alone. @throws FlashError `probe/*`, `usb/*` */
  readonly greet?: (port: Port, clock: Clock) => Promise<ProbeGreeting>;
}

interface UsbWireParts extends Pick<Wire, 'name' | 'filters'> {
  readonly connect: (port: UsbPort, options: WireOptions) => Promise<Target>;
  readonly greet?: (port: UsbPort, clock: Clock) => Promise<ProbeGreeting>;
}

/** @returns the row of a protocol that any USB interface that fits the filters speaks */
export function usbWire({ name, filters, connect, greet }: UsbWireParts): Wire {
  const fits = (port: Port): port is UsbPort => {
    if (!('alternates' in port)) return false;
    const { identity, alternates, interfaceNumber } = port;
    const settings = alternates.map((alternate) => ({ ...alternate, interfaceNumber }));
    return findInterface(identity, settings, filters) !== undefined;
  };
  const own = (port: Port): UsbPort => {
    if (fits(port)) return port;
    throw new RangeError(`this port does not speak ${name}`);
  };
  return {
    name,
    filters,
    accepts: fits,
    connect: async (port, options) => await connect(own(port), options),
    ...(greet && { greet: async (port, clock) => await greet(own(port), clock) }),
  };
}

export const WIRES: readonly Wire[] = [
  usbWire({ name: 'DFU', filters: DFU_FILTERS, connect: connectDfu }),
  usbWire({ name: 'ST-LINK', filters: STLINK_FILTERS, connect: connectStlink, greet: greetStlink }),
  usbWire({ name: 'CMSIS-DAP', filters: CMSIS_DAP_FILTERS, connect: connectCmsisDap, greet: greetCmsisDap }),
];
