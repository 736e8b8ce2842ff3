/**
 * Which requests may be queued behind one that is not answered yet, so that the device does not wait for the host. It
 * learns that from the device and knows no command.
 */
import { hasCode } from '../../errors.ts';
import type { Clock } from '../../ports/clock.ts';
import type { AskedWait } from '../../target/target.ts';
import { type Completion, type DeviceOperation, waitUntilDone } from './completion.ts';
import { failureOf } from './failure.ts';
import type { Handling } from './handling.ts';
import { type DfuRequests, QUICK_MS } from './requests.ts';
import type { DfuStatus } from './status.ts';

/** A DNLOAD and the operation that it makes the device carry out. */
export interface Download {
  readonly block: number;
  readonly data: Uint8Array;
  readonly operation: DeviceOperation;
  /** The device may leave the bus with the operation and its answer to a poll: it is polled only once the DNLOAD is answered. */
  readonly mayVanish?: boolean;
}

/** Operations of one name that must have ended at their second poll before another is queued behind one of them. */
const HELD_OFTEN = 3;
/** Every operation takes at least two polls (AN3156 §5.1). */
const QUEUED_POLLS = 2;

export class Pipeline {
  readonly #requests: DfuRequests;
  readonly #clock: Clock;
  readonly #handling: () => Handling;
  /** By the names of the operations. */
  readonly waits = new Map<string, AskedWait>();
  /** How often operations have ended at the second poll, by their names. */
  readonly #held = new Map<string, number>();

  constructor(requests: DfuRequests, clock: Clock, handling: () => Handling) {
    this.#requests = requests;
    this.#clock = clock;
    this.#handling = handling;
  }

  /** Whether the polls of an operation may be queued behind its DNLOAD, and one UPLOAD behind another. */
  get queues(): boolean {
    const { pace } = this.#handling();
    return pace === 'queued' || pace === 'overlapping';
  }

  /** Whether an operation may be queued behind one that runs, once the device has shown that it holds polls. */
  get overlaps(): boolean {
    return this.#handling().pace === 'overlapping';
  }

  /**
   * Whether another operation may be queued behind a running one of this name. The device must have held the second poll of
   * such operations until they ended, as ST's ROMs do. One that was still busy at its second poll forbids it from then on;
   * a failure starts the count again.
   */
  mayFollow(name: string): boolean {
    const { quirks } = this.#handling();
    if (name === 'erase' && quirks.staysBusyAfterErase) return false;
    return this.overlaps && (this.#held.get(name) ?? 0) >= HELD_OFTEN;
  }

  /** Sends the ABORT that follows a Set Address. @returns `ready` as `DfuSession.pointTo` does */
  async abortBehind(set: Promise<void>, name: string): Promise<{ readonly ready: Promise<void> }> {
    if (!this.mayFollow(name)) await set;
    const aborted = this.#requests.abort();
    if (!this.overlaps) await aborted;
    const ready = firstFailureInOrder(set, aborted);
    ready.catch(() => undefined);
    return { ready };
  }

  /**
   * Queues a GETSTATUS behind an ABORT, which leads from dfuUPLOAD-IDLE to dfuIDLE (DFU 1.1 §A.2.10). If the device refuses
   * the ABORT, the status still tells its state.
   */
  async abortAndGetStatus(limitMs: number): Promise<DfuStatus> {
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

  /**
   * Sends a DNLOAD and waits for its operation. Where the pace allows it, the two polls that every operation takes are queued
   * behind the DNLOAD, so that the delay of the host counts once per operation. Behind a refused DNLOAD a GETSTATUS changes
   * nothing.
   * @throws FlashError as `waitUntilDone`
   */
  async download({ block, data, operation, mayVanish = false }: Download): Promise<Completion> {
    const isQueued = this.queues && !mayVanish;
    const download = this.#requests.download(block, data);
    const polls: Promise<DfuStatus>[] = [];
    while (isQueued && polls.length < QUEUED_POLLS) {
      const poll = this.#requests.getStatus(Math.max(QUICK_MS, operation.limitMs));
      // One that nobody waits for may fail unheard.
      poll.catch(() => undefined);
      polls.push(poll);
    }
    let asked = 0;
    const getStatus = async (limitMs?: number): Promise<DfuStatus> => {
      const isFirst = asked === 0;
      const status = await (polls[asked++] ?? this.#requests.getStatus(limitMs));
      if (isFirst) this.#noteWait(operation.name, status.pollTimeoutMs);
      return status;
    };
    try {
      await download;
      const polling = { getStatus, clearStatus: () => this.#requests.clearStatus() };
      const completion = await waitUntilDone(polling, operation, {
        clock: this.#clock,
        ...this.#handling(),
        failed: (...ended) => failureOf(this.#requests, ...ended),
      });
      if (isQueued) this.#noteHeld(operation.name, completion === 'done' && asked === QUEUED_POLLS);
      return completion;
    } catch (error) {
      this.#held.delete(operation.name);
      // A silent device would cost the time limit of each poll.
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
}

/** Waits for all in their order. @throws the failure of the first in that order, whichever fails first */
async function firstFailureInOrder(...work: readonly Promise<void>[]): Promise<void> {
  for (const each of work) each.catch(() => undefined);
  for (const each of work) await each;
}
