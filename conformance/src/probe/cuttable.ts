/** A `UsbPort` whose device goes away after so many transfers. */
import { FlashError, type UsbPort } from '@sureflash/programmer';

export interface Cut {
  /** Transfers that were asked for so far. */
  moved: number;
  /** So many are let through; the others find no device any more. */
  cutAt: number;
}

export function cuttable(port: UsbPort, cut: Cut): UsbPort {
  const count = (endpoint: number): void => {
    if (++cut.moved > cut.cutAt) throw new FlashError('usb/gone', { endpoint });
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
      count(endpoint);
      return await port.bulkIn(endpoint, ...rest);
    },
    bulkOut: async (endpoint, ...rest) => {
      count(endpoint);
      await port.bulkOut(endpoint, ...rest);
    },
    reset: async () => await port.reset(),
    [Symbol.asyncDispose]: async () => await port[Symbol.asyncDispose](),
  };
}
