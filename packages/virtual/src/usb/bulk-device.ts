/** A device with one interface of any class and two bulk endpoints, 0x81 and 0x01. It knows no protocol: that is a function. */

import { configurationDescriptor, DescriptorType, deviceDescriptor } from './descriptors.ts';
import { MessageQueue } from './message-queue.ts';
import type { BulkReply, Reply, Setup, UsbConnector, UsbDeviceModel } from './model.ts';
import { Plug } from './plug.ts';
import { isStandard, StandardRequest, StandardRequests } from './standard.ts';

/** Endpoint addresses, and the size of a packet on a full-speed bus (USB 2.0 §5.8.3). */
export const BULK = { IN: 0x81, OUT: 0x01, PACKET_BYTES: 64 } as const;

export interface BulkDeviceOptions {
  readonly vendorId?: number;
  readonly productId?: number;
  readonly product?: string;
  /** bInterfaceClass, bInterfaceSubClass and bInterfaceProtocol. Default: vendor-specific, FF 00 00. */
  readonly interfaceCodes?: readonly [number, number, number];
  /** Called with the bytes of each OUT transfer, and with the device, through which it may answer. */
  readonly receive: (bytes: Uint8Array, device: BulkDevice) => void;
}

const INTERFACE_STRING = 4;
const ENDPOINT_RECIPIENT = 2;

/** The model and its connector: it is plugged in until `unplug`. */
export class BulkDevice implements UsbDeviceModel, UsbConnector {
  readonly speed = 'full';
  readonly busyUntil = 0;
  readonly deviceDescriptor: Uint8Array;
  readonly configurationDescriptor: Uint8Array;
  readonly #standard: StandardRequests;
  readonly #receive: BulkDeviceOptions['receive'];
  readonly #outgoing = new MessageQueue(BULK.PACKET_BYTES);
  readonly #halted = new Set<number>();
  readonly #plug = new Plug();
  #hasRoom = true;

  constructor(options: BulkDeviceOptions) {
    const { vendorId = 0x1209, productId = 0x0001, product = 'bulk device', interfaceCodes = [0xff, 0, 0] } = options;
    this.#receive = options.receive;
    this.deviceDescriptor = deviceDescriptor({ bcdUsb: 0x0200, vendorId, productId, bcdDevice: 0x0100 });
    const parts = [
      Uint8Array.of(9, DescriptorType.INTERFACE, 0, 0, 2, ...interfaceCodes, INTERFACE_STRING),
      endpointDescriptor(BULK.IN),
      endpointDescriptor(BULK.OUT),
    ];
    this.configurationDescriptor = configurationDescriptor(parts, { strings: 0, attributes: 0x80, milliamps: 100 });
    const strings = { 1: 'sureflash', 2: product, 3: '0001', [INTERFACE_STRING]: 'bulk' };
    const descriptors = { device: this.deviceDescriptor, configuration: this.configurationDescriptor, strings };
    this.#standard = new StandardRequests(descriptors, 1);
  }

  get device(): UsbDeviceModel | undefined {
    return this.#plug.isIn ? this : undefined;
  }

  subscribe(listener: () => void): () => void {
    return this.#plug.subscribe(listener);
  }

  onReady(listener: () => void): () => void {
    return this.#outgoing.onReady(listener);
  }

  unplug(): void {
    this.#plug.isIn = false;
  }

  /**
   * Queues a message for the host. It ends with a short packet, an empty one if need be, unless it fills the host's buffer: a
   * guess at protocols in which both sides know the length.
   */
  send(message: Uint8Array): void {
    this.#outgoing.send(message);
  }

  /** The endpoint answers STALL until the host clears its halt. */
  halt(endpoint: number): void {
    this.#halted.add(endpoint);
    this.#outgoing.tellReady();
  }

  /** Without room the device answers NAK to what the host sends. */
  set hasRoom(hasRoom: boolean) {
    this.#hasRoom = hasRoom;
    this.#outgoing.tellReady();
  }

  control(setup: Setup): Reply {
    if (!isStandard(setup)) return { kind: 'stall' };
    const isForEndpoint = (setup.requestType & 0x1f) === ENDPOINT_RECIPIENT;
    if (isForEndpoint && setup.request === StandardRequest.CLEAR_FEATURE) this.#halted.delete(setup.index);
    return this.#standard.answer(setup);
  }

  bulkIn(endpoint: number, length: number): BulkReply {
    if (endpoint !== BULK.IN || this.#halted.has(endpoint)) return { kind: 'stall' };
    return this.#outgoing.take(length);
  }

  bulkOut(endpoint: number, data: Uint8Array): BulkReply {
    if (endpoint !== BULK.OUT || this.#halted.has(endpoint)) return { kind: 'stall' };
    if (!this.#hasRoom) return { kind: 'nak' };
    this.#receive(data.slice(), this);
    return { kind: 'ack' };
  }

  reset(): void {
    this.#standard.reset();
    this.#halted.clear();
    this.#outgoing.clear();
  }
}

function endpointDescriptor(address: number): Uint8Array {
  const bulk = 2;
  return Uint8Array.of(7, DescriptorType.ENDPOINT, address, bulk, BULK.PACKET_BYTES, 0, 0);
}
