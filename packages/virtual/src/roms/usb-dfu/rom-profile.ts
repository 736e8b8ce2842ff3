/** What differs between the ROM bootloaders of different chips, and the descriptors that follow from it. */

import {
  configurationDescriptor,
  deviceDescriptor,
  dfuFunctionalDescriptor,
  dfuInterfaceDescriptor,
} from '../../usb/descriptors.ts';
import type { DescriptorSet } from '../../usb/standard.ts';
import type { CommandHabits } from './commands.ts';
import type { Deviation } from './hooks.ts';

/** Whose ids and name a device shows. */
export interface Maker {
  readonly vendorId: number;
  readonly productId: number;
  /** The manufacturer's string. */
  readonly name: string;
}

/** One ROM: its identity on the bus, its habits, and where it deviates from AN3156. */
export interface RomProfile extends CommandHabits {
  /** ST where absent. */
  readonly maker?: Maker;
  readonly bcdUsb: number;
  readonly bcdDevice: number;
  readonly product: string;
  readonly serial: string;
  /** The layout strings, one for each alternate setting. */
  readonly layouts: readonly string[];
  /** The longest block that it takes. */
  readonly transferSize: number;
  /** wTransferSize, where it is not what the loader takes. */
  readonly announcedTransferSize?: number;
  /** Answer to UPLOAD with wValue 0 (AN3156 §4.2). */
  readonly commands: readonly number[];
  /** Starts in dfuERROR with errFIRMWARE while flash holds no program (AN2606 on the F40x V3.x ROM). */
  readonly errorWhenEmpty: boolean;
  readonly deviations: readonly Deviation[];
  /** From reset to the device's appearance on the bus (AN2606, minimum connect time). */
  readonly connectMs: number;
}

const ST: Maker = { vendorId: 0x0483, productId: 0xdf11, name: 'STMicroelectronics' };
/** String index of the first alternate (captures of F107, F4: dfu-util device-logs). */
const FIRST_LAYOUT_STRING = 4;

export function descriptorsOf(profile: RomProfile): DescriptorSet {
  const { bcdUsb, bcdDevice, product, serial, layouts, maker = ST, announcedTransferSize } = profile;
  const { vendorId, productId, name } = maker;
  const functional = dfuFunctionalDescriptor({
    attributes: 0x0b,
    detachTimeoutMs: 255,
    transferSize: announcedTransferSize ?? profile.transferSize,
    bcdDfuVersion: 0x011a,
  });
  const alternates = layouts.map((_, alternate) => dfuInterfaceDescriptor(alternate, FIRST_LAYOUT_STRING + alternate));
  const strings: Record<number, string> = { 1: name, 2: product, 3: serial };
  layouts.forEach((layout, alternate) => {
    strings[FIRST_LAYOUT_STRING + alternate] = layout;
  });
  return {
    device: deviceDescriptor({ bcdUsb, vendorId, productId, bcdDevice }),
    configuration: configurationDescriptor([...alternates, functional], {
      strings: 0,
      attributes: 0xc0,
      milliamps: 100,
    }),
    strings,
    functional,
  };
}
