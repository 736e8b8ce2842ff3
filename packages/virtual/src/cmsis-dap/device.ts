/** A CMSIS-DAP probe on USB: requests and replies on its bulk endpoints, and a connector that can be pulled. */

import type { Clock } from '../clock.ts';
import { bulkTransferMs } from '../usb/full-speed-bus.ts';
import { highSpeedBulkMs } from '../usb/high-speed-bus.ts';
import type { BulkReply, Reply, Setup, UsbConnector, UsbDeviceModel } from '../usb/model.ts';
import { Plug } from '../usb/plug.ts';
import { type DescriptorSet, isStandard, StandardRequests } from '../usb/standard.ts';
import { cmsisDapDescriptors, DAP_ENDPOINTS } from './descriptors.ts';
import type { CmsisDapProbe, TimedReply } from './probe.ts';

/** The device and its connector: it is plugged in until `unplug`. */
export class CmsisDapUsb implements UsbDeviceModel, UsbConnector {
  readonly speed: 'full' | 'high';
  readonly serial: string;
  readonly #probe: CmsisDapProbe;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #descriptors: DescriptorSet;
  readonly #standard: StandardRequests;
  /** Oldest first. Their number is that of requests which fill the buffers of the probe. */
  readonly #replies: TimedReply[] = [];
  readonly #waiting = new Set<() => void>();
  readonly #plug = new Plug();

  constructor(probe: CmsisDapProbe, clock: Pick<Clock, 'now'>, serial: string) {
    this.serial = serial;
    this.speed = probe.model.speed;
    this.#probe = probe;
    this.#clock = clock;
    this.#descriptors = cmsisDapDescriptors(probe.model, serial);
    this.#standard = new StandardRequests(this.#descriptors, 1);
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

  /** It takes requests at any time, until its buffers are full. */
  get busyUntil(): number {
    return 0;
  }

  subscribe(listener: () => void): () => void {
    return this.#plug.subscribe(listener);
  }

  onReady(listener: () => void): () => void {
    this.#waiting.add(listener);
    return () => this.#waiting.delete(listener);
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
    return isStandard(setup) ? this.#standard.answer(setup) : { kind: 'stall' };
  }

  bulkIn(address: number, _length: number): BulkReply {
    if (address !== DAP_ENDPOINTS.in) return { kind: 'nak' };
    const [reply] = this.#replies;
    if (!reply) return { kind: 'nak' };
    this.#replies.shift();
    this.#tellReady();
    const { bytes, readyAt } = reply;
    const busMs = this.speed === 'high' ? highSpeedBulkMs(bytes.length) : bulkTransferMs(bytes.length);
    return { kind: 'data', bytes, heldUntil: readyAt > this.#clock.now() ? readyAt + busMs : 0 };
  }

  bulkOut(address: number, data: Uint8Array): BulkReply {
    if (address !== DAP_ENDPOINTS.out) return { kind: 'stall' };
    if (this.#replies.length >= this.#probe.model.packetCount) return { kind: 'nak' };
    // What does not fit into its buffer is cut off, as the endpoint's driver does.
    const reply = this.#probe.receive(data.subarray(0, this.#probe.model.packetBytes));
    if (reply) {
      this.#replies.push(reply);
      this.#tellReady();
    }
    return { kind: 'ack' };
  }

  reset(): void {
    this.#standard.reset();
    this.#replies.length = 0;
    this.#tellReady();
  }

  #tellReady(): void {
    for (const listener of this.#waiting) listener();
  }
}
