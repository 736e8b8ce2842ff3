/** What differs between the ROM bootloaders of different chips, and the descriptors that follow from it. */

import {
  configurationDescriptor,
  deviceDescriptor,
  dfuFunctionalDescriptor,
  dfuInterfaceDescriptor,
} from '../../usb/descriptors.ts';
import type { DescriptorSet } from '../../usb/standard.ts';
import type { CommandHabits } from './commands.ts';
import type { RomDeviation } from './hooks.ts';

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
  /** After a reset: dfuIDLE, or dfuERROR with errFIRMWARE, whether flash holds a program or not. */
  readonly firstState: 'idle' | 'error';
  /**
   * When an operation is done. With the first GETSTATUS its answer comes at the end of it, as ST's class has it; else
   * the request behind that is held (AN3156 §5 leaves it open).
   */
  readonly operatesDuring: 'first status' | 'second status';
  /** Milliseconds from one packet of 64 bytes to the next in the data stage of an UPLOAD or DNLOAD, at least. */
  readonly packetMs: number;
  /** String descriptors beside 1 (manufacturer), 2 (product) and 3 (serial number). */
  readonly stringNumbers: { readonly configuration: number; readonly firstLayout: number };
  readonly deviations: readonly RomDeviation[];
  /** From reset to the device's appearance on the bus (AN2606, minimum connect time). */
  readonly connectMs: number;
}

const ST_MICROELECTRONICS: Maker = { vendorId: 0x0483, productId: 0xdf11, name: 'STMicroelectronics' };

export function romDescriptorsOf(profile: RomProfile): DescriptorSet {
  const {
    bcdUsb,
    bcdDevice,
    product,
    serial,
    layouts,
    maker = ST_MICROELECTRONICS,
    announcedTransferSize,
    stringNumbers,
  } = profile;
  const { vendorId, productId, name } = maker;
  const functional = dfuFunctionalDescriptor({
    attributes: 0x0b,
    detachTimeoutMs: 255,
    transferSize: announcedTransferSize ?? profile.transferSize,
    bcdDfuVersion: 0x011a,
  });
  const alternates = layouts.map((_, alternate) =>
    dfuInterfaceDescriptor(alternate, stringNumbers.firstLayout + alternate),
  );
  const strings: Record<number, string> = { 1: name, 2: product, 3: serial };
  layouts.forEach((layout, alternate) => {
    strings[stringNumbers.firstLayout + alternate] = layout;
  });
  return {
    device: deviceDescriptor({ bcdUsb, vendorId, productId, bcdDevice }),
    configuration: configurationDescriptor([...alternates, functional], {
      strings: stringNumbers.configuration,
      attributes: 0xc0,
      milliamps: 100,
    }),
    strings,
    functional,
  };
}
