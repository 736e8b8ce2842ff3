/** ST's commands on top of the DFU 1.1 requests of one interface. It knows no chip and plans nothing. */
import { hasCode } from '../errors.ts';
import type { Clock } from '../ports/clock.ts';
import type { UsbPort } from '../ports/usb.ts';
import { COMMAND, FIRST_DATA_BLOCK, STATE, STATUS, stateName } from './codes.ts';
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
import { DfuRequests, QUICK_MS } from './requests.ts';
import type { DfuStatus } from './status.ts';

export interface SessionOptions {
  readonly clock: Clock;
  readonly quirks: QuirkFlags;
  /** Wait the advertised time before each poll instead of letting the device hold the poll until it is done. */
  readonly polite: boolean;
  /** Send nothing before the last transfer has been answered. */
  readonly unhurried?: boolean;
  /** Operations may be queued behind one another: the device refuses what comes while it is busy, and is not upset by it. */
  readonly overlaps?: boolean;
  /** The session on the same interface that this one takes the place of: what it has learnt of the device still holds. */
  readonly earlier?: DfuSession;
}

/** What a device has asked the host to wait for operations of one name (bwPollTimeout, DFU 1.1 §6.1.2). */
export interface AskedWait {
  readonly times: number;
  readonly mostMs: number;
}

/** Polls that find a busy device before it is freed by force on the way to dfuIDLE. */
const BUSY_POLLS = 3;
/** The most steps that any way back to dfuIDLE takes, the CLRSTATUS trap of ST's class included. */
const STEPS_TO_IDLE = 9;
/** Operations of one kind that must have ended at their second poll before others are queued behind them. */
const HELD_OFTEN = 3;
/** The polls that every operation takes at least (AN3156 §5.1). */
const QUEUED_POLLS = 2;
export const SET_ADDRESS = 'set address';
const UNPROTECT = 'read unprotect';

export class DfuSession {
  readonly #requests: DfuRequests;
  readonly #clock: Clock;
  readonly #quirks: QuirkFlags;
  readonly #polite: boolean;
  /** Whether requests may be queued behind one that is not answered yet. */
  readonly queues: boolean;
  readonly #overlaps: boolean;
  /** By the names of the operations. */
  readonly waits = new Map<string, AskedWait>();
  /** How often operations, by their names, have ended at the second poll. */
  readonly #held: Map<string, number>;

  constructor(port: UsbPort, { clock, quirks, polite, unhurried = false, overlaps = false, earlier }: SessionOptions) {
    this.#requests = earlier ? earlier.#requests : new DfuRequests(port, clock);
    this.#held = new Map(earlier ? earlier.#held : []);
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

  /**
   * Brings the device to dfuIDLE from any state that has a way there. CLRSTATUS is sent in dfuERROR only: ST's class
   * turns an idle device into one with an error when it gets a CLRSTATUS (stm32-mw-usb-device, USBD_DFU DFU_ClearStatus).
   * A device that the last request has left in dfuIDLE is not asked again.
   */
  async toIdle(limitMs = QUICK_MS): Promise<void> {
    const { knownState } = this.#requests;
    if (knownState === STATE.dfuIDLE) return;
    let status = await (this.#overlaps && knownState === STATE.dfuUPLOAD_IDLE
      ? this.#endReading(limitMs)
      : this.#requests.getStatus(limitMs));
    for (let step = 0; status.state !== STATE.dfuIDLE; step++) {
      if (step === STEPS_TO_IDLE) throw unexpected('return to idle', 'dfuIDLE', stateName(status.state));
      await this.#stepTowardsIdle(status, { step, limitMs });
      status = await this.#requests.getStatus(limitMs);
    }
  }

  /** Brings the device to where it takes commands: dfuIDLE, or dfuDNLOAD-IDLE behind one that has ended well. */
  async toReady(limitMs: number): Promise<void> {
    if (this.#requests.knownState !== STATE.dfuDNLOAD_IDLE) await this.toIdle(limitMs);
  }

  /** The last request was never answered: nothing that is queued behind it will be. */
  get isSilent(): boolean {
    return this.#requests.isSilent;
  }

  /**
   * A GETSTATUS queued behind the ABORT: whoever is in dfuUPLOAD-IDLE is in dfuIDLE then (DFU 1.1 §A.2.10). Where the ABORT
   * is refused, the status tells what state that was.
   */
  async #endReading(limitMs: number): Promise<DfuStatus> {
    const aborted = this.#requests.abort();
    const status = this.#requests.getStatus(limitMs);
    status.catch(() => undefined);
    try {
      await aborted;
    } catch (error) {
      if (!hasCode(error, 'usb/stall')) throw error;
    }
    return await status;
  }

  async selectAlternate(number: number): Promise<void> {
    await this.#requests.selectAlternate(number);
  }

  /** AN3156 §5.2 Get: the command bytes that the device supports; empty where it does not answer. */
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
   * One data block. A refused UPLOAD is a stall; the status behind it tells why.
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

  /** AN3156 §5.3: the base address of the data blocks that follow. */
  async setAddress(address: number): Promise<void> {
    await this.#command(COMMAND.SET_ADDRESS_POINTER, address, { name: SET_ADDRESS, address, limitMs: QUICK_MS });
  }

  /**
   * Set Address and the ABORT behind it, after which data blocks can be read from there (AN3156 §5.1). It resolves when
   * they may be asked for; `ready` when they can be answered, or not at all: it may throw.
   */
  async pointTo(address: number): Promise<{ readonly ready: Promise<void> }> {
    const set = this.setAddress(address);
    if (!this.holdsPolls(SET_ADDRESS)) await set;
    const aborted = this.#requests.abort();
    if (!this.#overlaps) await aborted;
    const ready = inTurn(set, aborted);
    ready.catch(() => undefined);
    return { ready };
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
      await this.#requests.download(0);
      const { state } = await this.#requests.getStatus();
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
      return !BUSY.has((await this.#requests.getStatus()).state);
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
    const download = this.#requests.download(block, data);
    const polls = Array.from({ length: isQueued ? QUEUED_POLLS : 0 }, () =>
      this.#requests.getStatus(Math.max(QUICK_MS, operation.limitMs)),
    );
    const queued = [...polls];
    let asked = 0;
    const getStatus = async (limitMs?: number): Promise<DfuStatus> => {
      const isFirst = asked++ === 0;
      const status = await (queued.shift() ?? this.#requests.getStatus(limitMs));
      if (isFirst) this.#noteWait(operation.name, status.pollTimeoutMs);
      return status;
    };
    // Those that nobody comes to wait for may fail unheard.
    for (const poll of polls) poll.catch(() => undefined);
    try {
      await download;
      const polling = { getStatus, clearStatus: async (): Promise<void> => await this.#requests.clearStatus() };
      const completion = await waitUntilDone(polling, operation, options);
      if (isQueued) this.#noteHeld(operation.name, completion === 'done' && asked === QUEUED_POLLS);
      return completion;
    } catch (error) {
      this.#held.delete(operation.name);
      // A device that does not answer would keep us for the limit of each.
      if (!this.#requests.isSilent) await Promise.allSettled(polls);
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

/** Ends as the first that fails in their order, whichever fails first. */
async function inTurn(...work: readonly Promise<void>[]): Promise<void> {
  for (const each of work) each.catch(() => undefined);
  for (const each of work) await each;
}

function lostTransfer(error: unknown): boolean {
  return hasCode(error, 'usb/stall') || hasCode(error, 'usb/transfer') || hasCode(error, 'usb/timeout');
}
