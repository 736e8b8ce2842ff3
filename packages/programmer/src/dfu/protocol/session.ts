/** ST's commands on top of the DFU 1.1 requests of one interface, as AN3156 has them. It knows no chip and plans nothing. */
import { hasCode } from '../../errors.ts';
import type { Clock } from '../../ports/clock.ts';
import type { UsbPort } from '../../ports/usb.ts';
import { COMMAND, FIRST_DATA_BLOCK, STATE, STATUS, stateName } from './codes.ts';
import { BUSY, type Completion, type DeviceOperation, unexpected } from './completion.ts';
import { failureOf } from './failure.ts';
import type { Handling } from './handling.ts';
import { Pipeline } from './pipeline.ts';
import { DfuRequests, QUICK_MS } from './requests.ts';
import { WayToIdle } from './way-to-idle.ts';

export interface SessionOptions extends Handling {
  readonly clock: Clock;
}

/** Of Get Commands, which loaders that are not ST's need not know. */
const COMMANDS_MS = 300;
const MOST_COMMANDS = 64;
/** A list that is longer holds something else: AN3156 §5.2 knows four commands. */
const LONGEST_LIST = 16;
const COMMANDS_OF_ALL = [COMMAND.SET_ADDRESS_POINTER, COMMAND.ERASE] as const;
export const SET_ADDRESS = 'set address';
const UNPROTECT = 'read unprotect';

export interface ReadPlace {
  readonly address: number;
  readonly checked: boolean;
}

/** Every method throws the `usb/*` errors of the port. */
export class DfuSession {
  readonly #requests: DfuRequests;
  readonly #idle: WayToIdle;
  #handling: Handling;
  /** Decides which operations may be queued, and keeps the waits that the device has asked for. */
  readonly pipeline: Pipeline;

  constructor(port: UsbPort, { clock, pace, quirks }: SessionOptions) {
    this.#requests = new DfuRequests(port, clock);
    this.#handling = { pace, quirks };
    this.pipeline = new Pipeline(this.#requests, clock, () => this.#handling);
    const { pipeline } = this;
    this.#idle = new WayToIdle(this.#requests, { clock, pipeline, handling: () => this.#handling });
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
   * Brings the device to dfuIDLE from any state that has a way there. Sends nothing if the last answer has told dfuIDLE.
   * @throws FlashError `dfu/protocol` when the device does not come to dfuIDLE
   */
  async toIdle(limitMs = QUICK_MS): Promise<void> {
    await this.#idle.reach(limitMs);
  }

  /** Whether the device still answers what has nothing to do with its memory. */
  async answers(): Promise<boolean> {
    return await this.#idle.answers();
  }

  /** Brings the device to a state that takes commands: dfuIDLE, or the dfuDNLOAD-IDLE of a command that has just ended well. */
  async toReady(limitMs: number): Promise<void> {
    if (this.#requests.knownState !== STATE.dfuDNLOAD_IDLE) await this.toIdle(limitMs);
  }

  async selectAlternate(number: number): Promise<void> {
    await this.#idle.selectAlternate(number);
  }

  /**
   * AN3156 §5.2 Get: the command bytes that the device supports. Loaders that are not ST's may never answer it, or answer
   * with what is left in their buffer.
   * @returns nothing where it does not tell them
   */
  async readCommands(): Promise<Uint8Array> {
    try {
      const bytes = await this.#requests.upload(0, MOST_COMMANDS, COMMANDS_MS);
      const isList = bytes.length <= LONGEST_LIST && COMMANDS_OF_ALL.every((command) => bytes.includes(command));
      return isList ? bytes : new Uint8Array(0);
    } catch (error) {
      if (!hasCode(error, 'usb/stall', 'usb/timeout')) throw error;
      return new Uint8Array(0);
    } finally {
      await this.toIdle();
    }
  }

  /**
   * Reads one data block. A device refuses an UPLOAD with a stall, and the status behind it tells why; some give old bytes
   * instead, and say so in the status alone.
   * @param checked asks for the status behind the block, whatever it gives
   * @throws FlashError `dfu/status`, or `usb/stall` where the device gives no reason
   */
  async readBlock(block: number, length: number, { address, checked }: ReadPlace): Promise<Uint8Array> {
    const operation = { name: 'read', address };
    const upload = this.#requests.upload(block, length);
    const behind = checked && this.pipeline.queues ? this.#requests.getStatus() : undefined;
    behind?.catch(() => undefined);
    try {
      const bytes = await upload;
      if (!checked) return bytes;
      const status = await (behind ?? this.#requests.getStatus());
      if (status.status !== STATUS.OK) throw await failureOf(this.#requests, operation, status);
      return bytes;
    } catch (error) {
      if (!hasCode(error, 'usb/stall')) throw error;
      const status = await (behind ?? this.#requests.getStatus()).catch(() => undefined);
      throw status && status.status !== STATUS.OK ? await failureOf(this.#requests, operation, status) : error;
    }
  }

  /**
   * Whether the device takes a DNLOAD of this length. The block is withdrawn before it is worked on, which begins with the
   * status (DFU 1.1 §A.2.4); it holds nothing but ones for loaders that work at once. Leaves the device in dfuIDLE.
   */
  async takesBlock(length: number): Promise<boolean> {
    try {
      await this.#requests.download(dataBlock(0), new Uint8Array(length).fill(0xff));
      await this.#requests.abort();
      return true;
    } catch (error) {
      if (!hasCode(error, 'usb/stall')) throw error;
      return false;
    } finally {
      await this.toIdle();
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
      if (state === STATE.dfuMANIFEST) return;
      // It starts its program at the bus reset that the host owes it (DFU 1.1 §A.2.9).
      if (state === STATE.dfuMANIFEST_WAIT_RESET) return await this.#requests.reset();
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
}

/** Number of the `n`th data block. */
export const dataBlock = (n: number): number => FIRST_DATA_BLOCK + n;

function lostTransfer(error: unknown): boolean {
  return hasCode(error, 'usb/stall') || hasCode(error, 'usb/transfer') || hasCode(error, 'usb/timeout');
}
