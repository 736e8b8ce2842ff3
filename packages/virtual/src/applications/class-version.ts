/** Versions of ST's USB DFU class and what an application that carries it tells about itself, as data. */

import {
  configurationDescriptor,
  deviceDescriptor,
  deviceQualifierDescriptor,
  dfuFunctionalDescriptor,
  dfuInterfaceDescriptor,
} from '../usb/descriptors.ts';
import type { DescriptorSet } from '../usb/standard.ts';
import type { MediaInterface } from './media.ts';

/** How a version of the class behaves where versions differ. */
export interface ClassVersion {
  /** From v2.8.0 on: longer blocks are cut to USBD_DFU_XFER_SIZE instead of overrunning the buffer. */
  readonly clampsLength: boolean;
  /** Up to v2.11.1: a block-0 command that it does not know stalls the status stage of GETSTATUS. */
  readonly stallsUnknownCommand: boolean;
  /** Up to v2.11.1: Erase moves the address pointer. */
  readonly eraseMovesPointer: boolean;
  /** From v2.11.2 on: a callback that fails gives dfuERROR/errVENDOR; before, the state stays dfuDNBUSY for ever. */
  readonly reportsFailure: boolean;
  /** From v2.11.2 on: Read returning a null pointer stalls; before, the class sends what is at address 0. */
  readonly checksNull: boolean;
}

/** In STM32CubeF1 v1.8.0 to v1.8.7, of July 2020. */
export const CLASS_V2_5_3: ClassVersion = {
  clampsLength: false,
  stallsUnknownCommand: true,
  eraseMovesPointer: true,
  reportsFailure: false,
  checksNull: false,
};

/** Of April 2025. */
export const CLASS_V2_11_4: ClassVersion = {
  clampsLength: true,
  stallsUnknownCommand: false,
  eraseMovesPointer: false,
  reportsFailure: true,
  checksNull: true,
};

export interface DfuApplication {
  readonly version: ClassVersion;
  readonly product: string;
  readonly serial: string;
  readonly media: MediaInterface;
  /** What the CPU reads at address 0: an alias of flash on the F1 when it booted from flash (RM0008, boot configuration). */
  readonly atAddressZero: (length: number) => Uint8Array;
}

/** USBD_DFU_XFER_SIZE as CubeMX sets it. */
export const TRANSFER_SIZE = 1024;

export function classDescriptorsOf({ product, serial, media }: DfuApplication): DescriptorSet {
  const functional = dfuFunctionalDescriptor({
    attributes: 0x0b,
    detachTimeoutMs: 255,
    transferSize: TRANSFER_SIZE,
    bcdDfuVersion: 0x011a,
  });
  return {
    device: deviceDescriptor({ bcdUsb: 0x0200, vendorId: 0x0483, productId: 0xdf11, bcdDevice: 0x0200 }),
    // The class gives the product's string index as the configuration's.
    configuration: configurationDescriptor([dfuInterfaceDescriptor(0, 6), functional], {
      strings: 2,
      attributes: 0xc0,
      milliamps: 100,
    }),
    strings: { 1: 'STMicroelectronics', 2: product, 3: serial, 4: 'DFU Config', 5: 'DFU Interface', 6: media.layout },
    functional,
    qualifier: deviceQualifierDescriptor(),
  };
}
