/** The part of the WebUSB API that we use, by structure: `navigator.usb`, npm `usb` and virtual hosts all have it. */

export interface WebUsbSetup {
  readonly requestType: 'standard' | 'class' | 'vendor';
  readonly recipient: 'device' | 'interface' | 'endpoint' | 'other';
  readonly request: number;
  readonly value: number;
  readonly index: number;
}

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
  controlTransferIn(
    setup: WebUsbSetup,
    length: number,
  ): Promise<{ readonly status?: string | undefined; readonly data?: DataView | undefined }>;
  controlTransferOut(
    setup: WebUsbSetup,
    data?: Uint8Array<ArrayBuffer>,
  ): Promise<{ readonly status?: string | undefined; readonly bytesWritten: number }>;
  reset(): Promise<void>;
}

export interface WebUsb {
  getDevices(): Promise<readonly WebUsbDevice[]>;
  addEventListener(type: 'disconnect', listener: (event: { readonly device: WebUsbDevice }) => void): void;
  removeEventListener(type: 'disconnect', listener: (event: { readonly device: WebUsbDevice }) => void): void;
}
