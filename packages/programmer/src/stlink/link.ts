/** Commands and replies over two bulk endpoints. It knows their lengths and limits, and no command. */
import { FlashError } from '../errors.ts';
import { bulkEndpointsOf } from '../ports/bulk-endpoints.ts';
import type { UsbPort } from '../ports/usb.ts';
import { COMMAND_BYTES } from './commands.ts';

export interface Exchange {
  /** For errors, in words: `read memory`. */
  readonly name: string;
  readonly bytes: readonly number[];
  /** Sent after the command. */
  readonly data?: Uint8Array | undefined;
  /** Bytes of the reply; 0 where there is none. */
  readonly reply: number;
}

/** The longest command enters SWD with a chip that does not answer. */
export const COMMAND_LIMIT_MS = 3000;
/** Places of V2-1 and V3, for descriptors that cannot be read. */
const USUAL = { out: 0x01, in: 0x81 } as const;
/** A reply of the firmware to what it does not know: status and a zero. */
export const SHORT_REPLY = 2;

export class StlinkLink {
  readonly port: UsbPort;
  readonly #endpoints: { readonly out: number; readonly in: number };

  constructor(port: UsbPort) {
    this.port = port;
    // Those that follow the first ones are for trace (SWO).
    this.#endpoints = { ...USUAL, ...bulkEndpointsOf(port) };
  }

  /**
   * @returns the reply: as long as was asked for, or `SHORT_REPLY`
   * @throws FlashError `usb/*`; `probe/protocol` for a reply of another length: both sides are out of step then
   */
  async exchange({ name, bytes, data, reply }: Exchange): Promise<Uint8Array> {
    const command = new Uint8Array(COMMAND_BYTES);
    command.set(bytes);
    const limit = { timeoutMs: COMMAND_LIMIT_MS };
    await this.port.bulkOut(this.#endpoints.out, command, limit);
    if (data) await this.port.bulkOut(this.#endpoints.out, data, limit);
    if (reply === 0) return new Uint8Array(0);
    // The firmware sends two bytes where one is meant, and more than was asked for is an error of USB.
    const found = await this.port.bulkIn(this.#endpoints.in, Math.max(reply, SHORT_REPLY), limit);
    if (found.length >= reply || found.length === SHORT_REPLY) return found.subarray(0, Math.max(reply, SHORT_REPLY));
    throw outOfStep(name, reply, found.length);
  }
}

export function outOfStep(operation: string, expected: number, found: number): FlashError<'probe/protocol'> {
  return new FlashError('probe/protocol', { operation, expected: `${expected} bytes`, found: `${found} bytes` });
}
