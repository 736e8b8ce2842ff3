/** A device as WebUSB has it, around a function that answers its control requests. */
import type { ControlSetup } from '@sureflash/programmer';
import type { WebUsbDevice } from '@sureflash/programmer/transports';
import type { Setup } from '@sureflash/virtual';

/** `undefined` acknowledges. */
export type Answer = Uint8Array | 'stall' | undefined;

const NO_BYTES = new Uint8Array(0);
/** Bits 5 and 6, and 0 to 4, of bmRequestType (USB 2.0 §9.3). */
const TYPES = { standard: 0, class: 1 << 5, vendor: 2 << 5 } as const;
const RECIPIENTS = { device: 0, interface: 1, endpoint: 2, other: 3 } as const;

/** SET_INTERFACE, which WebUSB has a call of its own for (USB 2.0 §9.4.10). */
const setInterface = (index: number, value: number): Setup => ({
  requestType: RECIPIENTS.interface,
  request: 11,
  value,
  index,
  length: 0,
});

const CONFIGURATION = {
  configurationValue: 1,
  interfaces: [
    {
      interfaceNumber: 0,
      alternates: [{ alternateSetting: 0, interfaceClass: 0xfe, interfaceSubclass: 1, interfaceProtocol: 2 }],
    },
  ],
};

export function answeringDevice(answer: (setup: Setup, data: Uint8Array) => Answer): WebUsbDevice {
  const raw = ({ requestType, recipient, ...rest }: ControlSetup, direction: number, length: number): Setup => ({
    ...rest,
    requestType: direction | TYPES[requestType] | RECIPIENTS[recipient],
    length,
  });
  const nothing = async (): Promise<void> => undefined;
  const noEndpoint = async (): Promise<never> => await Promise.reject(new Error('the device has no bulk endpoint'));
  return {
    vendorId: 0x0483,
    productId: 0xdf11,
    configuration: CONFIGURATION,
    configurations: [CONFIGURATION],
    opened: true,
    open: nothing,
    close: nothing,
    selectConfiguration: nothing,
    claimInterface: nothing,
    releaseInterface: nothing,
    reset: nothing,
    transferIn: noEndpoint,
    transferOut: noEndpoint,
    clearHalt: noEndpoint,
    selectAlternateInterface: async (index, value) => {
      answer(setInterface(index, value), NO_BYTES);
    },
    controlTransferIn: async (setup, length) => {
      const found = answer(raw(setup, 0x80, length), NO_BYTES);
      if (found === 'stall') return { status: 'stall' };
      const bytes = found ?? NO_BYTES;
      return { status: 'ok', data: new DataView(bytes.buffer, bytes.byteOffset, bytes.length) };
    },
    controlTransferOut: async (setup, data = NO_BYTES) => {
      const found = answer(raw(setup, 0, data.length), data);
      return { status: found === 'stall' ? 'stall' : 'ok', bytesWritten: data.length };
    },
  };
}
