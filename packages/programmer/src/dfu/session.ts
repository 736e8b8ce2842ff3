/** The DFU 1.1 requests of one interface and ST's commands on top of them. It knows no chip and plans nothing. */
import { hasCode } from '../errors.ts';
import type { Clock } from '../ports/clock.ts';
import type { ControlSetup, TransferOptions, UsbPort } from '../ports/usb.ts';
import { COMMAND, FIRST_DATA_BLOCK, REQUEST, STATE, STATUS, stateName } from './codes.ts';
import {
  BUSY,
  type Completion,
  type Operation,
  operationFailed,
  pauseOf,
  unexpected,
  waitUntilDone,
} from './completion.ts';
import type { QuirkFlags } from './quirk-flags.ts';
import { type DfuStatus, parseStatus, STATUS_LENGTH } from './status.ts';

export interface SessionOptions {
  readonly clock: Clock;
  readonly quirks: QuirkFlags;
  /** Wait the advertised time before each poll instead of letting the device hold the poll until it is done. */
  readonly polite: boolean;
  /** Send nothing before the last transfer has been answered. */
  readonly unhurried?: boolean;
  /** Operations may be queued behind one another: the device refuses what comes while it is busy, and is not upset by it. */
  readonly overlaps?: boolean;
}

/** What a device has asked the host to wait for operations of one name (bwPollTimeout, DFU 1.1 §6.1.2). */
export interface AskedWait {
  readonly times: number;
  readonly mostMs: number;
}

/** Requests that the device answers without touching its memory. */
const QUICK_MS = 5_000;
/** Polls that find a busy device before it is freed by force on the way to dfuIDLE. */
const BUSY_POLLS = 3;
/** The most steps that any way back to dfuIDLE takes, the CLRSTATUS trap of ST's class included. */
const STEPS_TO_IDLE = 9;
/** Operations of one kind that must have ended at their second poll before others are queued behind them. */
const HELD_OFTEN = 3;
/** The polls that every operation takes at least (AN3156 §5.1). */
const QUEUED_POLLS = 2;
const UNPROTECT = 'read unprotect';
const NOTHING = new Uint8Array(0);

export class DfuSession {
  readonly #port: UsbPort;
  readonly #clock: Clock;
  readonly #quirks: QuirkFlags;
  readonly #polite: boolean;
  /** Whether requests may be queued behind one that is not answered yet. */
  readonly queues: boolean;
  readonly #overlaps: boolean;
  /** By the names of the operations. */
  readonly waits = new Map<string, AskedWait>();
  /** What the transfers that are under way may take, in ms. */
  #aheadMs = 0;
  #isSilent = false;
  /** How often operations, by their names, have ended at the second poll. */
  readonly #held = new Map<string, number>();

  constructor(port: UsbPort, { clock, quirks, polite, unhurried = false, overlaps = false }: SessionOptions) {
    this.#port = port;
    this.#clock = clock;
    this.#quirks = quirks;
    this.#polite = polite;
    this.queues = !polite && !unhurried;
    this.#overlaps = this.queues && overlaps;
  }

  /**
   * Whether operations of this name were seen to end at their second poll, as ST's ROMs hold it until then: the next one
   * may be queued behind one that runs. One that was still busy then speaks against it; after a failure nothing is known any more.
   */
  holdsPolls(name: string): boolean {
    if (name === 'erase' && this.#quirks.staysBusyAfterErase) return false;
    return this.#overlaps && (this.#held.get(name) ?? 0) >= HELD_OFTEN;
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
      await this.#stepTowardsIdle(status, { step, limitMs });
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
      throw status.status === STATUS.OK ? error : operationFailed({ name: 'read', address }, status);
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
        if (!this.#quirks.unprotectEndsAnywhere || !hasCode(error, 'dfu/protocol')) throw error;
      }
    });
  }

  /** One data block at `pointer + (block − 2) × block size`. */
  async writeBlock(block: number, data: Uint8Array, operation: Operation): Promise<void> {
    await this.#download(block, data, operation);
  }

  /**
   * AN3156 §5.6: starts the program at the address pointer. A device that vanishes before it answers has done so.
   * @throws FlashError `dfu/protocol`, `usb/stall` when the device stays in its loader
   */
  async leave(): Promise<void> {
    await this.#mayVanish(async () => {
      await this.#out(REQUEST.DNLOAD, 0, NOTHING);
      const { state } = await this.getStatus();
      if (state === STATE.dfuMANIFEST || state === STATE.dfuMANIFEST_WAIT_RESET) return;
      throw unexpected('leave', 'dfuMANIFEST', stateName(state));
    });
  }

  /** A reset in the middle of a transfer shows as any failure of it; a device that then still answers has refused. */
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
      return !BUSY.has((await this.getStatus()).state);
    } catch {
      return false;
    }
  }

  async #command(code: number, address: number | undefined, operation: Operation): Promise<Completion> {
    const bytes = new Uint8Array(address === undefined ? 1 : 5);
    bytes[0] = code;
    if (address !== undefined) new DataView(bytes.buffer).setUint32(1, address, true);
    return await this.#download(0, bytes, operation);
  }

  /**
   * A DNLOAD and the polls that every one of them takes. Where polls go out at once they are queued behind it, so that
   * the host's own delay counts once for each operation. Behind a DNLOAD that was refused a GETSTATUS changes nothing.
   */
  async #download(block: number, data: Uint8Array, operation: Operation): Promise<Completion> {
    const options = { clock: this.#clock, quirks: this.#quirks, polite: this.#polite };
    // A device that leaves with the operation may answer its polls by leaving: they are asked one by one.
    const isQueued = this.queues && operation.name !== UNPROTECT;
    const download = this.#out(REQUEST.DNLOAD, block, data);
    const polls = Array.from({ length: isQueued ? QUEUED_POLLS : 0 }, () =>
      this.getStatus(Math.max(QUICK_MS, operation.limitMs)),
    );
    const queued = [...polls];
    let asked = 0;
    const getStatus = async (limitMs?: number): Promise<DfuStatus> => {
      const isFirst = asked++ === 0;
      const status = await (queued.shift() ?? this.getStatus(limitMs));
      if (isFirst) this.#noteWait(operation.name, status.pollTimeoutMs);
      return status;
    };
    // Those that nobody comes to wait for may fail unheard.
    for (const poll of polls) poll.catch(() => undefined);
    try {
      await download;
      const polling = { getStatus, clearStatus: async (): Promise<void> => await this.clearStatus() };
      const completion = await waitUntilDone(polling, operation, options);
      if (isQueued) this.#noteHeld(operation.name, completion === 'done' && asked === QUEUED_POLLS);
      return completion;
    } catch (error) {
      this.#held.delete(operation.name);
      // A device that does not answer would keep us for the limit of each.
      if (!this.#isSilent) await Promise.allSettled(polls);
      throw error;
    }
  }

  #noteHeld(name: string, isHeld: boolean): void {
    this.#held.set(name, isHeld ? (this.#held.get(name) ?? 0) + 1 : Number.NEGATIVE_INFINITY);
  }

  #noteWait(name: string, ms: number): void {
    const { times = 0, mostMs = 0 } = this.waits.get(name) ?? {};
    this.waits.set(name, { times: times + 1, mostMs: Math.max(mostMs, ms) });
  }

  async #stepTowardsIdle(status: DfuStatus, { step, limitMs }: { step: number; limitMs: number }): Promise<void> {
    switch (status.state) {
      case STATE.dfuDNLOAD_IDLE:
      case STATE.dfuUPLOAD_IDLE:
      case STATE.dfuDNLOAD_SYNC:
      case STATE.dfuMANIFEST_SYNC:
        return await this.abort();
      case STATE.dfuDNBUSY:
        await this.#clock.sleep(pauseOf(status, limitMs));
        return step < BUSY_POLLS ? undefined : await this.clearStatus();
      default:
        return await this.clearStatus();
    }
  }

  async #in(request: number, value: number, length: number, timeoutMs: number): Promise<Uint8Array> {
    const setup = this.#setup(request, value);
    return await this.#limited(timeoutMs, async (limit) => await this.#port.controlIn(setup, length, limit));
  }

  async #out(request: number, value: number, data: Uint8Array): Promise<void> {
    const setup = this.#setup(request, value);
    await this.#limited(QUICK_MS, async (limit) => await this.#port.controlOut(setup, data, limit));
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

/** Number of the `n`th data block. */
export const dataBlock = (n: number): number => FIRST_DATA_BLOCK + n;

function lostTransfer(error: unknown): boolean {
  return hasCode(error, 'usb/stall') || hasCode(error, 'usb/transfer') || hasCode(error, 'usb/timeout');
}
