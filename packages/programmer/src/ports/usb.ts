/** What a USB protocol stands on: one claimed interface of one device. It knows no protocol and no transport. */

/** The host's part of a SETUP packet (USB 2.0 §9.3); direction and length follow from the call. */
export interface ControlSetup {
  readonly requestType: 'standard' | 'class' | 'vendor';
  readonly recipient: 'device' | 'interface' | 'endpoint' | 'other';
  readonly request: number;
  readonly value: number;
  readonly index: number;
}

export interface UsbIdentity {
  readonly vendorId: number;
  readonly productId: number;
  /** Binary-coded decimal: 0x2200 is 22.00. */
  readonly bcdDevice: number;
  readonly manufacturer?: string;
  readonly product?: string;
  readonly serial?: string;
  /** Where it is plugged in, where the platform tells: `1-4.2` is bus 1, port 4, port 2 of the hub there. */
  readonly path?: string;
}

/** One alternate setting of the interface. */
export interface Alternate {
  readonly number: number;
  readonly interfaceClass: number;
  readonly interfaceSubclass: number;
  readonly interfaceProtocol: number;
  /** The interface string; empty where there is none. */
  readonly name: string;
}

/**
 * One row of the interfaces that a protocol can use; absent fields fit every device. It is also a filter of WebUSB's
 * `requestDevice`.
 */
export interface UsbFilter {
  readonly vendorId?: number;
  readonly productId?: number;
  readonly classCode?: number;
  readonly subclassCode?: number;
  readonly protocolCode?: number;
}

/** The transfer that failed: a control transfer by its SETUP packet, a bulk transfer by its endpoint address. */
export type FailedTransfer = { readonly setup: ControlSetup } | { readonly endpoint: number };

export interface TransferOptions {
  /** How long the transfer may take in ms, from the call on, before it fails with `usb/timeout`. */
  readonly timeoutMs: number;
  /** Gives the transfer up, with its reason unchanged. The device may have carried out the request all the same. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * One claimed USB interface. Every failure is a `FlashError` `usb/*`; a stall is `usb/stall`. Every call has a time
 * limit. Transfers of one endpoint that are asked for together are carried out one after the other, in the order of the
 * calls; endpoints do not wait for one another. Endpoints are named by their addresses (USB 2.0 §9.6.6), such as 0x81.
 */
export interface UsbPort extends AsyncDisposable {
  readonly identity: UsbIdentity;
  readonly interfaceNumber: number;
  readonly alternates: readonly Alternate[];
  /** The whole configuration descriptor with class-specific parts (USB 2.0 §9.6.3). */
  readonly configurationDescriptor: Uint8Array;
  /** Resolves once the device has left the bus. */
  readonly gone: Promise<void>;
  selectAlternate(number: number): Promise<void>;
  /** @returns at most `length` bytes, as many as the device sent */
  controlIn(setup: ControlSetup, length: number, options: TransferOptions): Promise<Uint8Array>;
  controlOut(setup: ControlSetup, data: Uint8Array, options: TransferOptions): Promise<void>;
  /**
   * Waits until the device sends something. A packet that is not full ends the transfer, an empty one too. After a time
   * limit or an abort no bytes are lost: the next call on this endpoint returns those that come later. After a stall the
   * endpoint can be used on: its halt is cleared.
   * @returns at most `length` bytes; `usb/transfer` if a packet of the device does not fit
   */
  bulkIn(endpoint: number, length: number, options: TransferOptions): Promise<Uint8Array>;
  /** Sends all of `data`. After a time limit or an abort the device may still get them: browsers cannot take them back. */
  bulkOut(endpoint: number, data: Uint8Array, options: TransferOptions): Promise<void>;
  reset(): Promise<void>;
}
