/**
 * Carries the URBs of one importing client to one device model, and the model's replies back. Knows nothing of sockets.
 * An endpoint takes one request after the other; a request that was taken back before its turn never reaches the device.
 */
import type { BulkReply, Clock, Reply, Setup, UsbDeviceModel } from '@sureflash/virtual';
import { UsbIpError } from './usbip-error.ts';
import { ERRNO, encodeReturn, NOTHING, PORT_RESET, type SubmitHeader, type UnlinkHeader } from './wire.ts';

/** How long a transfer keeps the bus, in ms; `setup` is undefined for bulk transfers, `bytes` counts the data stage. */
export type TransferTime = (setup: Setup | undefined, bytes: number) => number;

export interface UrbOptions {
  readonly model: UsbDeviceModel;
  readonly devid: number;
  readonly clock: Clock;
  readonly transferMs: TransferTime;
  /** Takes bytes for the client. */
  readonly send: (bytes: Uint8Array) => void;
  /** Called once, after the last answer, when the device has gone; or with the defect that a model threw. */
  readonly onEnd: (defect?: unknown) => void;
}

/** Linux' usbfs lets all of a system's pending transfers hold 16 MB (usbcore.usbfs_memory_mb): so do we for one client. */
export const LIMITS = { PENDING: 1024, PENDING_BYTES: 16 << 20 } as const;

/** Bit 7 of an endpoint address (USB 2.0 §9.6.6). */
const IN_ENDPOINT = 0x80;

interface Pending {
  readonly urb: SubmitHeader;
  readonly data: Uint8Array;
  readonly abort: AbortController;
}

export class Urbs {
  readonly #options: UrbOptions;
  readonly #pending = new Map<number, Pending>();
  readonly #queues = new Map<string, Pending[]>();
  #pendingBytes = 0;
  #delivering = false;
  #detached = false;
  #ended = false;

  constructor(options: UrbOptions) {
    this.#options = options;
  }

  /** @throws UsbIpError `protocol` for another device's id, a number in use, or more than the limits allow */
  submit(urb: SubmitHeader, data: Uint8Array): void {
    if (this.#ended) return;
    if (urb.devid !== this.#options.devid)
      throw new UsbIpError('protocol', `Device ${urb.devid} is not the imported one.`);
    if (this.#pending.has(urb.seqnum)) throw new UsbIpError('protocol', `URB ${urb.seqnum} is pending already.`);
    if (this.#pending.size >= LIMITS.PENDING || this.#pendingBytes + urb.length > LIMITS.PENDING_BYTES) {
      throw new UsbIpError(
        'protocol',
        `More than ${LIMITS.PENDING} URBs or ${LIMITS.PENDING_BYTES} bytes are pending.`,
      );
    }
    const pending: Pending = { urb, data, abort: new AbortController() };
    this.#pending.set(urb.seqnum, pending);
    this.#pendingBytes += urb.length;
    const key = keyOf(urb);
    const queue = this.#queues.get(key);
    if (queue !== undefined) {
      queue.push(pending);
      return;
    }
    this.#queues.set(key, [pending]);
    void this.#drain(key);
  }

  /** Answers -ECONNRESET when the URB was pending, and it gets no other answer; 0 when it was answered already. */
  unlink({ seqnum, devid, target }: UnlinkHeader): void {
    if (this.#ended) return;
    if (devid !== this.#options.devid) throw new UsbIpError('protocol', `Device ${devid} is not the imported one.`);
    const pending = this.#pending.get(target);
    if (pending !== undefined) this.#takeBack(pending);
    const status = pending === undefined ? 0 : -ERRNO.ECONNRESET;
    this.#options.send(encodeReturn({ command: 'unlinked', seqnum, status, length: 0 }));
  }

  /** The device has gone: what is pending ends with -ESHUTDOWN. A reply with which the device went is delivered first. */
  detach(): void {
    if (this.#ended) return;
    this.#detached = true;
    if (this.#delivering) return;
    for (const pending of this.#pending.values()) this.#answer(pending, -ERRNO.ESHUTDOWN, NOTHING);
    this.end();
    this.#options.onEnd();
  }

  /** The client has gone: nothing more is delivered or answered. */
  end(): void {
    this.#ended = true;
    for (const pending of this.#pending.values()) this.#forget(pending);
  }

  async #drain(key: string): Promise<void> {
    const queue = this.#queues.get(key) ?? [];
    for (let pending = queue[0]; pending !== undefined; pending = queue[0]) {
      if (!pending.abort.signal.aborted) await this.#carry(pending);
      queue.shift();
      this.#pendingBytes -= pending.urb.length;
    }
    this.#queues.delete(key);
  }

  async #carry(pending: Pending): Promise<void> {
    const { urb, data, abort } = pending;
    try {
      if (!isConsistent(urb)) {
        this.#answer(pending, -ERRNO.EINVAL, NOTHING);
        return;
      }
      if (!isPortReset(urb)) await this.#until(() => this.#options.model.busyUntil, abort.signal);
      // The data of an OUT transfer cross the bus before the device acts on them, those of an IN transfer after.
      const ms = urb.direction === 'out' ? this.#busMs(pending, data.length) : 0;
      if (ms > 0) await this.#options.clock.sleep(ms, abort.signal);
      await this.#complete(pending, await this.#replyTo(pending));
    } catch (defect) {
      if (!abort.signal.aborted) {
        this.end();
        this.#options.onEnd(defect);
      }
    }
    if (this.#detached) this.detach();
  }

  async #complete(pending: Pending, reply: Reply): Promise<void> {
    const { urb, abort } = pending;
    // A device that went with this very request holds nothing any more; what it left unanswered ends with the others.
    if (reply.kind === 'silent') {
      if (!this.#detached) await aborted(abort.signal);
      return;
    }
    const room = urb.endpoint === 0 ? Math.min(urb.length, urb.setup.length) : urb.length;
    const bytes = reply.kind === 'ack' || urb.direction === 'out' ? undefined : reply.bytes;
    const data = bytes?.subarray(0, room) ?? NOTHING;
    // The data of an IN transfer cross the bus while the device holds what follows them.
    const arrives = urb.direction === 'in' ? this.#options.clock.now() + this.#busMs(pending, data.length) : 0;
    const held = this.#detached ? 0 : (reply.heldUntil ?? 0);
    await this.#until(() => Math.max(arrives, held), abort.signal);
    // A control model is cut to what was asked for; on a bulk endpoint more than that is a babble.
    const isBabble = urb.endpoint !== 0 && (bytes?.length ?? 0) > room;
    this.#answer(pending, reply.kind === 'stall' ? -ERRNO.EPIPE : isBabble ? -ERRNO.EOVERFLOW : 0, data);
  }

  /** Delivers the request, again each time that a bulk endpoint has answered NAK and may answer otherwise. */
  async #replyTo(pending: Pending): Promise<Reply> {
    const { model } = this.#options;
    for (;;) {
      const reply = this.#deliver(pending);
      if (reply.kind !== 'nak') return reply;
      if (this.#detached) return { kind: 'silent' };
      await this.#untilReady(pending.abort.signal);
      await this.#until(() => model.busyUntil, pending.abort.signal);
    }
  }

  /** Waits until the model says that an endpoint may answer otherwise than NAK. */
  async #untilReady(signal: AbortSignal): Promise<void> {
    let unsubscribe = (): void => {};
    const ready = new Promise<void>((resolve) => {
      unsubscribe = this.#options.model.onReady?.(resolve) ?? unsubscribe;
    });
    try {
      await Promise.race([ready, aborted(signal)]);
    } finally {
      unsubscribe();
    }
  }

  #deliver({ urb, data }: Pending): BulkReply {
    const { model } = this.#options;
    this.#delivering = true;
    try {
      if (urb.endpoint !== 0) {
        const reply =
          urb.direction === 'in'
            ? model.bulkIn?.(urb.endpoint | IN_ENDPOINT, urb.length)
            : model.bulkOut?.(urb.endpoint, data);
        return reply ?? { kind: 'stall' };
      }
      if (!isPortReset(urb)) return model.control(urb.setup, data);
      model.reset();
      return { kind: 'ack' };
    } finally {
      this.#delivering = false;
    }
  }

  #busMs({ urb }: Pending, bytes: number): number {
    return this.#options.transferMs(urb.endpoint === 0 ? urb.setup : undefined, bytes);
  }

  /** Waits for a moment that may move while we wait: a device that NAKs is asked again (USB 2.0 §8.5.3.4). */
  async #until(moment: () => number, signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    for (let left = moment() - clock.now(); left > 0; left = moment() - clock.now()) {
      if (left === Number.POSITIVE_INFINITY) await aborted(signal);
      else await clock.sleep(left, signal);
    }
    signal.throwIfAborted();
  }

  #answer(pending: Pending, status: number, data: Uint8Array): void {
    const { urb } = pending;
    if (pending.abort.signal.aborted) return;
    this.#forget(pending);
    const length = urb.direction === 'out' && status === 0 ? pending.data.length : data.length;
    this.#options.send(encodeReturn({ command: 'submitted', seqnum: urb.seqnum, status, length }, data));
  }

  #forget(pending: Pending): void {
    this.#pending.delete(pending.urb.seqnum);
    pending.abort.abort();
  }

  /** One that waits for its turn leaves its queue, with its data. The first is being carried: it ends by itself. */
  #takeBack(pending: Pending): void {
    this.#forget(pending);
    const queue = this.#queues.get(keyOf(pending.urb)) ?? [];
    const at = queue.indexOf(pending);
    if (at <= 0) return;
    queue.splice(at, 1);
    this.#pendingBytes -= pending.urb.length;
  }
}

/** URBs of one queue are carried one after the other. */
function keyOf({ endpoint, direction }: SubmitHeader): string {
  return endpoint === 0 ? 'control' : `${direction} ${endpoint}`;
}

function isPortReset({ endpoint, setup }: SubmitHeader): boolean {
  return (
    endpoint === 0 &&
    setup.requestType === PORT_RESET.requestType &&
    setup.request === PORT_RESET.request &&
    setup.value === PORT_RESET.value
  );
}

/** Linux refuses a control URB whose setup packet says another direction or length than the URB does. */
function isConsistent({ endpoint, direction, length, setup }: SubmitHeader): boolean {
  if (endpoint !== 0) return true;
  if (direction === 'out') return length === setup.length;
  return setup.requestType >= 0x80 || setup.length === 0;
}

/** Rejects when the signal is aborted, and never ends otherwise. */
async function aborted(signal: AbortSignal): Promise<never> {
  return await new Promise((_, reject) => {
    const stop = (): void => reject(signal.reason);
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
}
