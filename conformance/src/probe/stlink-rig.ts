/** A virtual ST-LINK with a chip behind it, on the virtual clock, and connections to it through the door. */
import {
  type ConnectOptions,
  connect,
  type Device,
  FlashError,
  USB_FILTERS,
  type UsbPort,
} from '@sureflash/programmer';
import { listWebUsb, openWebUsb } from '@sureflash/programmer/transports';
import {
  createVirtualStLink,
  type Microcontroller,
  VirtualClock,
  type VirtualStLinkOptions,
  VirtualWebUsb,
} from '@sureflash/virtual';

export class StlinkRig {
  readonly clock = new VirtualClock();
  readonly desk: ReturnType<typeof createVirtualStLink>;
  /** Commands that the probe has got. */
  commands = 0;
  /** Called before each command with its running number; what it returns goes wrong. */
  disturb: VirtualStLinkOptions['onCommand'];
  /** Transfers of the client that are let through; the others find no probe any more. */
  cutAt = Number.POSITIVE_INFINITY;
  #moved = 0;
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
    return this.#moved;
  }

  async connect(options: ConnectOptions = {}): Promise<Device> {
    const { clock } = this;
    const [found] = await listWebUsb(this.#usb, USB_FILTERS);
    if (!found) throw new Error('there is no probe');
    const port = await openWebUsb(found.device, USB_FILTERS, { clock, usb: this.#usb });
    return await connect(this.#cuttable(port), { clock, ...options });
  }

  /** From `cutAt` on, every transfer fails as if the probe were gone. */
  #cuttable(port: UsbPort): UsbPort {
    const gone = async (endpoint: number): Promise<void> => {
      if (++this.#moved > this.cutAt) throw new FlashError('usb/gone', { endpoint });
    };
    return {
      identity: port.identity,
      alternates: port.alternates,
      interfaceNumber: port.interfaceNumber,
      configurationDescriptor: port.configurationDescriptor,
      gone: port.gone,
      selectAlternate: async (number) => await port.selectAlternate(number),
      controlIn: async (...all) => await port.controlIn(...all),
      controlOut: async (...all) => await port.controlOut(...all),
      bulkIn: async (endpoint, ...rest) => {
        await gone(endpoint);
        return await port.bulkIn(endpoint, ...rest);
      },
      bulkOut: async (endpoint, ...rest) => {
        await gone(endpoint);
        await port.bulkOut(endpoint, ...rest);
      },
      reset: async () => await port.reset(),
      [Symbol.asyncDispose]: async () => await port[Symbol.asyncDispose](),
    };
  }
}
