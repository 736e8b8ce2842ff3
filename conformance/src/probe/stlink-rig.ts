/** A virtual ST-LINK with a chip behind it, on the virtual clock, and connections to it through the door. */
import { type ConnectOptions, connect, type Device, USB_FILTERS } from '@sureflash/programmer';
import { listWebUsb, openWebUsb } from '@sureflash/programmer/transports';
import {
  createVirtualStLink,
  type Microcontroller,
  VirtualClock,
  type VirtualStLinkOptions,
  VirtualWebUsb,
} from '@sureflash/virtual';
import { type Cut, cuttable } from './cuttable.ts';

export class StlinkRig {
  readonly clock = new VirtualClock();
  readonly desk: ReturnType<typeof createVirtualStLink>;
  /** Commands that the probe has got. */
  commands = 0;
  /** Called before each command with its running number; what it returns goes wrong. */
  disturb: VirtualStLinkOptions['onCommand'];
  readonly #cut: Cut = { moved: 0, cutAt: Number.POSITIVE_INFINITY };
  readonly #usb: VirtualWebUsb;

  constructor(options: Omit<VirtualStLinkOptions, 'clock' | 'onCommand'>) {
    const { clock } = this;
    this.desk = createVirtualStLink({
      ...options,
      clock,
      onCommand: (command, count) => {
        this.commands = count;
        return this.disturb?.(command, count);
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
