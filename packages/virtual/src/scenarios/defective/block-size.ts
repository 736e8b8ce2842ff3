/** A device that announces another block size than the one that it counts in. */

import type { Reply, Setup, UsbDeviceModel } from '../../usb/model.ts';

const GET_DESCRIPTOR = 6;
const CONFIGURATION = 2;
/** wTransferSize in the DFU functional descriptor (DFU 1.1 table 4.2), which ends the configuration descriptor. */
const FROM_END = 4;

/** `model` with this wTransferSize in its configuration descriptor. */
export function withBlockSize(model: UsbDeviceModel, size: number): UsbDeviceModel {
  const configurationDescriptor = model.configurationDescriptor.slice();
  configurationDescriptor.set([size & 0xff, size >> 8], configurationDescriptor.length - FROM_END);
  const isConfiguration = ({ requestType, request, value }: Setup): boolean =>
    requestType === 0x80 && request === GET_DESCRIPTOR && value >> 8 === CONFIGURATION;
  return {
    speed: model.speed,
    deviceDescriptor: model.deviceDescriptor,
    configurationDescriptor,
    get busyUntil() {
      return model.busyUntil;
    },
    control: (setup: Setup, data: Uint8Array): Reply =>
      isConfiguration(setup)
        ? { kind: 'data', bytes: configurationDescriptor.slice(0, setup.length) }
        : model.control(setup, data),
    reset: () => model.reset(),
  };
}
