/** The DFU 1.1 requests of one interface: their time limits, and the state in which the last of them left the device. */
import { FlashError, hasCode } from '../../errors.ts';
import type { Clock } from '../../ports/clock.ts';
import type { ControlSetup, TransferOptions, UsbPort } from '../../ports/usb.ts';
import { visible } from '../../ports/visible.ts';
import { REQUEST, requestName, STATE } from './codes.ts';
import { type DfuStatus, parseStatus, STATUS_LENGTH } from './status.ts';

/** Time limit in ms of a request that the device answers without touching its memory. */
export const QUICK_MS = 5_000;
/** A state that the device has told is trusted for this long in ms: later, a reset or another program may have changed it. */
const STATE_HOLDS_MS = 1_000;
const NO_BYTES = new Uint8Array(0);
/** USB 2.0 §9.4.3 and §9.6.7. */
const GET_STRING = 6;
const STRING_DESCRIPTOR = 3;
const STATUS_LANGUAGE = 0x0409;
const LONGEST_STRING = 255;
/** Nothing depends on the words. */
const TEXT_MS = 500;

/** Every method throws the `usb/*` errors of the port. */
export class DfuRequests {
  readonly #port: UsbPort;
  readonly #clock: Clock;
  /** The sum in ms of the time limits of all transfers under way. */
  #aheadMs = 0;
  #isSilent = false;
  #sent = 0;
  #state: { readonly is: number; readonly at: number } | undefined;

  constructor(port: UsbPort, clock: Clock) {
    this.#port = port;
    this.#clock = clock;
  }

  /** Whether the last transfer timed out. Transfers that are queued behind it will not be answered either. */
  get isSilent(): boolean {
    return this.#isSilent;
  }

  /** The DFU state after the last request; `undefined` while a request is under way and when the state is not recent. */
  get knownState(): number | undefined {
    const { is, at } = this.#state ?? {};
    return at !== undefined && this.#clock.now() - at < STATE_HOLDS_MS ? is : undefined;
  }

  async getStatus(timeoutMs = QUICK_MS): Promise<DfuStatus> {
    const { bytes, isLast } = await this.#in(REQUEST.GETSTATUS, 0, { length: STATUS_LENGTH, timeoutMs });
    const status = parseStatus(bytes);
    if (isLast) this.#learn(status.state);
    return status;
  }

  /**
   * The device's own words behind a status (DFU 1.1 §6.1.2, iString). A device that says nothing at all is not asked again.
   * @returns `undefined` where it does not give any
   */
  async readText(index: number): Promise<string | undefined> {
    const setup = { requestType: 'standard', recipient: 'device', request: GET_STRING } as const;
    const value = (STRING_DESCRIPTOR << 8) | index;
    const asked = { ...setup, value, index: STATUS_LANGUAGE };
    const answer = this.#port.controlIn(asked, LONGEST_STRING, this.#limit(TEXT_MS));
    const bytes = await this.#ended(answer, TEXT_MS).catch(() => NO_BYTES);
    const length = Math.min(bytes.length, bytes[0] ?? 0) & ~1;
    const text = visible(new TextDecoder('utf-16le').decode(bytes.subarray(2, length)).replace(/\0.*$/s, '')).trim();
    return text === '' ? undefined : text;
  }

  clearStatus(): Promise<void> {
    return this.#out(REQUEST.CLRSTATUS, 0, NO_BYTES);
  }

  abort(): Promise<void> {
    return this.#out(REQUEST.ABORT, 0, NO_BYTES);
  }

  download(block: number, data: Uint8Array = NO_BYTES): Promise<void> {
    return this.#out(REQUEST.DNLOAD, block, data);
  }

  /** The device must be in dfuIDLE or dfuUPLOAD-IDLE. A short answer ends the reading (DFU 1.1 §6.2). */
  async upload(block: number, length: number, timeoutMs = QUICK_MS): Promise<Uint8Array> {
    const { bytes, isLast } = await this.#in(REQUEST.UPLOAD, block, { length, timeoutMs });
    if (isLast && bytes.length === length) this.#learn(STATE.dfuUPLOAD_IDLE);
    return bytes;
  }

  /** The DFU state is unknown afterwards: each alternate setting may have its own. */
  async selectAlternate(number: number): Promise<void> {
    this.#begin();
    await this.#port.selectAlternate(number);
  }

  /** A bus reset (DFU 1.1 §A.2.9). The DFU state is unknown afterwards. */
  async reset(): Promise<void> {
    this.#begin();
    await this.#port.reset();
  }

  /** The alternate settings of the interface, by their numbers. */
  get alternates(): readonly number[] {
    return this.#port.alternates.map(({ number }) => number);
  }

  async #in(
    request: number,
    value: number,
    { length, timeoutMs }: { length: number; timeoutMs: number },
  ): Promise<{ bytes: Uint8Array; isLast: boolean }> {
    const setup = this.#setup(request, value);
    const number = this.#begin();
    const limit = this.#limit(timeoutMs);
    const bytes = await this.#ended(this.#port.controlIn(setup, length, limit), timeoutMs);
    return { bytes, isLast: this.#sent === number };
  }

  #out(request: number, value: number, data: Uint8Array): Promise<void> {
    const setup = this.#setup(request, value);
    this.#begin();
    const limit = this.#limit(QUICK_MS);
    return this.#ended(this.#port.controlOut(setup, data, limit), QUICK_MS);
  }

  #learn(state: number): void {
    this.#state = { is: state, at: this.#clock.now() };
  }

  /** Forgets the state. @returns the number of this request */
  #begin(): number {
    this.#state = undefined;
    return ++this.#sent;
  }

  /** The limit of a transfer begins when it is queued, so it includes the limits of the transfers before it. */
  #limit(ownMs: number): TransferOptions {
    // Nothing is answered behind a transfer that timed out: there is no need to wait for the limit of each.
    const timeoutMs = this.#isSilent ? ownMs : this.#aheadMs + ownMs;
    this.#aheadMs += ownMs;
    return { timeoutMs };
  }

  /** Ends as a transfer does, and notes how. */
  async #ended<T>(transfer: Promise<T>, ownMs: number): Promise<T> {
    try {
      const result = await transfer;
      this.#isSilent = false;
      return result;
    } catch (error) {
      this.#isSilent = hasCode(error, 'usb/timeout');
      throw withStatusName(error);
    } finally {
      this.#aheadMs -= ownMs;
    }
  }

  #setup(request: number, value: number): ControlSetup {
    return { requestType: 'class', recipient: 'interface', request, value, index: this.#port.interfaceNumber };
  }
}

/** A stall with the request in the words of DFU 1.1: `DNLOAD of block 5`. */
function withStatusName(error: unknown): unknown {
  if (!hasCode(error, 'usb/stall') || !('setup' in error.facts)) return error;
  const { request, value } = error.facts.setup;
  const name = requestName(request);
  const isData = request === REQUEST.DNLOAD || request === REQUEST.UPLOAD;
  return new FlashError('usb/stall', { ...error.facts, request: isData ? `${name} of block ${value}` : name }, error);
}
