/** A CMSIS-DAP probe as a `DebugProbe`: reset line, access port, and memory of the chip behind it. It knows no chip. */
/// <reference lib="esnext.disposable" preserve="true" />
import type { AccessOptions, AccessWidth } from '../cortex/debug-access.ts';
import type { Clock } from '../ports/clock.ts';
import type { UsbPort } from '../ports/usb.ts';
import { accessPieces, type Piece } from '../probe/access-pieces.ts';
import type { DebugProbe } from '../probe/debug-probe.ts';
import { AP_REGISTER, CSW_ACCESS, CSW_KEPT, DAP, PIN_NRESET } from './commands.ts';
import {
  blockReadPacket,
  type DapTransfer,
  readsInBlock,
  readsInPacket,
  transferPacket,
  writesInPacket,
} from './packets.ts';
import { DapSession } from './session.ts';

export interface CmsisDapOptions {
  readonly clock: Clock;
  /** Of the line to the chip; absent, the quickest that works. */
  readonly kHz?: number | undefined;
}

/** A request with what it moves. */
interface MemoryPacket {
  readonly request: Uint8Array;
  /** Address of its first access. */
  readonly at: number;
  readonly width: AccessWidth;
  /** Accesses, and the transfers before them. */
  readonly count: number;
  readonly setup: number;
}

interface MemoryWork {
  readonly operation: string;
  readonly address: number;
  readonly length: number;
  readonly options: AccessOptions;
  /** Bytes to write; absent for a read. */
  readonly data?: Uint8Array;
}

const SIZE_OF: Readonly<Record<AccessWidth, number>> = { 1: 0, 2: 1, 4: 2 };
/** Most that goes without a look at the signal of an abort. */
const RUN_BYTES = 4096;
const [DRW, TAR, CSW] = [AP_REGISTER.DRW, AP_REGISTER.TAR, AP_REGISTER.CSW];

/** Every method throws `probe/*` and `usb/*`. */
export class CmsisDap implements DebugProbe {
  readonly #session: DapSession;
  /** From one multiple of it to the next the address register of the chip's access port counts by itself (ADIv5.2 C2.2.2). */
  #pageBytes = 1024;
  /** What the access port has in CSW beside size and increment. */
  #cswBase = CSW_ACCESS;
  /** The width that CSW says, while that is known. */
  #width: AccessWidth | undefined;

  private constructor(session: DapSession) {
    this.#session = session;
    session.onForgotten = () => {
      this.#width = undefined;
    };
  }

  /** Asks who it is. @throws FlashError `probe/firmware` where it has no SWD, or speaks v1 alone */
  static async open(port: UsbPort, { clock, kHz }: CmsisDapOptions): Promise<CmsisDap> {
    return new CmsisDap(await DapSession.open(port, clock, kHz));
  }

  get title(): string {
    return `CMSIS-DAP ${this.#session.version}`.trimEnd();
  }

  get kHz(): number {
    return this.#session.kHz;
  }

  async enterSwd(): Promise<void> {
    await this.#session.enterSwd();
  }

  /** The protocol has no way to measure it. */
  async voltage(): Promise<undefined> {
    return undefined;
  }

  async useAp(ap: number): Promise<void> {
    this.#width = undefined;
    await this.#session.selectAp(ap);
    const [csw = 0] = await this.#session.transfer('open an access port', [{ port: 'access', register: CSW }]);
    this.#cswBase = ((csw & CSW_KEPT) | CSW_ACCESS) >>> 0;
  }

  usePages(bytes: number): void {
    this.#pageBytes = bytes;
  }

  /** Its reply has the pins as they are then: a line that is not wired does not follow, and that is no error. */
  async driveReset(asserted: boolean): Promise<void> {
    const output = asserted ? 0 : PIN_NRESET;
    await this.#session.exchange('drive NRST', [Uint8Array.of(DAP.SWJ_PINS, output, PIN_NRESET, 0, 0, 0, 0)], true);
  }

  async readMemory(address: number, length: number, options: AccessOptions = {}): Promise<Uint8Array> {
    const found = new Uint8Array(length);
    await this.#move({ operation: 'read memory', address, length, options }, ({ at, width }, words) => {
      for (const [index, word] of words.entries()) {
        const place = at + index * width;
        const value = word >>> (8 * (place & 3));
        for (let byte = 0; byte < width; byte++) found[place - address + byte] = value >>> (8 * byte);
      }
    });
    return found;
  }

  async writeMemory(address: number, data: Uint8Array, options: AccessOptions = {}): Promise<void> {
    await this.#move({ operation: 'write memory', address, length: data.length, options, data }, () => undefined);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#session.close();
  }

  async #move(
    { operation, address, length, options, data }: MemoryWork,
    take: (packet: MemoryPacket, words: readonly number[]) => void,
  ): Promise<void> {
    const { width, signal } = options;
    const limits = { pageBytes: this.#pageBytes, mostBytes: RUN_BYTES, bytesAtOnce: RUN_BYTES, can16: true };
    const pieces = [...accessPieces({ address, length, width, ...limits })];
    for (let from = 0; from < pieces.length; ) {
      signal?.throwIfAborted();
      let bytes = 0;
      let to = from;
      for (; to < pieces.length && bytes < RUN_BYTES; to++) bytes += pieces[to]?.bytes ?? 0;
      const run = pieces.slice(from, to);
      const make = (done: number): MemoryPacket[] => this.#packetsOf(behind(run, done), address, data);
      await this.#carryOut({ operation, make, isRead: data === undefined }, take);
      from = to;
    }
  }

  /** Asks for all that is left, until nothing is: a reply behind one that failed says nothing. */
  async #carryOut(
    { operation, make, isRead }: { operation: string; make: (done: number) => MemoryPacket[]; isRead: boolean },
    take: (packet: MemoryPacket, words: readonly number[]) => void,
  ): Promise<void> {
    let done = 0;
    for (let waits = 0; ; ) {
      const packets = make(done);
      if (packets.length === 0) return;
      const requests = packets.map(({ request }) => request);
      const replies = await this.#session.exchange(operation, requests, isRead);
      for (const [index, packet] of packets.entries()) {
        const outcome = this.#session.outcome(operation, replies[index]);
        const moved = Math.min(packet.count, Math.max(0, outcome.done - packet.setup));
        take(packet, outcome.words.slice(0, moved));
        done += moved * packet.width;
        if (moved > 0) waits = 0;
        if (outcome.acknowledge === 'ok' && moved === packet.count) continue;
        const address = packet.at + moved * packet.width;
        waits = await this.#session.afterFailure({ operation, address, waits }, outcome.acknowledge);
        break;
      }
    }
  }

  /**
   * Reads go on in whole blocks where a packet has set the address. Each packet of a write says its own address and width: where
   * one fails, those behind it have written where and as they should.
   */
  #packetsOf(pieces: readonly Piece[], address: number, data: Uint8Array | undefined): MemoryPacket[] {
    const packets: MemoryPacket[] = [];
    const isChanging = pieces.some(({ width }) => width !== this.#width);
    let known = this.#width;
    for (const { at: start, bytes, width } of pieces) {
      for (let at = start; at < start + bytes; ) {
        const left = (start + bytes - at) / width;
        const saysWidth = data ? isChanging : known !== width;
        const head = at === start || data ? this.#headOf(at, width, saysWidth) : [];
        const body = data?.subarray(at - address, at - address + left * width);
        const packet = { at, width, setup: head.length, ...this.#bodyOf({ at, width, head, left, body }) };
        packets.push(packet);
        known = width;
        at += packet.count * width;
      }
    }
    this.#width = known;
    return packets;
  }

  #headOf(at: number, width: AccessWidth, saysWidth: boolean): DapTransfer[] {
    const csw = { port: 'access', register: CSW, value: (this.#cswBase | SIZE_OF[width]) >>> 0 } as const;
    const tar = { port: 'access', register: TAR, value: at } as const;
    return saysWidth ? [csw, tar] : [tar];
  }

  #bodyOf({ at, width, head, left, body }: PacketParts): Pick<MemoryPacket, 'request' | 'count'> {
    const { packetBytes } = this.#session;
    if (body) {
      const count = Math.min(left, writesInPacket(packetBytes, head.length));
      const values = Array.from({ length: count }, (_, index) => laneValue(body, index * width, at, width));
      const writes = values.map((value) => ({ port: 'access', register: DRW, value }) as const);
      return { request: transferPacket([...head, ...writes]), count };
    }
    const read = { port: 'access', register: DRW } as const;
    if (head.length === 0) {
      const count = Math.min(left, readsInBlock(packetBytes));
      return { request: blockReadPacket(read, count), count };
    }
    const count = Math.min(left, readsInPacket(packetBytes, head.length));
    return { request: transferPacket([...head, ...Array.from({ length: count }, () => read)]), count };
  }
}

interface PacketParts {
  readonly at: number;
  readonly width: AccessWidth;
  readonly head: readonly DapTransfer[];
  /** Accesses that are left of the piece. */
  readonly left: number;
  readonly body: Uint8Array | undefined;
}

/** What is left of them behind so many bytes. */
function behind(pieces: readonly Piece[], done: number): Piece[] {
  const rest: Piece[] = [];
  let before = 0;
  for (const { at, bytes, width } of pieces) {
    const skipped = Math.min(bytes, Math.max(0, done - before));
    if (skipped < bytes) rest.push({ at: at + skipped, bytes: bytes - skipped, width });
    before += bytes;
  }
  return rest;
}

/** Values stand in the byte lanes of their addresses (ADIv5.2 C2.2.6). */
function laneValue(bytes: Uint8Array, offset: number, start: number, width: AccessWidth): number {
  let value = 0;
  for (let byte = 0; byte < width; byte++) value |= (bytes[offset + byte] ?? 0) << (8 * byte);
  return (value << (8 * ((start + offset) & 3))) >>> 0;
}
