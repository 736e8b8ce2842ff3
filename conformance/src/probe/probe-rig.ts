/** A virtual debug probe with a chip behind it, on the virtual clock, and connections to it through the door. */
import { type ConnectOptions, connect, type Device, USB_FILTERS } from '@sureflash/programmer';
import { listWebUsb, openWebUsb } from '@sureflash/programmer/transports';
import {
  createVirtualCmsisDap,
  createVirtualStLink,
  type Microcontroller,
  type UsbConnector,
  VirtualClock,
  type VirtualCmsisDap,
  type VirtualCmsisDapOptions,
  type VirtualStLink,
  type VirtualStLinkOptions,
  VirtualWebUsb,
} from '@sureflash/virtual';
import { type Cut, cuttable } from './cuttable.ts';

interface Desk {
  readonly connector: UsbConnector;
  readonly microcontroller: Microcontroller;
}

/** Called before each command with its running number; what it returns goes wrong. */
type Disturb<Disturbance> = (command: Uint8Array, count: number) => Disturbance | undefined;

export class ProbeRig<Wire extends string, D extends Desk, Disturbance> {
  readonly clock = new VirtualClock();
  readonly wire: Wire;
  readonly desk: D;
  /** Commands that the probe has got. */
  commands = 0;
  disturb: Disturb<Disturbance> | undefined;
  readonly #cut: Cut = { moved: 0, cutAt: Number.POSITIVE_INFINITY };
  readonly #usb: VirtualWebUsb;

  constructor(wire: Wire, plugIn: (clock: VirtualClock, onCommand: Disturb<Disturbance>) => D) {
    const { clock } = this;
    this.wire = wire;
    this.desk = plugIn(clock, (command, count) => {
      this.commands = count;
      return this.disturb?.(command, count);
    });
    this.#usb = new VirtualWebUsb({ connectors: [this.desk.connector], clock, dialect: 'usb-3.1' });
  }

  get chip(): Microcontroller {
    return this.desk.microcontroller;
  }

  /** Transfers of the client so far. */
  get transfers(): number {
    return this.#cut.moved;
  }

  /** Transfers of the client that are let through; the others find no probe any more. */
  set cutAt(transfers: number) {
    this.#cut.cutAt = transfers;
  }

  async connect(options: ConnectOptions = {}): Promise<Device> {
    const { clock } = this;
    const [found] = await listWebUsb(this.#usb, USB_FILTERS);
    if (!found) throw new Error('there is no probe');
    const port = await openWebUsb(found.device, USB_FILTERS, { clock, usb: this.#usb });
    return await connect(cuttable(port, this.#cut), { clock, ...options });
  }
}

type DisturbanceOf<Hook> = Hook extends Disturb<infer Disturbance> ? Disturbance : never;
type StLinkDisturbance = DisturbanceOf<NonNullable<VirtualStLinkOptions['onCommand']>>;
type DapDisturbance = DisturbanceOf<NonNullable<VirtualCmsisDapOptions['onRequest']>>;

export type StlinkRig = ProbeRig<'st-link', VirtualStLink, StLinkDisturbance>;
export type DapRig = ProbeRig<'cmsis-dap', VirtualCmsisDap, DapDisturbance>;

export const stlinkRig = (options: Omit<VirtualStLinkOptions, 'clock' | 'onCommand'>): StlinkRig =>
  new ProbeRig('st-link', (clock, onCommand) => createVirtualStLink({ ...options, clock, onCommand }));

export const dapRig = (options: Omit<VirtualCmsisDapOptions, 'clock' | 'onRequest'>): DapRig =>
  new ProbeRig('cmsis-dap', (clock, onRequest) => createVirtualCmsisDap({ ...options, clock, onRequest }));
