/** ST's commands on top of the DFU 1.1 requests of one interface, as AN3156 has them. It knows no chip and plans nothing. */
import { hasCode } from '../../errors.ts';
import type { Clock } from '../../ports/clock.ts';
import type { UsbPort } from '../../ports/usb.ts';
import { COMMAND, FIRST_DATA_BLOCK, STATE, STATUS, stateName } from './codes.ts';
import { BUSY, type Completion, type DeviceOperation, operationFailed, pauseOf, unexpected } from './completion.ts';
import type { Handling } from './handling.ts';
import { Pipeline } from './pipeline.ts';
import { DfuRequests, QUICK_MS } from './requests.ts';
import type { DfuStatus } from './status.ts';

export interface SessionOptions extends Handling {
  readonly clock: Clock;
}

/** Polls that find a busy device before it is freed by force on the way to dfuIDLE. */
const BUSY_POLLS = 3;
/** No way back to dfuIDLE takes more steps than this, the CLRSTATUS trap of ST's class included. */
const STEPS_TO_IDLE = 9;
export const SET_ADDRESS = 'set address';
const UNPROTECT = 'read unprotect';

/** Every method throws the `usb/*` errors of the port. */
export class DfuSession {
  readonly #requests: DfuRequests;
  readonly #clock: Clock;
  #handling: Handling;
  /** Decides which operations may be queued, and keeps the waits that the device has asked for. */
  readonly pipeline: Pipeline;

  constructor(port: UsbPort, { clock, pace, quirks }: SessionOptions) {
    this.#requests = new DfuRequests(port, clock);
    this.#clock = clock;
    this.#handling = { pace, quirks };
    this.pipeline = new Pipeline(this.#requests, clock, () => this.#handling);
  }

  /** Replaces pace and quirks, once reading the device has told more of it than its descriptors did. */
  adopt({ pace, quirks }: Handling): void {
    this.#handling = { pace, quirks };
  }

  /** Whether the last request timed out: requests queued behind it will not be answered either. */
  get isSilent(): boolean {
    return this.#requests.isSilent;
  }

  /**
   * Brings the device to dfuIDLE from any state that has a way there. CLRSTATUS is sent in dfuERROR only: ST's class
   * turns an idle device into one with an error when it gets a CLRSTATUS (stm32-mw-usb-device, USBD_DFU DFU_ClearStatus).
   * Sends nothing if the last answer has told dfuIDLE.
   * @throws FlashError `dfu/protocol` when the device does not come to dfuIDLE
   */
  async toIdle(limitMs = QUICK_MS): Promise<void> {
    const { knownState } = this.#requests;
    if (knownState === STATE.dfuIDLE) return;
    let status = await (this.pipeline.overlaps && knownState === STATE.dfuUPLOAD_IDLE
      ? this.pipeline.abortAndGetStatus(limitMs)
      : this.#requests.getStatus(limitMs));
    for (let step = 0; status.state !== STATE.dfuIDLE; step++) {
      if (step === STEPS_TO_IDLE) throw unexpected('return to idle', 'dfuIDLE', stateName(status.state));
      await this.#stepTowardsIdle(status, { step, limitMs });
      status = await this.#requests.getStatus(limitMs);
    }
  }

  /** Brings the device to a state that takes commands: dfuIDLE, or the dfuDNLOAD-IDLE of a command that has just ended well. */
  async toReady(limitMs: number): Promise<void> {
    if (this.#requests.knownState !== STATE.dfuDNLOAD_IDLE) await this.toIdle(limitMs);
  }

  async selectAlternate(number: number): Promise<void> {
    await this.#requests.selectAlternate(number);
  }

  /** AN3156 §5.2 Get: the command bytes that the device supports; empty if it does not answer. */
  async readCommands(): Promise<Uint8Array> {
    try {
      return await this.#requests.upload(0, 64);
    } catch (error) {
      if (!hasCode(error, 'usb/stall')) throw error;
      return new Uint8Array(0);
    } finally {
      await this.toIdle();
    }
  }

  /**
   * Reads one data block. A device refuses an UPLOAD with a stall; the status behind it tells why.
   * @throws FlashError `dfu/status`, or `usb/stall` where the device gives no reason
   */
  async readBlock(block: number, length: number, address: number): Promise<Uint8Array> {
    try {
      return await this.#requests.upload(block, length);
    } catch (error) {
      if (!hasCode(error, 'usb/stall')) throw error;
      const status = await this.#requests.getStatus();
      throw status.status === STATUS.OK ? error : operationFailed({ name: 'read', address }, status);
    }
  }

  /** AN3156 §5.3: sets the base address of the data blocks that follow. */
  async setAddress(address: number): Promise<void> {
    await this.#command(COMMAND.SET_ADDRESS_POINTER, address, { name: SET_ADDRESS, address, limitMs: QUICK_MS });
  }

  /**
   * Set Address and the ABORT behind it, after which data blocks can be read from there (AN3156 §5.1). Resolves when they
   * may be asked for. `ready` resolves when the device can answer them; it rejects when it cannot.
   */
  async pointTo(address: number): Promise<{ readonly ready: Promise<void> }> {
    return await this.pipeline.abortBehind(this.setAddress(address), SET_ADDRESS);
  }

  /** AN3156 §5.4 with an address: erases the page that holds it. */
  async erase(address: number, times: { limitMs: number; typicalMs?: number }): Promise<Completion> {
    return await this.#command(COMMAND.ERASE, address, { name: 'erase', address, ...times });
  }

  /** AN3156 §5.4 without an address: erases everything. */
  async massErase(limitMs: number): Promise<void> {
    await this.#command(COMMAND.ERASE, undefined, { name: 'mass erase', limitMs });
  }

  /**
   * AN3156 §5.5. The device erases everything and resets: it usually vanishes before it can answer.
   * @throws FlashError when the device refuses and is still there
   */
  async readUnprotect(limitMs: number): Promise<void> {
    const operation = { name: UNPROTECT, limitMs };
    await this.#mayVanish(async () => {
      try {
        await this.#command(COMMAND.READ_UNPROTECT, undefined, operation);
      } catch (error) {
        if (!this.#handling.quirks.unprotectEndsAnywhere || !hasCode(error, 'dfu/protocol')) throw error;
      }
    });
  }

  /** Writes one data block at `pointer + (block − 2) × block size`. */
  async writeBlock(block: number, data: Uint8Array, operation: DeviceOperation): Promise<void> {
    await this.pipeline.download({ block, data, operation });
  }

  /**
   * AN3156 §5.6: starts the program at the address pointer. A device that vanishes before it answers has started it.
   * @throws FlashError `dfu/protocol`, `usb/stall` when the device stays in its loader
   */
  async leave(): Promise<void> {
    await this.#mayVanish(async () => {
      await this.#requests.download(0);
      const { state } = await this.#requests.getStatus();
      if (state === STATE.dfuMANIFEST || state === STATE.dfuMANIFEST_WAIT_RESET) return;
      throw unexpected('leave', 'dfuMANIFEST', stateName(state));
    });
  }

  /** A reset during a transfer can look like any failure of it; if the device still answers afterwards, it has refused. */
  async #mayVanish(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (hasCode(error, 'usb/gone')) return;
      if (!lostTransfer(error) || (await this.#answers())) throw error;
    }
  }

  async #answers(): Promise<boolean> {
    try {
      return !BUSY.has((await this.#requests.getStatus()).state);
    } catch {
      return false;
    }
  }

  async #command(code: number, address: number | undefined, operation: DeviceOperation): Promise<Completion> {
    const data = new Uint8Array(address === undefined ? 1 : 5);
    data[0] = code;
    if (address !== undefined) new DataView(data.buffer).setUint32(1, address, true);
    return await this.pipeline.download({ block: 0, data, operation, mayVanish: code === COMMAND.READ_UNPROTECT });
  }

  async #stepTowardsIdle(status: DfuStatus, { step, limitMs }: { step: number; limitMs: number }): Promise<void> {
    switch (status.state) {
      case STATE.dfuDNLOAD_IDLE:
      case STATE.dfuUPLOAD_IDLE:
      case STATE.dfuDNLOAD_SYNC:
      case STATE.dfuMANIFEST_SYNC:
        return await this.#requests.abort();
      case STATE.dfuDNBUSY:
        await this.#clock.sleep(pauseOf(status, limitMs));
        return step < BUSY_POLLS ? undefined : await this.#requests.clearStatus();
      default:
        return await this.#requests.clearStatus();
    }
  }
}

/** Number of the `n`th data block. */
export const dataBlock = (n: number): number => FIRST_DATA_BLOCK + n;

function lostTransfer(error: unknown): boolean {
  return hasCode(error, 'usb/stall') || hasCode(error, 'usb/transfer') || hasCode(error, 'usb/timeout');
}
