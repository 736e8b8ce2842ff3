/** A virtual CMSIS-DAP probe with a chip behind it, on the virtual clock, and connections to it through the door. */
import { type ConnectOptions, connect, type Device, USB_FILTERS } from '@sureflash/programmer';
import { listWebUsb, openWebUsb } from '@sureflash/programmer/transports';
import {
  createVirtualCmsisDap,
  type Microcontroller,
  VirtualClock,
  type VirtualCmsisDap,
  type VirtualCmsisDapOptions,
  VirtualWebUsb,
} from '@sureflash/virtual';
import { type Cut, cuttable } from './cuttable.ts';

export class DapRig {
  readonly clock = new VirtualClock();
  readonly desk: VirtualCmsisDap;
  /** Requests that the probe has got. */
  commands = 0;
  /** Called before each request with its running number; what it returns goes wrong. */
  disturb: VirtualCmsisDapOptions['onRequest'];
  readonly #cut: Cut = { moved: 0, cutAt: Number.POSITIVE_INFINITY };
  readonly #usb: VirtualWebUsb;

  constructor(options: Omit<VirtualCmsisDapOptions, 'clock' | 'onRequest'>) {
    const { clock } = this;
    this.desk = createVirtualCmsisDap({
      ...options,
      clock,
      onRequest: (request, count) => {
        this.commands = count;
        return this.disturb?.(request, count);
      },
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
