/** What a USB device looks like from the wire: the seam between device models and whatever carries them to a host. */

/** A SETUP packet (USB 2.0 §9.3). */
export interface Setup {
  /** bmRequestType: bit 7 device-to-host, bits 6–5 type (0 standard, 1 class, 2 vendor), bits 4–0 recipient. */
  readonly requestType: number;
  readonly request: number;
  readonly value: number;
  readonly index: number;
  readonly length: number;
}

/**
 * What the device answers. `heldUntil` is the clock time in ms before which it keeps the transfer pending (NAK);
 * absent, it answers at once. `bytes` of a stall were sent in the data stage before the status stage stalled.
 * `silent` never completes: only the host's own time limit ends such a transfer.
 */
export type Reply =
  | { readonly kind: 'data'; readonly bytes: Uint8Array; readonly heldUntil?: number }
  | { readonly kind: 'ack'; readonly heldUntil?: number }
  | { readonly kind: 'stall'; readonly bytes?: Uint8Array; readonly heldUntil?: number }
  | { readonly kind: 'silent' };

export const ACK: Reply = { kind: 'ack' };
export const STALL: Reply = { kind: 'stall' };
export const SILENT: Reply = { kind: 'silent' };

/**
 * What a bulk endpoint answers. `nak`: it has nothing to send, or no room, and the transfer stays pending until `onReady`
 * (USB 2.0 §8.5.2). `bytes` of an IN transfer are its packets up to the first short one: more than the host's buffer holds
 * is a babble.
 */
export type BulkReply = Reply | { readonly kind: 'nak' };

/** One enumerated device. It computes in no time; the time that it takes is stated, and the carrier waits it out. */
export interface UsbDeviceModel {
  readonly speed: 'full' | 'high';
  /** As GET_DESCRIPTOR answers them (USB 2.0 §9.6). */
  readonly deviceDescriptor: Uint8Array;
  readonly configurationDescriptor: Uint8Array;
  /** Clock time in ms until which the device answers NAK: a carrier waits so long before it delivers a request. */
  readonly busyUntil: number;
  /** A control transfer; `data` is what the host sends (empty for device-to-host). */
  control(setup: Setup, data: Uint8Array): Reply;
  /** An IN transfer. `endpoint` is an address such as 0x81, `length` the size of the host's buffer. */
  bulkIn?(endpoint: number, length: number): BulkReply;
  /** An OUT transfer. `endpoint` is an address such as 0x01. */
  bulkOut?(endpoint: number, data: Uint8Array): BulkReply;
  /**
   * Calls `listener` each time that an endpoint which has answered `nak` may answer otherwise. A model that answers `nak`
   * needs it. @returns a function that ends the subscription
   */
  onReady?(listener: () => void): () => void;
  /** A bus reset (USB 2.0 §7.1.7.5). */
  reset(): void;
}

/**
 * A board's USB connector. Which device is seen there changes when the board resets into another program, leaves its
 * bootloader, loses power or is unplugged; `undefined` while there is none.
 */
export interface UsbConnector {
  readonly device: UsbDeviceModel | undefined;
  /** Calls `listener` after each change. @returns a function that ends the subscription */
  subscribe(listener: () => void): () => void;
}
