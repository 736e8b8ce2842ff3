/** A device with somebody in between who answers its control transfers or looks at them. Bulk transfers do not reach it. */

import type { UsbDeviceModel } from './model.ts';

/** @param control in place of the device's own, which it may call */
export function interposed(model: UsbDeviceModel, control: UsbDeviceModel['control']): UsbDeviceModel {
  const { speed, deviceDescriptor, configurationDescriptor } = model;
  return {
    speed,
    deviceDescriptor,
    configurationDescriptor,
    get busyUntil() {
      return model.busyUntil;
    },
    control,
    reset: () => model.reset(),
  };
}
