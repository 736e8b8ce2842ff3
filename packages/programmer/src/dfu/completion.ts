/** How a DfuSe operation ends: polls that wait for it, and what its last status means. */
import { FlashError, hasCode } from '../errors.ts';
import type { Clock } from '../ports/clock.ts';
import { STATE, STATUS, stateName, statusName } from './codes.ts';
import type { QuirkFlags } from './quirk-flags.ts';
import type { DfuStatus } from './status.ts';

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

export interface WaitOptions {
  readonly clock: Clock;
  readonly quirks: QuirkFlags;
  /** Wait the advertised time before each poll. */
  readonly polite: boolean;
}

/** The two requests that waiting takes. */
export interface Polls {
  getStatus(timeoutMs?: number): Promise<DfuStatus>;
  clearStatus(): Promise<void>;
}

export const BUSY: ReadonlySet<number> = new Set([STATE.dfuDNBUSY, STATE.dfuDNLOAD_SYNC]);

/** The least time that a poll itself gets. */
const POLL_MS = 5_000;
/** A device that is asked again and again gets at least this pause when it advertises none. */
const SHORTEST_PAUSE_MS = 1;

/**
 * Every operation runs at the first GETSTATUS (AN3156 §5.1); the reply to the second tells how it went. Devices hold
 * the poll until the operation has ended, so that asking at once costs nothing; those that do not are asked again
 * after the time that they advertise, up to the limit of the operation.
 * @throws FlashError `dfu/status`, `dfu/protocol`, `dfu/stuck`, `usb/*`
 */
export async function waitUntilDone(polls: Polls, operation: Operation, options: WaitOptions): Promise<Completion> {
  const { clock, quirks, polite } = options;
  const { limitMs, typicalMs = limitMs } = operation;
  const startedAt = clock.now();
  const elapsed = (): number => clock.now() - startedAt;
  const left = (): number => Math.max(SHORTEST_PAUSE_MS, limitMs - elapsed());
  const freeable = quirks.staysBusyAfterErase && operation.name === 'erase';
  const giveUpAfterMs = freeable ? typicalMs : limitMs;
  let status = await polls.getStatus(Math.max(POLL_MS, left()));
  for (let poll = 0; BUSY.has(status.state); poll++) {
    if (poll > 0 && elapsed() >= giveUpAfterMs) {
      await free(polls);
      if (freeable) return 'freed';
      throw new FlashError('dfu/stuck', { operation: operation.name, afterMs: limitMs, ...placeOf(operation) });
    }
    const pauseMs = pauseOf(status, left());
    if (polite || poll > 0) await clock.sleep(pauseMs);
    status = await pollAgain(polls, { pauseMs, leftMs: left() }, options);
  }
  if (status.state === STATE.dfuDNLOAD_IDLE) return 'done';
  throw operationFailed(operation, status);
}

/** What the device advertises, within reason: its 24 bits reach to 4.6 hours. */
export function pauseOf({ pollTimeoutMs }: DfuStatus, mostMs: number): number {
  return Math.min(Math.max(pollTimeoutMs, SHORTEST_PAUSE_MS), mostMs);
}

/** A poll after the first. Devices that stall it while they are busy are asked again after ever longer pauses. */
async function pollAgain(
  polls: Polls,
  { pauseMs, leftMs }: { pauseMs: number; leftMs: number },
  { clock, quirks }: WaitOptions,
): Promise<DfuStatus> {
  const deadline = clock.now() + leftMs;
  for (let pause = pauseMs; ; pause *= 2) {
    const remaining = deadline - clock.now();
    try {
      return await polls.getStatus(Math.max(POLL_MS, remaining));
    } catch (error) {
      if (!hasCode(error, 'usb/stall') || !quirks.stallsEarlyPoll || remaining <= 0) throw error;
      await clock.sleep(Math.min(pause, remaining));
    }
  }
}

/** The CLRSTATUS pair (first: dfuERROR/errUNKNOWN, second: dfuIDLE) that ends an endless dfuDNBUSY. */
async function free(polls: Polls): Promise<void> {
  await polls.clearStatus();
  const { state } = await polls.getStatus();
  if (state === STATE.dfuERROR) await polls.clearStatus();
}

/** The error of an operation that ended in this status. */
export function operationFailed(operation: Pick<Operation, 'name' | 'address'>, found: DfuStatus): FlashError {
  const { name } = operation;
  if (found.state !== STATE.dfuERROR && found.status === STATUS.OK) {
    return unexpected(name, 'dfuDNLOAD-IDLE', stateName(found.state));
  }
  const facts = { operation: name, status: statusName(found.status), state: stateName(found.state) };
  return new FlashError('dfu/status', { ...facts, ...placeOf(operation) });
}

export function unexpected(operation: string, expected: string, found: string): FlashError<'dfu/protocol'> {
  return new FlashError('dfu/protocol', { operation, expected, found });
}

function placeOf({ address }: Pick<Operation, 'address'>): { address?: number } {
  return address === undefined ? {} : { address };
}
