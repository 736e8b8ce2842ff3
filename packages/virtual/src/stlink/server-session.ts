/**
 * One client of ST's stlink-server, which shares probes over TCP: its frames and what they ask for, as OpenOCD speaks them.
 * All numbers are little-endian. It knows nothing of sockets; bytes may arrive in pieces.
 */

import type { Clock } from '../clock.ts';
import { bytesOfWords } from './answers.ts';
import type { VirtualStLink } from './create.ts';

export interface StLinkServerOptions {
  readonly probes: readonly {
    readonly probe: VirtualStLink['probe'];
    readonly connector: Pick<VirtualStLink['connector'], 'serial' | 'device'>;
  }[];
  readonly clock: Clock;
  readonly send: (bytes: Uint8Array) => void;
  /** Called once, when the client has broken the protocol: with what it sent. */
  readonly onBroken: (why: string) => void;
  /** Version of the server's interface. From 3 on OpenOCD sends batches (F2 51); absent, 3. */
  readonly api?: number;
}

const REQUEST = { REFRESH: 0, COUNT: 1, INFO: 2, OPEN: 3, CLOSE: 4, TRANSFER: 5, VERSION: 6 } as const;
/** Bytes of each request; those of data of a transfer come on top. */
const REQUEST_BYTES: Readonly<Record<number, number>> = { 0: 2, 1: 1, 2: 8, 3: 8, 4: 8, 5: 32, 6: 4 };
/** OpenOCD's names of the server's results. */
const RESULT = { OK: 1, TIMEOUT: 0x1001, BAD_PARAMETER: 0x1002, OPEN_ERROR: 0x1003 } as const;
const DIRECTION = { WRITE: 0, READ: 1 } as const;
const COMMAND_AT = 8;
const DIRECTION_AT = 24;
const SIZE_AT = 28;
/** No block is longer (`F2 08` counts in 16 bits). */
const LONGEST_DATA = 0x1_0000;
const INFO_BYTES = 41;
const SERIAL_BYTES = 32;

export class StLinkServerSession {
  readonly #options: StLinkServerOptions;
  #received = new Uint8Array();
  #queue: Promise<void> = Promise.resolve();
  #broken = false;

  constructor(options: StLinkServerOptions) {
    this.#options = options;
  }

  /** Takes what has arrived. Resolves when everything whole in it has been answered. */
  async receive(bytes: Uint8Array): Promise<void> {
    const all = new Uint8Array(this.#received.length + bytes.length);
    all.set(this.#received);
    all.set(bytes, this.#received.length);
    let rest = all;
    for (let length = this.#frameBytes(rest); length !== undefined; length = this.#frameBytes(rest)) {
      const frame = rest.subarray(0, length);
      rest = rest.subarray(length);
      this.#queue = this.#queue.then(() => this.#answer(frame));
    }
    this.#received = rest.slice();
    await this.#queue;
  }

  /** @returns how many bytes the frame at the start has; undefined while it is not whole */
  #frameBytes(bytes: Uint8Array): number | undefined {
    const [code] = bytes;
    if (code === undefined || this.#broken) return undefined;
    const head = REQUEST_BYTES[code];
    if (head === undefined) return this.#break(`request ${code}`);
    if (bytes.length < head) return undefined;
    if (code !== REQUEST.TRANSFER || bytes[DIRECTION_AT] !== DIRECTION.WRITE) return head;
    const data = word(bytes, SIZE_AT);
    if (data > LONGEST_DATA) return this.#break(`${data} bytes of data`);
    return bytes.length < head + data ? undefined : head + data;
  }

  #break(what: string): undefined {
    this.#broken = true;
    this.#options.onBroken(what);
    return undefined;
  }

  async #answer(frame: Uint8Array): Promise<void> {
    const { probes, send, api = 3 } = this.#options;
    const [code] = frame;
    switch (code) {
      case undefined:
        return;
      case REQUEST.VERSION:
        return send(resultBytes(api, 2, 1, 0));
      case REQUEST.COUNT:
        return send(resultBytes(probes.length));
      case REQUEST.INFO:
        return send(this.#describe(frame[1] ?? 0));
      case REQUEST.OPEN: {
        const id = word(frame, 4);
        return send(resultBytes(probes[id] ? RESULT.OK : RESULT.OPEN_ERROR, id));
      }
      case REQUEST.TRANSFER:
        return send(await this.#transfer(frame));
      default:
        return send(resultBytes(RESULT.OK));
    }
  }

  /** Result, number of the probe, serial number, VID, PID, whether it is in use. */
  #describe(id: number): Uint8Array {
    const bytes = new Uint8Array(4 + INFO_BYTES);
    const view = new DataView(bytes.buffer);
    const probe = this.#options.probes[id];
    view.setUint32(0, probe ? RESULT.OK : RESULT.BAD_PARAMETER, true);
    view.setUint32(4, id, true);
    if (!probe) return bytes;
    bytes.set(new TextEncoder().encode(probe.connector.serial).subarray(0, SERIAL_BYTES), 8);
    view.setUint16(8 + SERIAL_BYTES, 0x0483, true);
    view.setUint16(10 + SERIAL_BYTES, probe.probe.model.productId, true);
    return bytes;
  }

  async #transfer(frame: Uint8Array): Promise<Uint8Array> {
    const entry = this.#options.probes[word(frame, 4)];
    const device = entry?.connector.device;
    if (!entry || !device?.bulkOut || !device.bulkIn) return resultBytes(RESULT.BAD_PARAMETER);
    const { out, in: reply } = entry.probe.model.endpoints;
    const size = word(frame, SIZE_AT);
    const reads = frame[DIRECTION_AT] === DIRECTION.READ;
    await this.#wait(device.busyUntil);
    device.bulkOut(out, frame.slice(COMMAND_AT, DIRECTION_AT));
    await this.#wait(device.busyUntil);
    if (!reads && size > 0) {
      device.bulkOut(out, frame.slice(SIZE_AT + 4));
      await this.#wait(device.busyUntil);
    }
    if (!reads || size === 0) return resultBytes(RESULT.OK);
    const answer = device.bulkIn(reply, size);
    if (answer.kind !== 'data') return resultBytes(RESULT.TIMEOUT);
    // The client takes exactly what it asked for.
    const bytes = new Uint8Array(4 + size);
    bytes.set(resultBytes(RESULT.OK));
    bytes.set(answer.bytes.subarray(0, size), 4);
    return bytes;
  }

  async #wait(until: number): Promise<void> {
    const { clock } = this.#options;
    const ms = until - clock.now();
    if (ms > 0) await clock.sleep(ms);
  }
}

function word(bytes: Uint8Array, offset: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(offset, true);
}

function resultBytes(...values: readonly number[]): Uint8Array {
  return Uint8Array.from(bytesOfWords(...values));
}
