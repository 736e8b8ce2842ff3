/**
 * How long a device stood still because nothing was asked of it: neither its flash worked nor its bus carried anything.
 * Told apart by when it was: before the first change of the flash, between changes, and after the last. Times are in ms.
 */
import type { Setup } from '@sureflash/virtual';

const DNLOAD = 1;
const ERASE = 0x41;
const DEVICE_TO_HOST = 0x80;

/** A block of data, or the command to erase (AN3156 §5.2, §5.4). */
const changesFlash = ({ request, value }: Setup, data: Uint8Array): boolean =>
  request === DNLOAD && (value >= 2 || data[0] === ERASE);

/** A transfer as the device saw it; times in clock ms. */
export interface SeenTransfer {
  readonly setup: Setup;
  readonly data: Uint8Array;
  /** When the device acted on it. */
  readonly at: number;
  readonly heldUntil: number;
  /** What its flash was busy with then. */
  readonly busyUntil: number;
  /** Before `at` for data to the device, after it for data to the host. */
  readonly busMs: number;
}

export class Waiting {
  #readyAt: number | undefined;
  /** Since the last change: whether another one follows is not known yet. */
  #sinceMs = 0;
  #changed = false;
  beforeMs = 0;
  betweenMs = 0;

  get afterMs(): number {
    return this.#changed ? this.#sinceMs : 0;
  }

  note({ setup, data, at, heldUntil, busyUntil, busMs }: SeenTransfer): void {
    const isIn = (setup.requestType & DEVICE_TO_HOST) !== 0;
    const began = isIn ? at : at - busMs;
    if (this.#readyAt !== undefined) this.#sinceMs += Math.max(0, began - this.#readyAt);
    this.#readyAt = Math.max(isIn ? at + busMs : at, heldUntil, busyUntil);
    if (!changesFlash(setup, data)) return;
    if (this.#changed) this.betweenMs += this.#sinceMs;
    else this.beforeMs += this.#sinceMs;
    this.#changed = true;
    this.#sinceMs = 0;
  }
}
