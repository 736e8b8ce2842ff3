/** The transfers of one opened WebUSB device, each within its time limit and with its errors in our codes. */
import { FlashError } from '../errors.ts';
import type { Clock } from '../ports/clock.ts';
import type { ControlSetup, FailedTransfer, TransferOptions } from '../ports/usb.ts';
import { LateReads } from './late-reads.ts';
import { limitLibusb } from './libusb-device.ts';
import { Watchdog } from './watchdog.ts';
import type { WebUsbDevice } from './web-usb-api.ts';
import { webUsbFailure } from './web-usb-errors.ts';

type InResult = Awaited<ReturnType<WebUsbDevice['transferIn']>>;
type OutResult = Awaited<ReturnType<WebUsbDevice['transferOut']>>;

/** Time limit in ms of everything but transfers: opening, claiming, clearing a halt. */
export const OPENING_MS = 5_000;
const CONTROL = 0;
const ENDPOINT_NUMBER = 0x0f;

export class WebUsbTransfers {
  /** Resolves once the device has left the bus. */
  readonly gone: Promise<void>;
  readonly #device: WebUsbDevice;
  readonly #clock: Clock;
  readonly #watchdog: Watchdog;
  /** By endpoint address. */
  readonly #reads = new Map<number, LateReads>();
  #markGone: () => void = () => undefined;
  #isGone = false;

  constructor(device: WebUsbDevice, clock: Clock) {
    this.#device = device;
    this.#clock = clock;
    this.#watchdog = new Watchdog(clock);
    this.gone = new Promise((resolve) => {
      this.#markGone = resolve;
    });
  }

  /** The device has left the bus. */
  leave(): void {
    this.#isGone = true;
    this.#markGone();
  }

  /** Lets go of the timer: nothing more is asked of the device. */
  stop(): void {
    this.#watchdog.stop();
  }

  /** @param transfer the request that the platform makes of the work, if it is one */
  async run(work: Promise<unknown>, transfer?: FailedTransfer): Promise<void> {
    await this.#limited(() => work, { timeoutMs: OPENING_MS }, transfer);
  }

  async controlIn(setup: ControlSetup, length: number, options: TransferOptions): Promise<Uint8Array> {
    const transfer = { setup };
    this.#prepare(CONTROL, options);
    const start = (): Promise<InResult> => this.#device.controlTransferIn(setup, length, options.timeoutMs);
    return received(await this.#limited(start, options, transfer), transfer);
  }

  async controlOut(setup: ControlSetup, data: Uint8Array, options: TransferOptions): Promise<void> {
    const transfer = { setup };
    this.#prepare(CONTROL, options);
    const start = (): Promise<OutResult> => this.#device.controlTransferOut(setup, owned(data), options.timeoutMs);
    checkSent(await this.#limited(start, options, transfer), data.length, transfer);
  }

  async bulkIn(endpoint: number, length: number, options: TransferOptions): Promise<Uint8Array> {
    options.signal?.throwIfAborted();
    const reads = this.#reads.get(endpoint) ?? new LateReads();
    this.#reads.set(endpoint, reads);
    const deadline = this.#clock.now() + options.timeoutMs;
    const left = (): number => Math.max(0, deadline - this.#clock.now());
    return await reads.read({
      length,
      start: async () => await this.#receive(endpoint, length, left()),
      within: async (work) => {
        const late = (): FlashError => new FlashError('usb/timeout', { endpoint, afterMs: options.timeoutMs });
        return await this.#watchdog.within(work, { ms: left(), late, signal: options.signal });
      },
    });
  }

  async bulkOut(endpoint: number, data: Uint8Array, options: TransferOptions): Promise<void> {
    this.#prepare(endpoint, options);
    const start = (): Promise<OutResult> =>
      this.#clearing(this.#device.transferOut(endpoint, owned(data), options.timeoutMs), endpoint);
    checkSent(await this.#limited(start, options, { endpoint }), data.length, { endpoint });
  }

  /** One transfer, however long it takes: the reader that began it may not be the one that gets its bytes. */
  async #receive(endpoint: number, length: number, timeoutMs: number): Promise<Uint8Array> {
    limitLibusb(this.#device, endpoint, timeoutMs);
    const receive = async (): Promise<InResult> =>
      await this.#device.transferIn(endpoint & ENDPOINT_NUMBER, length, timeoutMs);
    try {
      return received(await this.#clearing(receive(), endpoint), { endpoint });
    } catch (error) {
      throw this.#failure(error, { endpoint }, timeoutMs);
    }
  }

  /** Clears the halt behind a stall (USB 2.0 §9.4.5): an endpoint answers nothing else before that. */
  async #clearing<T extends InResult | OutResult>(work: Promise<T>, endpoint: number): Promise<T> {
    const clear = async (): Promise<void> => {
      const direction = endpoint > ENDPOINT_NUMBER ? 'in' : 'out';
      // Whether that worked shows at the next transfer.
      await this.run(this.#device.clearHalt(direction, endpoint & ENDPOINT_NUMBER)).catch(() => undefined);
    };
    try {
      const result = await work;
      if (result.status === 'stall') await clear();
      return result;
    } catch (error) {
      const failure = webUsbFailure(error, { endpoint });
      if (failure.code === 'usb/stall') await clear();
      throw failure;
    }
  }

  /** Comes before a transfer on an endpoint. */
  #prepare(endpoint: number, { signal, timeoutMs }: TransferOptions): void {
    signal?.throwIfAborted();
    limitLibusb(this.#device, endpoint, timeoutMs);
  }

  /** @param start may throw at once, as npm `usb` does: that is a failure like any other */
  async #limited<T>(
    start: () => Promise<T>,
    { timeoutMs, signal }: TransferOptions,
    transfer?: FailedTransfer,
  ): Promise<T> {
    const late = (): FlashError => new FlashError('usb/timeout', { ...transfer, afterMs: timeoutMs });
    try {
      return await this.#watchdog.within(start(), { ms: timeoutMs, late, signal });
    } catch (error) {
      if (signal?.aborted && error === signal.reason) throw error;
      throw this.#failure(error, transfer, timeoutMs);
    }
  }

  #failure(error: unknown, transfer: FailedTransfer | undefined, afterMs: number): FlashError {
    const failure = webUsbFailure(error, transfer, afterMs);
    if (failure.code === 'usb/gone') this.leave();
    if (!this.#isGone || failure.code !== 'usb/transfer') return failure;
    return new FlashError('usb/gone', { ...transfer }, error);
  }
}

function received({ status, data }: InResult, transfer: FailedTransfer): Uint8Array {
  if (status === 'stall') throw new FlashError('usb/stall', transfer);
  if (status !== 'ok' || !data) throw new FlashError('usb/transfer', { ...transfer, detail: `status ${status}` });
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

function checkSent({ status, bytesWritten }: OutResult, length: number, transfer: FailedTransfer): void {
  if (status === 'stall') throw new FlashError('usb/stall', transfer);
  if (status !== 'ok') throw new FlashError('usb/transfer', { ...transfer, detail: `status ${status}` });
  if (bytesWritten < length) {
    const detail = `only ${bytesWritten} of ${length} bytes were sent`;
    throw new FlashError('usb/transfer', { ...transfer, detail });
  }
}

/** npm `usb` 3 fails without data, and none of them takes shared memory. */
function owned(data: Uint8Array): Uint8Array<ArrayBuffer> {
  return data.buffer instanceof ArrayBuffer
    ? new Uint8Array(data.buffer, data.byteOffset, data.length)
    : new Uint8Array(data);
}
