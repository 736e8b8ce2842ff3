/** The parts of the WebUSB API (WICG) that our host offers, by their names there. */

export type WebUsbDirection = 'in' | 'out';
export type WebUsbStatus = 'ok' | 'stall' | 'babble';
export type WebUsbBytes = ArrayBuffer | ArrayBufferView;

export interface WebUsbSetup {
  readonly requestType: 'standard' | 'class' | 'vendor';
  readonly recipient: 'device' | 'interface' | 'endpoint' | 'other';
  readonly request: number;
  readonly value: number;
  readonly index: number;
}

export interface WebUsbInResult {
  readonly status: WebUsbStatus;
  readonly data?: DataView<ArrayBuffer>;
}

export interface WebUsbOutResult {
  readonly status: WebUsbStatus;
  readonly bytesWritten: number;
}

export interface WebUsbEndpoint {
  readonly endpointNumber: number;
  readonly direction: WebUsbDirection;
  readonly type: 'bulk' | 'interrupt' | 'isochronous';
  readonly packetSize: number;
}

export interface WebUsbAlternate {
  readonly alternateSetting: number;
  readonly interfaceClass: number;
  readonly interfaceSubclass: number;
  readonly interfaceProtocol: number;
  readonly interfaceName: string | undefined;
  readonly endpoints: WebUsbEndpoint[];
}

export interface WebUsbInterface {
  readonly interfaceNumber: number;
  readonly alternate: WebUsbAlternate;
  readonly alternates: WebUsbAlternate[];
  readonly claimed: boolean;
}

export interface WebUsbConfiguration {
  readonly configurationValue: number;
  readonly configurationName: string | undefined;
  readonly interfaces: WebUsbInterface[];
}

export interface WebUsbFilter {
  readonly vendorId?: number;
  readonly productId?: number;
  readonly classCode?: number;
  readonly subclassCode?: number;
  readonly protocolCode?: number;
  readonly serialNumber?: string;
}
