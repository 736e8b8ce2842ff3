/** For tests: a clock that moves when told, and a small device that notes what reaches it. */
import type { BulkReply, Clock, Reply, Setup, UsbConnector, UsbDeviceModel } from '@sureflash/virtual';

/** Stands still until `advance`. */
export class ManualClock implements Clock {
  #now = 0;
  #sleepers: { readonly until: number; readonly wake: () => void }[] = [];
  #watchers: (() => void)[] = [];

  now(): number {
    return this.#now;
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    await new Promise<void>((resolve, reject) => {
      const sleeper = { until: this.#now + ms, wake: resolve };
      signal?.addEventListener('abort', () => {
        this.#sleepers = this.#sleepers.filter((other) => other !== sleeper);
        reject(signal.reason);
      });
      this.#sleepers.push(sleeper);
      for (const watcher of this.#watchers.splice(0)) watcher();
    });
  }

  get sleeping(): number {
    return this.#sleepers.length;
  }

  /** Ends once something sleeps. */
  async asleep(): Promise<void> {
    while (this.#sleepers.length === 0) await new Promise<void>((resolve) => this.#watchers.push(resolve));
  }

  advance(ms: number): void {
    this.#now += ms;
    const due = this.#sleepers.filter(({ until }) => until <= this.#now);
    this.#sleepers = this.#sleepers.filter(({ until }) => until > this.#now);
    for (const { wake } of due) wake();
  }
}

/** Requests of the device below, all vendor requests to the device. */
export const REQUEST = { ECHO: 1, STALL: 2, SILENT: 3, HELD: 4, LEAVE: 5, DEFECT: 6, VANISH: 7 } as const;

/** Keeps what it is sent and gives it back, on endpoint 0 and on the bulk endpoints 1. */
export class EchoDevice implements UsbDeviceModel {
  readonly speed = 'full';
  readonly deviceDescriptor: Uint8Array;
  /** One interface, its alternates 0 and 1, and in the latter the endpoints 0x81 and 0x01. */
  // biome-ignore format: one descriptor a line
  readonly configurationDescriptor = Uint8Array.of(
    9, 2, 0x29, 0, 1, 1, 0, 0xc0, 0x32,
    9, 4, 0, 0, 0, 0xfe, 1, 2, 0,
    9, 4, 0, 1, 2, 0xfe, 1, 2, 0,
    7, 5, 0x81, 2, 0x40, 0, 0,
    7, 5, 1, 2, 0x40, 0, 0,
  );
  busyUntil = 0;
  resets = 0;
  memory: Uint8Array = new Uint8Array(0);
  readonly seen: number[] = [];
  onLeave = (): void => {};
  /** Sends all that it has, whatever was asked for. */
  babbles = false;
  #hasData = true;
  readonly #waiting = new Set<() => void>();

  constructor(productId = 0xdf11) {
    const [low, high] = [productId & 0xff, productId >> 8];
    this.deviceDescriptor = Uint8Array.of(18, 1, 0, 2, 0, 0, 0, 64, 0x83, 0x04, low, high, 0, 0x22, 1, 2, 3, 1);
  }

  control({ requestType, request, length }: Setup, data: Uint8Array): Reply {
    this.seen.push(request);
    if (requestType === 0x80 && request === 6) return { kind: 'data', bytes: this.deviceDescriptor };
    switch (request) {
      case REQUEST.ECHO:
        if (requestType >= 0x80) return { kind: 'data', bytes: this.memory };
        this.memory = data;
        return { kind: 'ack' };
      case REQUEST.SILENT:
        return { kind: 'silent' };
      case REQUEST.HELD:
        return { kind: 'data', bytes: new Uint8Array(length), heldUntil: 50 };
      case REQUEST.LEAVE:
        this.onLeave();
        return { kind: 'data', bytes: Uint8Array.of(7) };
      case REQUEST.VANISH:
        this.onLeave();
        return { kind: 'silent' };
      case REQUEST.DEFECT:
        throw new Error('a defect of the model');
      default:
        return { kind: 'stall', bytes: Uint8Array.of(1, 2) };
    }
  }

  /** Without data the bulk endpoint answers NAK. */
  set hasData(hasData: boolean) {
    this.#hasData = hasData;
    for (const listener of this.#waiting) listener();
  }

  bulkIn(endpoint: number, length: number): BulkReply {
    if (endpoint !== 0x81) return { kind: 'stall' };
    if (!this.#hasData) return { kind: 'nak' };
    return { kind: 'data', bytes: this.babbles ? this.memory : this.memory.subarray(0, length) };
  }

  bulkOut(endpoint: number, data: Uint8Array): BulkReply {
    if (endpoint !== 0x01) return { kind: 'stall' };
    this.memory = data;
    return { kind: 'ack' };
  }

  onReady(listener: () => void): () => void {
    this.#waiting.add(listener);
    return () => this.#waiting.delete(listener);
  }

  reset(): void {
    this.resets += 1;
  }
}

/** A connector to plug into and to unplug from. */
export class TestConnector implements UsbConnector {
  #device: UsbDeviceModel | undefined;
  readonly #listeners = new Set<() => void>();

  constructor(device?: UsbDeviceModel) {
    this.#device = device;
  }

  get device(): UsbDeviceModel | undefined {
    return this.#device;
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  plug(device: UsbDeviceModel | undefined): void {
    this.#device = device;
    for (const listener of this.#listeners) listener();
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
