/** How a DfuSe operation ends: the polls that wait for it, and the meaning of its last status. It queues nothing. */
import { FlashError, hasCode } from '../../errors.ts';
import type { Clock } from '../../ports/clock.ts';
import { STATE, STATUS, stateName, statusName } from './codes.ts';
import type { Handling } from './handling.ts';
import { QUICK_MS } from './requests.ts';
import type { DfuStatus } from './status.ts';

/** One operation of the device and its time limits. */
export interface DeviceOperation {
  readonly name: string;
  readonly address?: number;
  /** Longest time in ms that the device may be busy with it. */
  readonly limitMs: number;
  /** Usual time in ms, where the chip is known. */
  readonly typicalMs?: number;
}

/** `freed`: the device stayed busy and was freed by force; only a read can tell whether the operation was done. */
export type Completion = 'done' | 'freed';

export interface WaitOptions extends Handling {
  readonly clock: Clock;
  /** The error of an operation that did not end in dfuDNLOAD-IDLE. */
  readonly failed: (operation: DeviceOperation, status: DfuStatus) => Promise<FlashError>;
}

/** The two requests that waiting needs. */
export interface Polls {
  getStatus(timeoutMs?: number): Promise<DfuStatus>;
  clearStatus(): Promise<void>;
}

export const BUSY: ReadonlySet<number> = new Set([STATE.dfuDNBUSY, STATE.dfuDNLOAD_SYNC]);

/** Least pause in ms between two polls, for a device that advertises none. */
const SHORTEST_PAUSE_MS = 1;
/** First pause in ms for a device that advertises more than its operation may take: it then doubles. */
const UNBELIEVED_PAUSE_MS = 64;
/** A device that stays busy for longer than it advertised is asked again after this share of the time that has passed. */
const SHARE_OF_ELAPSED = 1 / 32;

/**
 * Waits for an operation that a DNLOAD has handed over. The first GETSTATUS starts it (AN3156 §5.1); the reply to the
 * second tells how it went. ST's loaders hold that poll until the operation has ended, so asking at once costs nothing. A
 * device that answers "busy" instead is asked again after the time that it advertises, up to the limit of the operation.
 * @throws FlashError `dfu/status`, `dfu/protocol`, `dfu/stuck`, `usb/*`
 */
export async function waitUntilDone(
  polls: Polls,
  operation: DeviceOperation,
  options: WaitOptions,
): Promise<Completion> {
  const { clock, quirks, pace } = options;
  const { limitMs, typicalMs = limitMs } = operation;
  const startedAt = clock.now();
  const elapsed = (): number => clock.now() - startedAt;
  const left = (): number => Math.max(SHORTEST_PAUSE_MS, limitMs - elapsed());
  const freeable = quirks.staysBusyAfterErase && operation.name === 'erase';
  const giveUpAfterMs = freeable ? typicalMs : limitMs;
  let status = await polls.getStatus(Math.max(QUICK_MS, left()));
  for (let poll = 0; BUSY.has(status.state); poll++) {
    if (poll > 0 && elapsed() >= giveUpAfterMs) {
      await free(polls);
      if (freeable) return 'freed';
      throw new FlashError('dfu/stuck', { operation: operation.name, afterMs: limitMs, ...placeOf(operation) });
    }
    const asked = believedPause(status, { poll, limitMs, elapsedMs: elapsed() });
    const pauseMs = pauseOf(asked, freeable ? Math.max(SHORTEST_PAUSE_MS, giveUpAfterMs - elapsed()) : left());
    if (pace === 'polite' || poll > 0) await clock.sleep(pauseMs);
    status = await pollAgain(polls, { pauseMs, leftMs: left() }, options);
  }
  if (status.state === STATE.dfuDNLOAD_IDLE) return 'done';
  throw await options.failed(operation, status);
}

/**
 * A device that wants more time than its operation may take would cost the whole limit each time: it is asked earlier. One
 * that advertises too little is asked less and less often, so that a busy device does not make a busy host.
 */
function believedPause(
  { pollTimeoutMs }: DfuStatus,
  { poll, limitMs, elapsedMs }: { poll: number; limitMs: number; elapsedMs: number },
): Pick<DfuStatus, 'pollTimeoutMs'> {
  if (pollTimeoutMs > limitMs) return { pollTimeoutMs: UNBELIEVED_PAUSE_MS * 2 ** Math.min(poll, 20) };
  return { pollTimeoutMs: poll === 0 ? pollTimeoutMs : Math.max(pollTimeoutMs, elapsedMs * SHARE_OF_ELAPSED) };
}

/** The pause in ms that the device advertises, at most `mostMs`: its 24 bits reach to 4.6 hours. */
export function pauseOf({ pollTimeoutMs }: Pick<DfuStatus, 'pollTimeoutMs'>, mostMs: number): number {
  return Math.min(Math.max(pollTimeoutMs, SHORTEST_PAUSE_MS), mostMs);
}

/** A poll after the first. A device that stalls it while it is busy is asked again after ever longer pauses. */
async function pollAgain(
  polls: Polls,
  { pauseMs, leftMs }: { pauseMs: number; leftMs: number },
  { clock, quirks }: WaitOptions,
): Promise<DfuStatus> {
  const deadline = clock.now() + leftMs;
  for (let pause = pauseMs; ; pause *= 2) {
    const remaining = deadline - clock.now();
    try {
      return await polls.getStatus(Math.max(QUICK_MS, remaining));
    } catch (error) {
      if (!hasCode(error, 'usb/stall') || !quirks.stallsEarlyPoll || remaining <= 0) throw error;
      await clock.sleep(Math.min(pause, remaining));
    }
  }
}

/** Ends an endless dfuDNBUSY: the first CLRSTATUS leads to dfuERROR/errUNKNOWN, the second to dfuIDLE. */
async function free(polls: Polls): Promise<void> {
  await polls.clearStatus();
  const { state } = await polls.getStatus();
  if (state === STATE.dfuERROR) await polls.clearStatus();
}

/** @returns the error of an operation that ended in this status: `dfu/status`, or `dfu/protocol` for a wrong state */
export function operationFailed(
  operation: Pick<DeviceOperation, 'name' | 'address'>,
  found: DfuStatus,
  words?: string,
): FlashError {
  const { name } = operation;
  if (found.state !== STATE.dfuERROR && found.status === STATUS.OK) {
    return unexpected(name, 'dfuDNLOAD-IDLE', stateName(found.state));
  }
  const facts = { operation: name, status: statusName(found.status), state: stateName(found.state) };
  return new FlashError('dfu/status', { ...facts, ...placeOf(operation), ...(words !== undefined && { words }) });
}

export function unexpected(operation: string, expected: string, found: string): FlashError<'dfu/protocol'> {
  return new FlashError('dfu/protocol', { operation, expected, found });
}

function placeOf({ address }: Pick<DeviceOperation, 'address'>): { address?: number } {
  return address === undefined ? {} : { address };
}
