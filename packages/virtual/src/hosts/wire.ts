/**
 * Carries transfers between a host and one enumerated device: it waits while the device is busy or has nothing to send,
 * lets the bus take its time, and fails when the device goes away. It knows no dialect.
 */

import type { Clock } from '../clock.ts';
import { bulkTransferMs, controlTransferMs } from '../usb/full-speed-bus.ts';
import { highSpeedBulkMs } from '../usb/high-speed-bus.ts';
import type { BulkReply, Reply, Setup, UsbDeviceModel } from '../usb/model.ts';

export type Answer = Exclude<Reply, { kind: 'silent' }>;

/**
 * A transfer that came to no end: the device left, the time limit passed, the host took the transfer back, or the device
 * sent more than the host's buffer holds.
 */
export class WireFailure extends Error {
  readonly kind: 'gone' | 'timeout' | 'cancelled' | 'babble';

  constructor(kind: WireFailure['kind']) {
    super(kind);
    this.name = 'WireFailure';
    this.kind = kind;
  }
}

/** Sums over all transfers of a host. */
export interface BusLog {
  transfers: number;
  /** Time that the bus itself took. */
  busMs: number;
  /** Clock time of the first transfer's start and the last one's end. */
  firstAt: number | undefined;
  lastAt: number | undefined;
}

export interface Watch {
  readonly log: BusLog;
  readonly before?: (setup: Setup | undefined) => void;
  readonly after?: (setup: Setup | undefined, reply: Reply | undefined) => void;
}

/** Endpoint 0 of a full-speed device, and a bulk packet. */
const FULL_SPEED_PACKET_BYTES = 64;

/** No time limit. */
export const FOREVER = Number.POSITIVE_INFINITY;

/** How a host treats a bulk transfer. */
export interface BulkOptions {
  readonly limitMs: number;
  /** Takes the transfer back. */
  readonly signal: AbortSignal;
}

/** The key of endpoint 0 among the queues; bulk endpoints have their addresses. */
const CONTROL = 0;

export class Wire {
  readonly device: UsbDeviceModel;
  readonly #clock: Clock;
  readonly #gone = new AbortController();
  /** An endpoint does one transfer at a time (USB 2.0 §5.5.5, §5.8.4); those behind it wait. By endpoint address. */
  readonly #queues = new Map<number, Promise<unknown>>();
  readonly #pending = new Set<WireTransfer>();
  /** The endpoints share one bus: when it has carried all that was given to it. */
  #busFreeAt = 0;

  constructor(device: UsbDeviceModel, clock: Clock) {
    this.device = device;
    this.#clock = clock;
  }

  get gone(): boolean {
    return this.#gone.signal.aborted;
  }

  /** Transfers that have neither ended nor been taken back. */
  get pending(): number {
    return [...this.#pending].filter(({ signal }) => !signal?.aborted).length;
  }

  /** The device left the bus: whatever waits fails now. */
  detach(): void {
    if (!this.gone) this.#gone.abort(new WireFailure('gone'));
  }

  control(setup: Setup, data: Uint8Array, watch: Watch | undefined, limitMs: number): Promise<Answer> {
    const isIn = (setup.requestType & 0x80) !== 0;
    const deliver = () => this.device.control(setup, data);
    // What fits one packet counts as asked for: then it is known before the device acts, and its time goes first.
    const early = !isIn || setup.length <= FULL_SPEED_PACKET_BYTES;
    const length = isIn ? setup.length : data.length;
    const busMs = (reply?: BulkReply) => controlTransferMs(early ? length : dataLength(reply));
    return this.#enqueue(CONTROL, { setup, early, busMs, deliver, watch, limitMs });
  }

  bulkIn(endpoint: number, length: number, watch: Watch, options: BulkOptions): Promise<Answer> {
    const busMs = (reply?: BulkReply) => this.#bulkMs(Math.min(length, dataLength(reply)));
    const deliver = () => {
      const reply = this.device.bulkIn?.(endpoint, length) ?? { kind: 'stall' };
      if (reply.kind === 'data' && reply.bytes.length > length) throw new WireFailure('babble');
      return reply;
    };
    return this.#enqueue(endpoint, { early: false, busMs, deliver, watch, ...options });
  }

  bulkOut(endpoint: number, data: Uint8Array, watch: Watch, options: BulkOptions): Promise<Answer> {
    const deliver = () => this.device.bulkOut?.(endpoint, data) ?? { kind: 'stall' };
    return this.#enqueue(endpoint, {
      early: true,
      busMs: () => this.#bulkMs(data.length),
      deliver,
      watch,
      ...options,
    });
  }

  #bulkMs(bytes: number): number {
    return this.device.speed === 'high' ? highSpeedBulkMs(bytes) : bulkTransferMs(bytes);
  }

  async #enqueue(endpoint: number, transfer: WireTransfer): Promise<Answer> {
    const before = this.#queues.get(endpoint) ?? Promise.resolve();
    const run = before.then(() => this.#run(transfer));
    this.#queues.set(
      endpoint,
      run.catch(() => undefined),
    );
    this.#pending.add(transfer);
    try {
      return await run;
    } finally {
      this.#pending.delete(transfer);
    }
  }

  async #run(transfer: WireTransfer): Promise<Answer> {
    const { watch, setup, signal } = transfer;
    watch?.before?.(setup);
    let reply: Reply | undefined;
    const stop = signal ? eitherOf(this.#gone.signal, signal) : { signal: this.#gone.signal, forget: () => undefined };
    try {
      reply = await this.#exchange(transfer, stop.signal);
      return reply.kind === 'silent' ? await this.#never(transfer.limitMs, stop.signal) : reply;
    } finally {
      stop.forget();
      watch?.after?.(setup, reply);
    }
  }

  /**
   * The device acts when the bus has carried the request and, if that is known by then, the data; a flash operation that
   * a GETSTATUS starts begins after its answer. Long answers travel afterwards.
   */
  async #exchange({ early, busMs, deliver, watch, limitMs }: WireTransfer, stop: AbortSignal): Promise<Reply> {
    const deadline = this.#clock.now() + limitMs;
    if (watch) watch.log.firstAt ??= this.#clock.now();
    stop.throwIfAborted();
    await this.#waitUntil(this.device.busyUntil, deadline, stop);
    if (early) await this.#waitUntil(this.#carried(busMs()), deadline, stop);
    let reply = deliver();
    while (reply.kind === 'nak') {
      await this.#untilReady(deadline, stop);
      await this.#waitUntil(this.device.busyUntil, deadline, stop);
      reply = deliver();
    }
    const arrives = early ? 0 : this.#carried(busMs(reply));
    const held = reply.kind === 'silent' ? 0 : (reply.heldUntil ?? 0);
    await this.#waitUntil(Math.max(arrives, held), deadline, stop);
    if (watch) {
      watch.log.transfers += 1;
      watch.log.busMs += busMs(reply);
      watch.log.lastAt = this.#clock.now();
    }
    return reply;
  }

  /** Gives the bus something to carry that takes `ms`. @returns when it is through */
  #carried(ms: number): number {
    this.#busFreeAt = Math.max(this.#clock.now(), this.#busFreeAt) + ms;
    return this.#busFreeAt;
  }

  async #waitUntil(moment: number, deadline: number, stop: AbortSignal): Promise<void> {
    const until = Math.min(moment, deadline);
    const ms = until - this.#clock.now();
    if (ms > 0) await this.#clock.sleep(ms, stop);
    else stop.throwIfAborted();
    if (moment > deadline) throw new WireFailure('timeout');
  }

  /** Waits until the device says that an endpoint may answer otherwise. */
  async #untilReady(deadline: number, stop: AbortSignal): Promise<void> {
    const ready = new AbortController();
    const unsubscribe = this.device.onReady?.(() => ready.abort()) ?? (() => undefined);
    const either = eitherOf(ready.signal, stop);
    try {
      await this.#never(deadline - this.#clock.now(), either.signal);
    } catch (failure) {
      stop.throwIfAborted();
      if (!ready.signal.aborted) throw failure;
    } finally {
      either.forget();
      unsubscribe();
    }
  }

  /** Waits for what never comes: ends when it is stopped, or with the time limit. */
  async #never(limitMs: number, stop: AbortSignal): Promise<never> {
    if (limitMs !== FOREVER) {
      await this.#clock.sleep(limitMs, stop);
      throw new WireFailure('timeout');
    }
    return await new Promise((_, reject) => {
      const fail = () => reject(stop.reason);
      if (stop.aborted) fail();
      else stop.addEventListener('abort', fail, { once: true });
    });
  }
}

/** A signal that is aborted as soon as one of these is. `forget` lets go of both. */
function eitherOf(a: AbortSignal, b: AbortSignal): { readonly signal: AbortSignal; readonly forget: () => void } {
  const either = new AbortController();
  const stops = [a, b].map((signal) => {
    const stop = () => either.abort(signal.reason);
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
    return () => signal.removeEventListener('abort', stop);
  });
  const forget = () => {
    for (const stop of stops) stop();
  };
  return { signal: either.signal, forget };
}

interface WireTransfer {
  readonly setup?: Setup;
  /** The bus takes its time before the device acts. */
  readonly early: boolean;
  readonly busMs: (reply?: BulkReply) => number;
  readonly deliver: () => BulkReply;
  readonly watch: Watch | undefined;
  readonly limitMs: number;
  readonly signal?: AbortSignal;
}

function dataLength(reply: BulkReply | undefined): number {
  return reply && (reply.kind === 'data' || reply.kind === 'stall') ? (reply.bytes?.length ?? 0) : 0;
}
