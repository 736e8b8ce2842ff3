/** What a fault is: one way in which a link, a loader, flash cells or a supply fails, as a row that says when and how. */

import type { Board } from '../board.ts';
import type { Reply, Setup } from '../usb/model.ts';

/** A control transfer as it reaches the device. */
export interface Request {
  readonly setup: Setup;
  /** What the host sends; empty for device-to-host. */
  readonly data: Uint8Array;
}

/** A transfer of a run, with what came of it. */
export interface Transfer extends Request {
  /** Counted from 0 at the first class request. */
  readonly index: number;
  readonly reply: Reply;
  /** The flash operation that the device began with it. */
  readonly begins?: 'erase' | 'program';
  /** How long the device is busy after it, in ms. */
  readonly busyMs: number;
}

/** What a fault works with. */
export interface FaultBench {
  readonly board: Board;
  /** The block that a DNLOAD has brought and that no GETSTATUS has started yet. */
  readonly pending: Request | undefined;
  /** The answer that the device gave to the request of this number before this one. */
  lastAnswer(request: number): Reply | undefined;
  /** Clock time in ms. */
  now(): number;
  /** Numbers in [0, 1), the same for the same seed. */
  random(): number;
  /** Does `action` after `ms`, unless the fault was healed by then. */
  later(ms: number, action: () => void): void;
  /** Hands a request to the device; it takes effect at once. */
  deliver(request: Request): Reply;
  /** Time in ms that the device will be busy from now. */
  busyMs(): number;
}

/** Stands between host and device for one transfer. @returns what the host gets */
export type Disturbance = (request: Request, bench: FaultBench) => Reply;

/** `link`: cable, hub, host. `loader`: its program. `flash`: the cells. `power`: plug, supply, reset. */
export type FaultArea = 'link' | 'loader' | 'flash' | 'power';

export interface FaultKind {
  /** Unique, kebab-case. */
  readonly name: string;
  readonly area: FaultArea;
  /** One sentence. */
  readonly title: string;
  /**
   * `once`: the one transfer is disturbed. `healing`: all from there on until `heal()`. `power`: the same, and nothing but
   * taking the power away would end it.
   */
  readonly lasts: 'once' | 'healing' | 'power';
  /** Whether a transfer of an undisturbed run can be hit by it. */
  applies(transfer: Transfer): boolean;
  /** A fresh one for each run: it may keep what it has seen. */
  begin(): Disturbance;
}

/** One fault of one run. */
export interface Fault {
  readonly kind: FaultKind;
  /** Index of the first transfer that is disturbed. */
  readonly at: number;
  /** Decides all that the kind leaves to chance. */
  readonly seed: number;
}

/** For a fault that may fall on any transfer. */
export const anyTransfer = (): boolean => true;
