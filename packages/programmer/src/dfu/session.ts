/** The DFU 1.1 requests of one interface and ST's commands on top of them. It knows no chip and plans nothing. */
import { FlashError, hasCode } from '../errors.ts';
import type { Clock } from '../ports/clock.ts';
import type { ControlSetup, UsbPort } from '../ports/usb.ts';
import { COMMAND, FIRST_DATA_BLOCK, REQUEST, STATE, STATUS, stateName, statusName } from './codes.ts';
import type { QuirkFlags } from './quirks.ts';
import { type DfuStatus, parseStatus, STATUS_LENGTH } from './status.ts';

export interface SessionOptions {
  readonly clock: Clock;
  readonly quirks: QuirkFlags;
  /** Wait the advertised time before each poll instead of letting the device hold the poll until it is done. */
  readonly polite: boolean;
}

/** What an operation is and how long it may take. */
export interface Operation {
  readonly name: string;
  readonly address?: number;
  /** Longest time in ms that the device may be busy with it. */
  readonly limitMs: number;
  /** How long it usually takes in ms, where the chip is known. */
  readonly typicalMs?: number;
}

/** `freed`: the device would not say that it was done and had to be freed; whether it was, only reading tells. */
export type Completion = 'done' | 'freed';

/** Requests that the device answers without touching its memory. */
const QUICK_MS = 5_000;
/** A device that is asked again and again gets at least this pause when it advertises none. */
const SHORTEST_PAUSE_MS = 1;
/** Polls that find a busy device before it is freed by force on the way to dfuIDLE. */
const BUSY_POLLS = 3;
/** The most steps that any way back to dfuIDLE takes, the CLRSTATUS trap of ST's class included. */
const STEPS_TO_IDLE = 9;
const NOTHING = new Uint8Array(0);
const BUSY: ReadonlySet<number> = new Set([STATE.dfuDNBUSY, STATE.dfuDNLOAD_SYNC]);

export class DfuSession {
  readonly #port: UsbPort;
  readonly #clock: Clock;
  readonly #quirks: QuirkFlags;
  readonly #polite: boolean;

  constructor(port: UsbPort, { clock, quirks, polite }: SessionOptions) {
    this.#port = port;
    this.#clock = clock;
    this.#quirks = quirks;
    this.#polite = polite;
  }

  async getStatus(timeoutMs = QUICK_MS): Promise<DfuStatus> {
    return parseStatus(await this.#in(REQUEST.GETSTATUS, 0, STATUS_LENGTH, timeoutMs));
  }

  async clearStatus(): Promise<void> {
    await this.#out(REQUEST.CLRSTATUS, 0, NOTHING);
  }

  async abort(): Promise<void> {
    await this.#out(REQUEST.ABORT, 0, NOTHING);
  }

  /**
   * Brings the device to dfuIDLE from any state that has a way there. CLRSTATUS is sent in dfuERROR only: ST's class
   * turns an idle device into one with an error when it gets a CLRSTATUS (stm32-mw-usb-device, USBD_DFU DFU_ClearStatus).
   */
  async toIdle(limitMs = QUICK_MS): Promise<void> {
    let status = await this.getStatus(limitMs);
    for (let step = 0; status.state !== STATE.dfuIDLE; step++) {
      if (step === STEPS_TO_IDLE) throw unexpected('return to idle', 'dfuIDLE', stateName(status.state));
      await this.#stepTowardsIdle(status, step);
      status = await this.getStatus(limitMs);
    }
  }

  /** AN3156 §5.2 Get: the command bytes that the device supports; empty where it does not answer. */
  async readCommands(): Promise<Uint8Array> {
    try {
      return await this.upload(0, 64);
    } catch (error) {
      if (!hasCode(error, 'usb/stall')) throw error;
      return NOTHING;
    } finally {
      await this.toIdle();
    }
  }

  /** One UPLOAD; the device must be in dfuIDLE or dfuUPLOAD-IDLE. */
  async upload(block: number, length: number): Promise<Uint8Array> {
    return await this.#in(REQUEST.UPLOAD, block, length, QUICK_MS);
  }

  /**
   * One data block. A refused UPLOAD is a stall; the status behind it tells why.
   * @throws FlashError `dfu/status`, or `usb/stall` where the device gives no reason
   */
  async readBlock(block: number, length: number, address: number): Promise<Uint8Array> {
    try {
      return await this.upload(block, length);
    } catch (error) {
      if (!hasCode(error, 'usb/stall')) throw error;
      const status = await this.getStatus();
      throw status.status === STATUS.OK ? error : this.#failure({ name: 'read', address }, status);
    }
  }

  /** AN3156 §5.3: the base address of the data blocks that follow. */
  async setAddress(address: number): Promise<void> {
    await this.#command(COMMAND.SET_ADDRESS_POINTER, address, { name: 'set address', address, limitMs: QUICK_MS });
  }

  /** AN3156 §5.4 with an address: erases the page that holds it. */
  async erase(address: number, times: { limitMs: number; typicalMs?: number }): Promise<Completion> {
    return await this.#command(COMMAND.ERASE, address, { name: 'erase', address, ...times });
  }

  /** AN3156 §5.4 without an address. */
  async massErase(limitMs: number): Promise<void> {
    await this.#command(COMMAND.ERASE, undefined, { name: 'mass erase', limitMs });
  }

  /** AN3156 §5.5. The device erases everything and resets: it usually vanishes before it can answer. */
  async readUnprotect(limitMs: number): Promise<void> {
    try {
      await this.#command(COMMAND.READ_UNPROTECT, undefined, { name: 'read unprotect', limitMs });
    } catch (error) {
      if (!vanished(error)) throw error;
    }
  }

  /** One data block at `pointer + (block − 2) × block size`. */
  async writeBlock(block: number, data: Uint8Array, operation: Operation): Promise<void> {
    await this.#out(REQUEST.DNLOAD, block, data);
    await this.#complete(operation);
  }

  /**
   * AN3156 §5.6: starts the program at the address pointer. A device that vanishes before it answers has done so.
   * @throws FlashError `dfu/protocol` when the device stays in its loader
   */
  async leave(): Promise<void> {
    try {
      await this.#out(REQUEST.DNLOAD, 0, NOTHING);
      const { state } = await this.getStatus();
      if (state === STATE.dfuMANIFEST || state === STATE.dfuMANIFEST_WAIT_RESET) return;
      throw unexpected('leave', 'dfuMANIFEST', stateName(state));
    } catch (error) {
      if (!vanished(error)) throw error;
    }
  }

  async #command(code: number, address: number | undefined, operation: Operation): Promise<Completion> {
    const bytes = new Uint8Array(address === undefined ? 1 : 5);
    bytes[0] = code;
    if (address !== undefined) new DataView(bytes.buffer).setUint32(1, address, true);
    await this.#out(REQUEST.DNLOAD, 0, bytes);
    return await this.#complete(operation);
  }

  /**
   * Every operation runs at the first GETSTATUS (AN3156 §5.1); the reply to the second tells how it went. Devices hold
   * the poll until the operation has ended, so that asking at once costs nothing; those that do not are asked again
   * after the time that they advertise.
   */
  async #complete(operation: Operation): Promise<Completion> {
    const startedAt = this.#clock.now();
    const elapsed = (): number => this.#clock.now() - startedAt;
    const left = (): number => Math.max(QUICK_MS, operation.limitMs - elapsed());
    const freeAfterMs = this.#freeable(operation) ? (operation.typicalMs ?? operation.limitMs) : operation.limitMs;
    let status = await this.getStatus(left());
    for (let poll = 0; BUSY.has(status.state); poll++) {
      if (poll > 0 && elapsed() >= freeAfterMs) return await this.#free(operation);
      const pauseMs = Math.max(status.pollTimeoutMs, SHORTEST_PAUSE_MS);
      if (this.#polite || poll > 0) await this.#clock.sleep(pauseMs);
      status = await this.#pollAgain(pauseMs, operation.limitMs - elapsed());
    }
    if (status.state === STATE.dfuDNLOAD_IDLE) return 'done';
    throw this.#failure(operation, status);
  }

  /** A poll after the first. Devices that stall it while they are busy are asked again after ever longer pauses. */
  async #pollAgain(pauseMs: number, leftMs: number): Promise<DfuStatus> {
    const deadline = this.#clock.now() + leftMs;
    for (let pause = pauseMs; ; pause *= 2) {
      try {
        return await this.getStatus(Math.max(QUICK_MS, deadline - this.#clock.now()));
      } catch (error) {
        if (!hasCode(error, 'usb/stall') || !this.#quirks.stallsEarlyPoll || this.#clock.now() >= deadline) throw error;
        await this.#clock.sleep(pause);
      }
    }
  }

  #freeable({ name }: Operation): boolean {
    return this.#quirks.staysBusyAfterErase && name === 'erase';
  }

  /** The CLRSTATUS pair (first: dfuERROR/errUNKNOWN, second: dfuIDLE) that ends an endless dfuDNBUSY. */
  async #free(operation: Operation): Promise<Completion> {
    await this.clearStatus();
    const { state } = await this.getStatus();
    if (state === STATE.dfuERROR) await this.clearStatus();
    if (this.#freeable(operation)) return 'freed';
    const { name, address, limitMs } = operation;
    throw new FlashError('dfu/stuck', { operation: name, afterMs: limitMs, ...(address !== undefined && { address }) });
  }

  #failure(operation: Pick<Operation, 'name' | 'address'>, { status, state }: DfuStatus): FlashError {
    const place = operation.address === undefined ? {} : { address: operation.address };
    if (state !== STATE.dfuERROR && status === STATUS.OK) {
      return unexpected(operation.name, 'dfuDNLOAD-IDLE', stateName(state));
    }
    const found = { status: statusName(status), state: stateName(state) };
    return new FlashError('dfu/status', { operation: operation.name, ...found, ...place });
  }

  async #stepTowardsIdle({ state, pollTimeoutMs }: DfuStatus, step: number): Promise<void> {
    switch (state) {
      case STATE.dfuDNLOAD_IDLE:
      case STATE.dfuUPLOAD_IDLE:
      case STATE.dfuDNLOAD_SYNC:
      case STATE.dfuMANIFEST_SYNC:
        return await this.abort();
      case STATE.dfuDNBUSY:
        await this.#clock.sleep(Math.max(pollTimeoutMs, SHORTEST_PAUSE_MS));
        return step < BUSY_POLLS ? undefined : await this.clearStatus();
      default:
        return await this.clearStatus();
    }
  }

  async #in(request: number, value: number, length: number, timeoutMs: number): Promise<Uint8Array> {
    return await this.#port.controlIn(this.#setup(request, value), length, { timeoutMs });
  }

  async #out(request: number, value: number, data: Uint8Array): Promise<void> {
    await this.#port.controlOut(this.#setup(request, value), data, { timeoutMs: QUICK_MS });
  }

  #setup(request: number, value: number): ControlSetup {
    return { requestType: 'class', recipient: 'interface', request, value, index: this.#port.interfaceNumber };
  }
}

/** Number of the `n`th data block. */
export const dataBlock = (n: number): number => FIRST_DATA_BLOCK + n;

function vanished(error: unknown): boolean {
  return ['usb/gone', 'usb/stall', 'usb/transfer', 'usb/timeout'].some(
    (code) => error instanceof FlashError && error.code === code,
  );
}

function unexpected(operation: string, expected: string, found: string): FlashError<'dfu/protocol'> {
  return new FlashError('dfu/protocol', { operation, expected, found });
}
