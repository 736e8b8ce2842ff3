/**
 * Carries transfers between a host and one enumerated device: it waits while the device is busy, lets the bus take its
 * time, and fails when the device goes away. It knows no dialect.
 */

import type { Clock } from '../clock.ts';
import { bulkTransferMs, controlTransferMs } from '../usb/full-speed-bus.ts';
import type { Reply, Setup, UsbDeviceModel } from '../usb/model.ts';

export type Answer = Exclude<Reply, { kind: 'silent' }>;

/** A transfer that came to no end: the device was there no more, or the time limit passed. */
export class WireFailure extends Error {
  readonly kind: 'gone' | 'timeout';

  constructor(kind: 'gone' | 'timeout') {
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
const PACKET_BYTES = 64;

/** No time limit. */
export const FOREVER = Number.POSITIVE_INFINITY;

export class Wire {
  readonly device: UsbDeviceModel;
  readonly #clock: Clock;
  readonly #gone = new AbortController();
  /** A control endpoint does one transfer at a time (USB 2.0 §5.5.5); bulk transfers queue with them here. */
  #queue: Promise<unknown> = Promise.resolve();
  #pending = 0;

  constructor(device: UsbDeviceModel, clock: Clock) {
    this.device = device;
    this.#clock = clock;
  }

  get gone(): boolean {
    return this.#gone.signal.aborted;
  }

  get pending(): number {
    return this.#pending;
  }

  /** The device left the bus: whatever waits fails now. */
  detach(): void {
    if (!this.gone) this.#gone.abort(new WireFailure('gone'));
  }

  control(setup: Setup, data: Uint8Array, watch: Watch | undefined, limitMs: number): Promise<Answer> {
    const isIn = (setup.requestType & 0x80) !== 0;
    const deliver = () => this.device.control(setup, data);
    // What fits one packet counts as asked for: then it is known before the device acts, and its time goes first.
    const early = !isIn || setup.length <= PACKET_BYTES;
    const length = isIn ? setup.length : data.length;
    const busMs = (reply?: Reply) => controlTransferMs(early ? length : dataLength(reply));
    return this.#enqueue({ setup, early, busMs, deliver, watch, limitMs });
  }

  bulkIn(endpoint: number, length: number, watch: Watch | undefined, limitMs: number): Promise<Answer> {
    const busMs = (reply?: Reply) => bulkTransferMs(dataLength(reply));
    const deliver = () => this.device.bulkIn?.(endpoint, length) ?? { kind: 'stall' };
    return this.#enqueue({ early: false, busMs, deliver, watch, limitMs });
  }

  bulkOut(endpoint: number, data: Uint8Array, watch: Watch | undefined, limitMs: number): Promise<Answer> {
    const deliver = () => this.device.bulkOut?.(endpoint, data) ?? { kind: 'stall' };
    return this.#enqueue({ early: true, busMs: () => bulkTransferMs(data.length), deliver, watch, limitMs });
  }

  async #enqueue(transfer: Transfer): Promise<Answer> {
    const before = this.#queue;
    const run = before.then(() => this.#run(transfer));
    this.#queue = run.catch(() => undefined);
    this.#pending += 1;
    try {
      return await run;
    } finally {
      this.#pending -= 1;
    }
  }

  async #run(transfer: Transfer): Promise<Answer> {
    const { watch, setup } = transfer;
    watch?.before?.(setup);
    let reply: Reply | undefined;
    try {
      reply = await this.#exchange(transfer);
      return reply.kind === 'silent' ? await this.#never(transfer.limitMs) : reply;
    } finally {
      watch?.after?.(setup, reply);
    }
  }

  /**
   * The device acts when the bus has carried the request and, if that is known by then, the data; a flash operation that
   * a GETSTATUS starts begins after its answer. Long answers travel afterwards.
   */
  async #exchange({ early, busMs, deliver, watch, limitMs }: Transfer): Promise<Reply> {
    const deadline = this.#clock.now() + limitMs;
    if (watch) watch.log.firstAt ??= this.#clock.now();
    this.#gone.signal.throwIfAborted();
    await this.#waitUntil(this.device.busyUntil, deadline);
    if (early) await this.#waitUntil(this.#clock.now() + busMs(), deadline);
    const reply = deliver();
    const arrives = early ? 0 : this.#clock.now() + busMs(reply);
    const held = reply.kind === 'silent' ? 0 : (reply.heldUntil ?? 0);
    await this.#waitUntil(Math.max(arrives, held), deadline);
    if (watch) {
      watch.log.transfers += 1;
      watch.log.busMs += busMs(reply);
      watch.log.lastAt = this.#clock.now();
    }
    return reply;
  }

  async #waitUntil(moment: number, deadline: number): Promise<void> {
    const until = Math.min(moment, deadline);
    const ms = until - this.#clock.now();
    if (ms > 0) await this.#clock.sleep(ms, this.#gone.signal);
    else this.#gone.signal.throwIfAborted();
    if (moment > deadline) throw new WireFailure('timeout');
  }

  /** The device never completes it: only its going or the time limit ends the wait. */
  async #never(limitMs: number): Promise<never> {
    const { signal } = this.#gone;
    if (limitMs !== FOREVER) {
      await this.#clock.sleep(limitMs, signal);
      throw new WireFailure('timeout');
    }
    return await new Promise((_, reject) => {
      const fail = () => reject(signal.reason);
      if (signal.aborted) fail();
      else signal.addEventListener('abort', fail, { once: true });
    });
  }
}

interface Transfer {
  readonly setup?: Setup;
  /** The bus takes its time before the device acts. */
  readonly early: boolean;
  readonly busMs: (reply?: Reply) => number;
  readonly deliver: () => Reply;
  readonly watch: Watch | undefined;
  readonly limitMs: number;
}

function dataLength(reply: Reply | undefined): number {
  return reply && (reply.kind === 'data' || reply.kind === 'stall') ? (reply.bytes?.length ?? 0) : 0;
}
