/** Requests and replies in packets over two bulk endpoints, several under way at once. It knows no command. */
import { FlashError } from '../errors.ts';
import { bulkEndpointsOf } from '../ports/bulk-endpoints.ts';
import type { UsbPort } from '../ports/usb.ts';

/** A transfer that the chip delays is repeated by the probe for much less. */
export const REPLY_LIMIT_MS = 3000;
export const LEAST_DAP = 'CMSIS-DAP v2 with SWD';
/** Until the probe says more: what every full-speed device takes. */
const FIRST_PACKET_BYTES = 64;

export class DapLink {
  readonly port: UsbPort;
  /** Of a request and of a reply. */
  packetBytes = FIRST_PACKET_BYTES;
  /** Requests that the probe takes before it has answered the first. */
  packetCount = 1;
  readonly #endpoints: { readonly out: number; readonly in: number };

  /** @throws FlashError `probe/firmware` for an interface without bulk endpoints */
  constructor(port: UsbPort) {
    this.port = port;
    // A third one is for trace (CMSIS-DAP 2.1, "Communicate via WinUSB").
    const { out, in: replies } = bulkEndpointsOf(port);
    if (out === undefined || replies === undefined) {
      throw new FlashError('probe/firmware', { found: 'no bulk endpoints', least: LEAST_DAP });
    }
    this.#endpoints = { out, in: replies };
  }

  /** @returns the reply. @throws FlashError `usb/*`; `probe/protocol` where it answers something else */
  async exchange(operation: string, request: Uint8Array, timeoutMs = REPLY_LIMIT_MS): Promise<Uint8Array> {
    const [reply] = await this.exchangeAll(operation, [request], timeoutMs);
    return reply ?? new Uint8Array(0);
  }

  /** Sends as many ahead as the probe takes. @returns the replies in the order of the requests */
  async exchangeAll(
    operation: string,
    requests: readonly Uint8Array[],
    timeoutMs = REPLY_LIMIT_MS,
  ): Promise<Uint8Array[]> {
    const limit = { timeoutMs };
    const replies: Uint8Array[] = [];
    let sent = 0;
    for (const [index, request] of requests.entries()) {
      for (; sent < requests.length && sent - index < this.packetCount; sent++) {
        await this.port.bulkOut(this.#endpoints.out, requests[sent] ?? request, limit);
      }
      const reply = await this.port.bulkIn(this.#endpoints.in, this.packetBytes, limit);
      if (reply[0] !== request[0]) throw otherReply(operation, request[0] ?? 0, reply[0]);
      replies.push(reply);
    }
    return replies;
  }
}

function otherReply(operation: string, command: number, found: number | undefined): FlashError<'probe/protocol'> {
  const told = found === undefined ? 'an empty reply' : `a reply to ${found.toString(16)}`;
  return new FlashError('probe/protocol', { operation, expected: `a reply to ${command.toString(16)}`, found: told });
}
