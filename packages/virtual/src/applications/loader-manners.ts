/** What other people's DfuSe loaders do differently, as data, and the descriptors that follow from it. */
import type { Chip } from '../chip/chip.ts';
import type { Flash } from '../flash/flash.ts';
import {
  configurationDescriptor,
  DescriptorType,
  type DeviceIdentity,
  deviceDescriptor,
  dfuFunctionalDescriptor,
  dfuInterfaceDescriptor,
} from '../usb/descriptors.ts';
import { DfuStatus } from '../usb/dfu-words.ts';
import type { DescriptorSet } from '../usb/standard.ts';

/** bStatus, and iString where the loader has words for it (DFU 1.1 §6.1.2). */
export interface Refusal {
  readonly status: number;
  readonly text?: number;
}

export interface LoaderBench {
  readonly flash: Flash;
  readonly now: number;
}

export interface LoaderManners {
  readonly ids: Omit<DeviceIdentity, 'bcdUsb'>;
  readonly strings: { readonly manufacturer: string; readonly product: string; readonly serial: string };
  /** The interface's string; absent, the device stalls it. */
  readonly layout?: string;
  /** Strings that a status refers to, by their index from 5 on. */
  readonly texts?: Readonly<Record<number, string>>;
  /** bmAttributes of the functional descriptor: 1 download, 2 upload, 4 manifestation tolerant, 8 will detach. */
  readonly attributes: number;
  /** wTransferSize. */
  readonly announcesBlocks: number;
  /** The longest DNLOAD that it takes; a longer one is stalled. */
  readonly takesBlocks: number;
  /** `hid`: a HID interface stands before it, with HID's own descriptor of type 0x21 (HID 1.11 §7.1). */
  readonly beside?: 'hid';
  /** Of the DFU interface. */
  readonly interfaceNumber?: number;
  /** When flash is worked on: in the first GETSTATUS behind a DNLOAD, or in the DNLOAD itself. */
  readonly operatesAt: 'status' | 'download';
  readonly pollMs?: number;
  /** In dfuERROR everything but CLRSTATUS is stalled, GETSTATUS too. */
  readonly muteInError?: boolean;
  readonly setInterface?: 'taken' | 'stalled' | 'silent';
  /** No DFU request is answered before a SET_INTERFACE. */
  readonly needsSetInterface?: boolean;
  /** bState at first; a bus reset leads to dfuIDLE. */
  readonly startsIn?: number;
  readonly firstPointer: number;
  /** Answer to UPLOAD of block 0. `old buffer`: as many bytes as were asked for, of an earlier answer. */
  readonly commands: 'silent' | 'stalled' | 'old buffer' | readonly number[];
  /** Refuses a Set Address. */
  readonly takesPointer?: (address: number) => Refusal | undefined;
  /** @returns when it is done, in clock ms */
  readonly erase: (bench: LoaderBench, address: number) => number | Refusal;
  readonly write: (bench: LoaderBench, address: number, bytes: Uint8Array) => number | Refusal;
  /** `stalled`: the state does not change; a refusal is told by the status behind it, and old bytes go out. */
  readonly read: (chip: Chip, address: number, length: number) => Uint8Array | Refusal | 'stalled';
}

/** Erases, writes and reads the real flash from an address on; anything else is errTARGET. */
export function honestFlash(from = 0): Pick<LoaderManners, 'erase' | 'write' | 'read'> {
  const outside = { status: DfuStatus.ERR_TARGET };
  return {
    erase: ({ flash, now }, address) =>
      flash.contains(address) && address >= from ? flash.erase(address, now) : outside,
    write: ({ flash, now }, address, bytes) =>
      flash.contains(address, bytes.length) && address >= from ? flash.program(address, bytes, now) : outside,
    read: (chip, address, length) => chip.read(address, length) ?? 'stalled',
  };
}

const LAYOUT_STRING = 4;
const HID_CLASS = [9, DescriptorType.INTERFACE, 0, 0, 1, 3, 0, 0, 0];
/** bcdHID 1.11, one report descriptor of 256 × 16 bytes: read as DFU's, a transfer size of 4096. */
const HID_DESCRIPTOR = [9, DescriptorType.DFU_FUNCTIONAL, 0x11, 0x01, 0, 1, 0x22, 0x00, 0x10];
const HID_ENDPOINT = [7, DescriptorType.ENDPOINT, 0x81, 3, 64, 0, 10];

export function loaderDescriptorsOf(manners: LoaderManners): DescriptorSet {
  const { ids, strings, layout, texts = {}, attributes, announcesBlocks, beside, interfaceNumber = 0 } = manners;
  const functional = dfuFunctionalDescriptor({
    attributes,
    detachTimeoutMs: 255,
    transferSize: announcesBlocks,
    bcdDfuVersion: 0x011a,
  });
  const dfu = dfuInterfaceDescriptor(0, LAYOUT_STRING);
  dfu[2] = interfaceNumber;
  const others = beside === 'hid' ? [HID_CLASS, HID_DESCRIPTOR, HID_ENDPOINT].map((each) => Uint8Array.from(each)) : [];
  const { manufacturer, product, serial } = strings;
  return {
    device: deviceDescriptor({ bcdUsb: 0x0200, ...ids }),
    configuration: configurationDescriptor([...others, dfu, functional], {
      strings: 0,
      attributes: 0x80,
      milliamps: 100,
    }),
    strings: {
      1: manufacturer,
      2: product,
      3: serial,
      ...(layout !== undefined && { [LAYOUT_STRING]: layout }),
      ...texts,
    },
    functional,
  };
}
