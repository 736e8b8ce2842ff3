/** What the server does on one connection: an operation, and after an import the URBs of that device. No socket in sight. */
import type { Clock, UsbDeviceModel } from '@sureflash/virtual';
import { devidOf, encodeDeviceList, encodeImportReply, type ListedDevice } from './device-record.ts';
import { FrameReader } from './frames.ts';
import { type TransferTime, Urbs } from './urbs.ts';
import { UsbIpError } from './usbip-error.ts';
import { decodeCommand, decodeOpHeader, decodeText, encodeOpHeader, NOTHING, OP, SIZE, type STATUS } from './wire.ts';

/** A device that a connection has imported: no other gets it until `release`. */
export interface Claim {
  readonly model: UsbDeviceModel;
  readonly device: ListedDevice;
  /** Calls the listener when the model is no longer at its connector. Ends with `release`. */
  onDetach(listener: () => void): void;
  /** Calls the listener when another client asks for the device. It may release the device at once. */
  onWanted(listener: () => void): void;
  release(): void;
}

/** The devices that the server exports. */
export interface Exports {
  list(): readonly ListedDevice[];
  /** The device, or the status that says why there is none. */
  claim(busid: string): Claim | typeof STATUS.NODEV | typeof STATUS.DEV_BUSY;
}

export interface ConnectionOptions {
  readonly exports: Exports;
  readonly clock: Clock;
  readonly transferMs: TransferTime;
  /** Keeps the limits for silence; `clock` where absent. */
  readonly patience?: Clock;
  readonly send: (bytes: Uint8Array) => void;
  /** The conversation is over: what was sent goes out, then the connection closes. `error` when it did not end well. */
  readonly onEnd: (error?: unknown) => void;
}

/**
 * How long a client may be silent, in ms. Linux' client sends its request at once, and enumerates what it has imported at
 * once. Later silence is ordinary: a device that nobody uses has no transfers; it counts when another client wants the device.
 */
export const PATIENCE = { REQUEST: 10_000, FIRST_TRANSFER: 30_000, WANTED: 60_000 } as const;

export class ServerConnection {
  readonly #options: ConnectionOptions;
  readonly #frames: FrameReader<void>;
  #claim: Claim | undefined;
  #urbs: Urbs | undefined;
  #ended = false;
  #heardAt: number;
  #patience = new AbortController();
  readonly #watch: Clock;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#watch = options.patience ?? options.clock;
    this.#heardAt = this.#watch.now();
    this.#frames = new FrameReader(this.#converse());
    this.#expectWithin(PATIENCE.REQUEST, 'request');
  }

  /** The bus id of the imported device. */
  get imported(): string | undefined {
    return this.#claim?.device.busid;
  }

  /** Bytes from the client. */
  receive(chunk: Uint8Array): void {
    if (this.#ended) return;
    this.#heardAt = this.#watch.now();
    try {
      this.#frames.push(chunk);
    } catch (error) {
      this.#end(error);
    }
  }

  /** The client has gone: gives the device back. */
  close(): void {
    this.#ended = true;
    this.#patience.abort();
    this.#urbs?.end();
    this.#claim?.release();
    this.#claim = undefined;
  }

  *#converse(): Generator<number, void, Uint8Array> {
    const { code } = decodeOpHeader(yield SIZE.OP_HEADER);
    if (code === OP.REQ_DEVLIST) {
      this.#options.send(encodeDeviceList(this.#options.exports.list()));
      this.#end();
      return;
    }
    if (code !== OP.REQ_IMPORT) throw new UsbIpError('protocol', `Operation 0x${code.toString(16)} is not known.`);
    const urbs = this.#import(decodeText(yield SIZE.BUSID));
    while (urbs !== undefined) {
      const header = decodeCommand(yield SIZE.URB_HEADER);
      this.#patience.abort();
      if (header.command === 'unlink') urbs.unlink(header);
      else urbs.submit(header, header.direction === 'out' && header.length > 0 ? yield header.length : NOTHING);
    }
  }

  #import(busid: string): Urbs | undefined {
    const { exports, clock, transferMs, send } = this.#options;
    const claim = exports.claim(busid);
    if (typeof claim === 'number') {
      send(encodeOpHeader(OP.REP_IMPORT, claim));
      this.#end();
      return undefined;
    }
    this.#expectWithin(PATIENCE.FIRST_TRANSFER, 'transfer');
    const onEnd = (defect?: unknown): void => this.#end(defect);
    const urbs = new Urbs({ model: claim.model, devid: devidOf(claim.device), clock, transferMs, send, onEnd });
    claim.onDetach(() => urbs.detach());
    claim.onWanted(() => this.#giveWay());
    this.#claim = claim;
    this.#urbs = urbs;
    send(encodeImportReply(claim.device));
    return urbs;
  }

  /** Ends the conversation unless what is expected comes in time. Bytes that trickle in do not prolong it. */
  #expectWithin(ms: number, what: string): void {
    this.#patience.abort();
    const patience = new AbortController();
    this.#patience = patience;
    const tooLate = (): void => {
      this.#end(new UsbIpError('timeout', `The client sent no ${what} within ${ms / 1000} s.`));
    };
    // Rejected where it came in time.
    this.#watch.sleep(ms, patience.signal).then(tooLate, () => undefined);
  }

  /** Another client asks for the device: one that has been silent for long gives it back. */
  #giveWay(): void {
    const silentMs = this.#watch.now() - this.#heardAt;
    if (silentMs < PATIENCE.WANTED) return;
    this.#end(
      new UsbIpError(
        'timeout',
        `The client was silent for ${Math.round(silentMs / 1000)} s, and another wants the device.`,
      ),
    );
  }

  #end(error?: unknown): void {
    if (this.#ended) return;
    this.close();
    this.#options.onEnd(error);
  }
}
