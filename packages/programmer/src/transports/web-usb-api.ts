/** The part of the WebUSB API that we use, by structure: `navigator.usb`, npm `usb` and virtual hosts all have it. */
import type { ControlSetup } from '../ports/usb.ts';

interface WebUsbAlternate {
  readonly alternateSetting: number;
  readonly interfaceClass: number;
  readonly interfaceSubclass: number;
  readonly interfaceProtocol: number;
}

interface WebUsbInterface {
  readonly interfaceNumber: number;
  readonly alternates: readonly WebUsbAlternate[];
}

interface WebUsbConfiguration {
  readonly configurationValue: number;
  readonly interfaces: readonly WebUsbInterface[];
}

interface WebUsbInResult {
  readonly status?: string | undefined;
  readonly data?: DataView | undefined;
}

interface WebUsbOutResult {
  readonly status?: string | undefined;
  readonly bytesWritten: number;
}

export interface WebUsbDevice {
  readonly vendorId: number;
  readonly productId: number;
  readonly manufacturerName?: string | null | undefined;
  readonly productName?: string | null | undefined;
  readonly serialNumber?: string | null | undefined;
  readonly configuration?: WebUsbConfiguration | null | undefined;
  readonly configurations: readonly WebUsbConfiguration[];
  readonly opened: boolean;
  open(): Promise<void>;
  close(): Promise<void>;
  selectConfiguration(value: number): Promise<void>;
  claimInterface(number: number): Promise<void>;
  releaseInterface(number: number): Promise<void>;
  selectAlternateInterface(interfaceNumber: number, alternate: number): Promise<void>;
  /** @param timeoutMs here and below: npm `usb` 3 takes it, although no document says so; the others ignore it */
  controlTransferIn(setup: ControlSetup, length: number, timeoutMs?: number): Promise<WebUsbInResult>;
  controlTransferOut(setup: ControlSetup, data?: Uint8Array<ArrayBuffer>, timeoutMs?: number): Promise<WebUsbOutResult>;
  transferIn(endpointNumber: number, length: number, timeoutMs?: number): Promise<WebUsbInResult>;
  transferOut(endpointNumber: number, data: Uint8Array<ArrayBuffer>, timeoutMs?: number): Promise<WebUsbOutResult>;
  clearHalt(direction: 'in' | 'out', endpointNumber: number): Promise<void>;
  reset(): Promise<void>;
}

export interface WebUsb {
  getDevices(): Promise<readonly WebUsbDevice[]>;
  addEventListener(type: 'disconnect', listener: (event: { readonly device: WebUsbDevice }) => void): void;
  removeEventListener(type: 'disconnect', listener: (event: { readonly device: WebUsbDevice }) => void): void;
}
