/**
 * An ST-LINK on USB: commands and data on its bulk endpoints, the standard requests, and a connector that can be pulled. The
 * disk and the COM port beside it are there to be seen; nothing is in them.
 */

import { MessageQueue } from '../usb/message-queue.ts';
import type { BulkReply, Reply, Setup, UsbConnector, UsbDeviceModel } from '../usb/model.ts';
import { Plug } from '../usb/plug.ts';
import { type DescriptorSet, isStandard, StandardRequest, StandardRequests } from '../usb/standard.ts';
import { stLinkDescriptors } from './descriptors.ts';
import type { StLinkProbe } from './probe.ts';

const TO_ENDPOINT = 2;
const TO_INTERFACE = 1;
/** GET_MAX_LUN (BOT 1.0 §3.2), SET_CONTROL_LINE_STATE and SET_LINE_CODING (PSTN 1.2 §6.3). */
const GET_MAX_LUN = 0xfe;
const LINE_REQUESTS = [0x20, 0x22];

/** The device and its connector: it is plugged in until `unplug`. */
export class StLinkUsb implements UsbDeviceModel, UsbConnector {
  readonly speed: 'full' | 'high';
  readonly serial: string;
  readonly #probe: StLinkProbe;
  readonly #descriptors: DescriptorSet;
  readonly #standard: StandardRequests;
  readonly #outgoing: MessageQueue;
  readonly #plug = new Plug();

  constructor(probe: StLinkProbe, serial: string) {
    this.serial = serial;
    this.speed = probe.model.speed;
    this.#probe = probe;
    this.#descriptors = stLinkDescriptors(probe.model, serial);
    this.#standard = new StandardRequests(this.#descriptors, 1);
    this.#outgoing = new MessageQueue(this.speed === 'full' ? 64 : 512);
  }

  get device(): UsbDeviceModel | undefined {
    return this.#plug.isIn ? this : undefined;
  }

  get deviceDescriptor(): Uint8Array {
    return this.#descriptors.device;
  }

  get configurationDescriptor(): Uint8Array {
    return this.#descriptors.configuration;
  }

  get busyUntil(): number {
    return this.#probe.busyUntil;
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

  /** Its firmware starts anew, and the host sees a new device. */
  plug(): void {
    this.#probe.restart();
    this.reset();
    this.#plug.isIn = true;
  }

  control(setup: Setup): Reply {
    if (!isStandard(setup)) return classRequest(setup);
    const recipient = setup.requestType & 0x1f;
    if (recipient === TO_ENDPOINT && setup.request === StandardRequest.CLEAR_FEATURE) return { kind: 'ack' };
    // Each interface has one setting.
    const selects = recipient === TO_INTERFACE && setup.request === StandardRequest.SET_INTERFACE;
    return selects && setup.value === 0 ? { kind: 'ack' } : this.#standard.answer(setup);
  }

  bulkIn(address: number, length: number): BulkReply {
    return address === this.#probe.model.endpoints.in ? this.#outgoing.take(length) : { kind: 'nak' };
  }

  bulkOut(address: number, data: Uint8Array): BulkReply {
    // What a host writes to the disk or the COM port is taken and forgotten.
    if (address !== this.#probe.model.endpoints.out) return { kind: 'ack' };
    const answer = this.#probe.receive(data);
    if (answer) this.#outgoing.send(answer);
    return { kind: 'ack' };
  }

  reset(): void {
    this.#standard.reset();
    this.#probe.busReset();
    this.#outgoing.clear();
  }
}

function classRequest({ requestType, request }: Setup): Reply {
  if (requestType === 0xa1 && request === GET_MAX_LUN) return { kind: 'data', bytes: Uint8Array.of(0) };
  return requestType === 0x21 && LINE_REQUESTS.includes(request) ? { kind: 'ack' } : { kind: 'stall' };
}
