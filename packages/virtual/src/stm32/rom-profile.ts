/** What differs between the ROM bootloaders of different chips, and the descriptors that follow from it. */

import {
  configurationDescriptor,
  deviceDescriptor,
  dfuFunctionalDescriptor,
  dfuInterfaceDescriptor,
} from '../usb/descriptors.ts';
import type { DescriptorSet } from '../usb/standard.ts';
import type { Maker, RomDeviations } from './rom-deviations.ts';
import type { RomHabits } from './rom-operations.ts';

/** One ROM: its identity on the bus and its habits. */
export interface RomProfile extends RomHabits, RomDeviations {
  readonly bcdUsb: number;
  readonly bcdDevice: number;
  readonly product: string;
  readonly serial: string;
  /** The layout strings, one for each alternate setting. */
  readonly layouts: readonly string[];
  readonly transferSize: number;
  /** A download of more than `transferSize`: stalls and changes nothing, or ends in dfuERROR/errSTALLEDPKT (G431). */
  readonly longDownload: 'refused' | 'error';
  /** Answer to UPLOAD with wValue 0 (AN3156 §4.2). */
  readonly commands: readonly number[];
  /** Starts in dfuERROR with errFIRMWARE while flash holds no program (AN2606 on the F40x V3.x ROM). */
  readonly errorWhenEmpty: boolean;
  /** A GETSTATUS that comes too early is held until the operation is done, or stalled (some L4: dfu-util's dfuse.c). */
  readonly earlyPoll: 'hold' | 'stall';
  /** Erases from this address on stay in dfuDNBUSY until CLRSTATUS (H743 V9.1: AN2606, betaflight-configurator #1861). */
  readonly stuckEraseFrom?: number;
  /** What CLRSTATUS does outside dfuERROR: nothing, dfuERROR/errUNKNOWN as ST's class does it, or a stall (C5). */
  readonly clearStatusElsewhere: 'ignored' | 'error' | 'stalls';
  /** The last GETSTATUS of a leave is answered; the device is gone before (G0B1, U5, H7), or does not even wait for it (GD32). */
  readonly leave: 'answers' | 'vanishes' | 'at-once';
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
