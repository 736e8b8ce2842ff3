/** The DFU 1.1 requests of one interface: their time limits, and the state that the device is in behind the last of them. */
import { hasCode } from '../errors.ts';
import type { Clock } from '../ports/clock.ts';
import type { ControlSetup, TransferOptions, UsbPort } from '../ports/usb.ts';
import { REQUEST, STATE } from './codes.ts';
import { type DfuStatus, parseStatus, STATUS_LENGTH } from './status.ts';

/** Requests that the device answers without touching its memory. */
export const QUICK_MS = 5_000;
/** What a device has told of its state holds for so long: later somebody else may have been there, or a reset. */
const STATE_HOLDS_MS = 1_000;
const NOTHING = new Uint8Array(0);

export class DfuRequests {
  readonly #port: UsbPort;
  readonly #clock: Clock;
  /** What the transfers that are under way may take, in ms. */
  #aheadMs = 0;
  #isSilent = false;
  #sent = 0;
  #state: { readonly is: number; readonly at: number } | undefined;

  constructor(port: UsbPort, clock: Clock) {
    this.#port = port;
    this.#clock = clock;
  }

  /** The last transfer was never answered. */
  get isSilent(): boolean {
    return this.#isSilent;
  }

  /** The state that the last request has left the device in; `undefined` while one is under way, and where none has told lately. */
  get knownState(): number | undefined {
    const { is, at } = this.#state ?? {};
    return at !== undefined && this.#clock.now() - at < STATE_HOLDS_MS ? is : undefined;
  }

  async getStatus(timeoutMs = QUICK_MS): Promise<DfuStatus> {
    const { bytes, isLast } = await this.#in(REQUEST.GETSTATUS, 0, { length: STATUS_LENGTH, timeoutMs });
    const status = parseStatus(bytes);
    if (isLast()) this.#learn(status.state);
    return status;
  }

  async clearStatus(): Promise<void> {
    await this.#out(REQUEST.CLRSTATUS, 0, NOTHING);
  }

  async abort(): Promise<void> {
    await this.#out(REQUEST.ABORT, 0, NOTHING);
  }

  async download(block: number, data: Uint8Array = NOTHING): Promise<void> {
    await this.#out(REQUEST.DNLOAD, block, data);
  }

  /** The device must be in dfuIDLE or dfuUPLOAD-IDLE. A short answer ends the reading (DFU 1.1 §6.2). */
  async upload(block: number, length: number): Promise<Uint8Array> {
    const { bytes, isLast } = await this.#in(REQUEST.UPLOAD, block, { length, timeoutMs: QUICK_MS });
    if (isLast() && bytes.length === length) this.#learn(STATE.dfuUPLOAD_IDLE);
    return bytes;
  }

  /** What state the loader has in another setting is its own affair. */
  async selectAlternate(number: number): Promise<void> {
    this.#begin();
    await this.#port.selectAlternate(number);
  }

  async #in(
    request: number,
    value: number,
    { length, timeoutMs }: { length: number; timeoutMs: number },
  ): Promise<{ bytes: Uint8Array; isLast: () => boolean }> {
    const setup = this.#setup(request, value);
    const isLast = this.#begin();
    const bytes = await this.#limited(timeoutMs, async (limit) => await this.#port.controlIn(setup, length, limit));
    return { bytes, isLast };
  }

  async #out(request: number, value: number, data: Uint8Array): Promise<void> {
    const setup = this.#setup(request, value);
    this.#begin();
    await this.#limited(QUICK_MS, async (limit) => await this.#port.controlOut(setup, data, limit));
  }

  #learn(state: number): void {
    this.#state = { is: state, at: this.#clock.now() };
  }

  /** Returns whether nothing has been sent since. */
  #begin(): () => boolean {
    this.#state = undefined;
    const number = ++this.#sent;
    return () => this.#sent === number;
  }

  /** The time of a transfer runs from when it is queued: what is in front of it may take its own. */
  async #limited<T>(ownMs: number, start: (limit: TransferOptions) => Promise<T>): Promise<T> {
    // Behind one that was never answered nothing will be: no need to wait for all of them.
    const timeoutMs = this.#isSilent ? ownMs : this.#aheadMs + ownMs;
    this.#aheadMs += ownMs;
    try {
      const result = await start({ timeoutMs });
      this.#isSilent = false;
      return result;
    } catch (error) {
      this.#isSilent = hasCode(error, 'usb/timeout');
      throw error;
    } finally {
      this.#aheadMs -= ownMs;
    }
  }

  #setup(request: number, value: number): ControlSetup {
    return { requestType: 'class', recipient: 'interface', request, value, index: this.#port.interfaceNumber };
  }
}
