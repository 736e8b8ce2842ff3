/** The URBs of an imported device from the client's side: each is sent, answered or taken back. */
import type { Socket } from 'node:net';
import { type DeviceRecord, devidOf } from './device-record.ts';
import { type CallOptions, limit } from './dial.ts';
import { FrameReader } from './frames.ts';
import { UsbIpError } from './usbip-error.ts';
import {
  type Direction,
  decodeReturn,
  ERRNO,
  encodeSubmit,
  encodeUnlink,
  MAX_TRANSFER,
  NOTHING,
  type ReturnHeader,
  type SetupPacket,
  SIZE,
} from './wire.ts';

/** What is asked of an endpoint; `length` in bytes, either way. */
export interface UrbTransfer {
  readonly direction: Direction;
  readonly endpoint: number;
  readonly length: number;
  readonly setup?: SetupPacket;
}

interface PendingTransfer {
  readonly transfer: UrbTransfer;
  readonly resolve: (data: Uint8Array) => void;
  readonly reject: (reason: unknown) => void;
  readonly disarm: () => void;
  /** Why the transfer is being taken back; set once the unlink is on its way. */
  unlinked?: { readonly reason: unknown; readonly timer: NodeJS.Timeout };
}

/** How long a server may take to take a transfer back, in ms. Longer, and the connection is given up. */
const UNLINK_MS = 1000;
/** How long a server may take to close its end in ms, before the connection is cut. */
const CLOSE_MS = 1000;

const MOST_STRAY_ENDS = 64;

export class Transfers {
  readonly gone: Promise<void>;
  readonly #socket: Socket;
  readonly #device: DeviceRecord;
  readonly #devid: number;
  readonly #pending = new Map<number, PendingTransfer>();
  /** Transfers by the seqnum of the unlink that was sent for them. */
  readonly #unlinks = new Map<number, number>();
  /** Transfers that were given up while their answer may still be on its way, by seqnum. */
  readonly #late = new Map<number, UrbTransfer>();
  #seqnum = 0;
  #strayEnds = 0;
  #isHeldBack = false;
  #end: UsbIpError | undefined;

  /** @param rest bytes that the socket gave after the reply to the import */
  constructor(socket: Socket, device: DeviceRecord, rest: Uint8Array) {
    this.#socket = socket;
    this.#device = device;
    this.#devid = devidOf(device);
    this.gone = new Promise((resolve) => {
      socket.once('close', () => {
        this.#fail(new UsbIpError('gone', `Device ${device.busid} has gone: the connection to its server has ended.`));
        resolve();
      });
    });
    const frames = new FrameReader(this.#read());
    const receive = (chunk: Uint8Array): void => {
      try {
        frames.push(chunk);
      } catch (error) {
        this.#fail(error instanceof UsbIpError ? error : new UsbIpError('protocol', String(error), { cause: error }));
      }
    };
    socket.on('data', receive);
    receive(rest);
  }

  async run(transfer: UrbTransfer, data: Uint8Array, options: CallOptions): Promise<Uint8Array> {
    options.signal?.throwIfAborted();
    if (this.#end !== undefined) throw this.#end;
    if (transfer.length > MAX_TRANSFER) throw new RangeError(`A transfer takes at most ${MAX_TRANSFER} bytes.`);
    return await new Promise((resolve, reject) => {
      const seqnum = this.#nextSeqnum();
      const disarm = limit(
        options,
        () => describeTransfer(transfer),
        (reason) => this.#unlink(seqnum, reason),
      );
      this.#pending.set(seqnum, { transfer, resolve, reject, disarm });
      this.#send(encodeSubmit({ ...transfer, seqnum, devid: this.#devid }, data));
    });
  }

  /** Ends when the server has given the device up too, so that it can be imported again. */
  async close(): Promise<void> {
    if (this.#endAll(new UsbIpError('gone', `Device ${this.#device.busid} was given back.`))) {
      this.#socket.end();
      const timer = setTimeout(() => this.#socket.destroy(), CLOSE_MS);
      await this.gone;
      clearTimeout(timer);
    }
    await this.gone;
  }

  /** What one turn of the program sends goes out in one piece: a call of the system costs more than all else of a transfer. */
  #send(bytes: Uint8Array): void {
    if (!this.#isHeldBack) {
      this.#isHeldBack = true;
      this.#socket.cork();
      process.nextTick(() => {
        this.#isHeldBack = false;
        this.#socket.uncork();
      });
    }
    this.#socket.write(bytes);
  }

  *#read(): Generator<number, never, Uint8Array> {
    for (;;) {
      const header = decodeReturn(yield SIZE.URB_HEADER);
      if (header.command === 'unlinked') {
        this.#onUnlinked(header);
        continue;
      }
      const transfer = this.#pending.get(header.seqnum)?.transfer ?? this.#late.get(header.seqnum);
      if (transfer === undefined) {
        throw new UsbIpError('protocol', `An answer came to URB ${header.seqnum}, which is not pending.`);
      }
      if (transfer.direction === 'in' && header.length > transfer.length) {
        throw new UsbIpError('protocol', `${header.length} bytes came where ${transfer.length} were asked for.`);
      }
      const data = transfer.direction === 'in' && header.length > 0 ? yield header.length : NOTHING;
      this.#onSubmitted(header, data);
    }
  }

  #onSubmitted({ seqnum, status }: ReturnHeader, data: Uint8Array): void {
    this.#late.delete(seqnum);
    const pending = this.#pending.get(seqnum);
    if (pending === undefined) return;
    this.#settle(seqnum, pending);
    const { unlinked, transfer } = pending;
    // It ended before the unlink reached it. A time limit that is met after all is no failure; an abort stays one.
    if (unlinked !== undefined && !isTimeout(unlinked.reason)) pending.reject(unlinked.reason);
    else if (status === 0) pending.resolve(data);
    else pending.reject(transferError(transfer, status));
  }

  #onUnlinked({ seqnum, status }: ReturnHeader): void {
    const target = this.#unlinks.get(seqnum);
    if (target === undefined) {
      // One or another may count in its own way; a server that sends nothing else would keep us busy for ever.
      if (++this.#strayEnds > MOST_STRAY_ENDS)
        throw new UsbIpError('protocol', `The ends of ${MOST_STRAY_ENDS} unlinks came that were not sent.`);
      return;
    }
    this.#unlinks.delete(seqnum);
    const pending = this.#pending.get(target);
    if (pending === undefined) return;
    this.#settle(target, pending);
    // Status 0: the transfer had ended. Linux' stub driver sends from two lists, and may send that answer after this one.
    if (status === 0) this.#late.set(target, pending.transfer);
    pending.reject(pending.unlinked?.reason);
  }

  #unlink(target: number, reason: unknown): void {
    const pending = this.#pending.get(target);
    if (pending === undefined) return;
    const timer = setTimeout(() => {
      this.#fail(new UsbIpError('gone', `The server does not take back a transfer: the connection was given up.`));
    }, UNLINK_MS);
    pending.unlinked = { reason, timer };
    const seqnum = this.#nextSeqnum();
    this.#unlinks.set(seqnum, target);
    this.#send(encodeUnlink({ seqnum, devid: this.#devid, target }));
  }

  #settle(seqnum: number, pending: PendingTransfer): void {
    this.#pending.delete(seqnum);
    pending.disarm();
    clearTimeout(pending.unlinked?.timer);
  }

  #fail(error: UsbIpError): void {
    if (this.#endAll(error)) this.#socket.destroy();
  }

  /** Ends all transfers. @returns false if they were ended before: the first reason counts */
  #endAll(error: UsbIpError): boolean {
    if (this.#end !== undefined) return false;
    this.#end = error.code === 'gone' ? error : new UsbIpError('gone', error.message, { cause: error });
    for (const [seqnum, pending] of this.#pending) {
      this.#settle(seqnum, pending);
      pending.reject(pending.unlinked === undefined ? error : pending.unlinked.reason);
    }
    this.#unlinks.clear();
    return true;
  }

  #nextSeqnum(): number {
    this.#seqnum = (this.#seqnum % 0xffffffff) + 1;
    return this.#seqnum;
  }
}

function isTimeout(reason: unknown): boolean {
  return reason instanceof UsbIpError && reason.code === 'timeout';
}

function transferError(transfer: UrbTransfer, status: number): UsbIpError {
  const what = describeTransfer(transfer);
  switch (-status) {
    case ERRNO.EPIPE:
      return new UsbIpError('stall', `The device answered STALL: ${what}.`, { status });
    case ERRNO.ENODEV:
    case ERRNO.ESHUTDOWN:
      return new UsbIpError('gone', `The device has gone: ${what}.`, { status });
    case ERRNO.ETIMEDOUT:
      return new UsbIpError('timeout', `The server's time limit passed: ${what}.`, { status });
    default:
      return new UsbIpError('failed', `The transfer ended with status ${status}: ${what}.`, { status });
  }
}

function describeTransfer({ direction, endpoint, length, setup }: UrbTransfer): string {
  if (setup === undefined) return `bulk ${direction}, endpoint ${endpoint}, ${length} bytes`;
  const hex = (value: number): string => `0x${value.toString(16).padStart(2, '0')}`;
  const { requestType, request, value, index } = setup;
  return `control ${direction}, request ${hex(requestType)} ${hex(request)}, value ${value}, index ${index}, ${length} bytes`;
}
