/**
 * Reads of one bulk endpoint where the platform cannot take a transfer back: a transfer that was given up stays pending, and
 * its bytes go to the next read. It knows no platform.
 */
import { hasCode } from '../errors.ts';

/** One read, and how it is carried out. */
export interface Read {
  readonly length: number;
  /** Begins a transfer of `length` bytes. */
  readonly start: () => Promise<Uint8Array>;
  /** Ends as its argument does, or earlier with a time limit or an abort. */
  readonly within: <T>(work: Promise<T>) => Promise<T>;
}

interface Transfer {
  readonly bytes: Promise<Uint8Array>;
  isSettled: boolean;
}

export class LateReads {
  #turn: Promise<void> = Promise.resolve();
  #pending: Transfer | undefined;
  /** Bytes of a transfer that was longer than the read that got it. */
  #left: Uint8Array | undefined;

  /** One read after the other. @throws the errors of `start` and `within` */
  async read(read: Read): Promise<Uint8Array> {
    const before = this.#turn;
    let end = (): void => undefined;
    this.#turn = new Promise((resolve) => {
      end = resolve;
    });
    try {
      await read.within(before);
    } catch (error) {
      void before.then(end);
      throw error;
    }
    try {
      return this.#cut(
        (await this.#late(read)) ?? (await this.#receive(beginTransfer(read.start()), read)),
        read.length,
      );
    } finally {
      end();
    }
  }

  /** @returns the bytes that an earlier read did not wait for; `undefined` if there are none and none can come */
  async #late(read: Read): Promise<Uint8Array | undefined> {
    const left = this.#left;
    this.#left = undefined;
    if (left) return left;
    if (!this.#pending) return undefined;
    const late = this.#pending;
    try {
      return await this.#receive(late, read);
    } catch (error) {
      // The platform has taken it back meanwhile, with a time limit of its own or for a reset: that says nothing of this read.
      if (late.isSettled && hasCode(error, 'usb/timeout', 'usb/transfer')) return undefined;
      throw error;
    }
  }

  async #receive(transfer: Transfer, { within }: Read): Promise<Uint8Array> {
    this.#pending = transfer;
    try {
      return await within(transfer.bytes);
    } finally {
      if (transfer.isSettled) this.#pending = undefined;
    }
  }

  #cut(bytes: Uint8Array, length: number): Uint8Array {
    if (bytes.length <= length) return bytes;
    this.#left = bytes.subarray(length);
    return bytes.slice(0, length);
  }
}

function beginTransfer(bytes: Promise<Uint8Array>): Transfer {
  const transfer: Transfer = { bytes, isSettled: false };
  const settle = (): void => {
    transfer.isSettled = true;
  };
  bytes.then(settle, settle);
  return transfer;
}
