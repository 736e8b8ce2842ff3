/** Transfers with the debug port and its access ports, as packets for a probe, and what its replies say. Pure. */
import { ACKNOWLEDGE, DAP, MOST_TRANSFERS, PARITY_ERROR, TRANSFER_BITS } from './commands.ts';

/** A read, or with a value a write, of one register. */
export interface DapTransfer {
  readonly port: 'debug' | 'access';
  readonly register: number;
  readonly value?: number;
}

/** `none`: nobody acknowledges. `parity`: what came is damaged. */
export type Acknowledge = 'ok' | 'wait' | 'fault' | 'none' | 'parity';

export interface TransferOutcome {
  /** Transfers that succeeded, before the one that did not. */
  readonly done: number;
  readonly acknowledge: Acknowledge;
  /** Words that were read, in the order of the reads. */
  readonly words: readonly number[];
}

/** Bytes of a request before its transfers, and of a reply before its words. */
const TRANSFER_HEAD = 3;
const BLOCK_REQUEST_HEAD = 5;
const BLOCK_REPLY_HEAD = 4;
const READ_BYTES = 1;
const WRITE_BYTES = 5;
const DAP_WORD_BYTES = 4;
/** There is one chip on the line. */
const DEVICE_INDEX = 0;

/** @returns how many writes fit beside `others` */
export function writesInPacket(packetBytes: number, others: number): number {
  return Math.min(MOST_TRANSFERS, Math.floor((packetBytes - TRANSFER_HEAD) / WRITE_BYTES)) - others;
}

/** @returns how many reads fit beside `writes`, with their words in the reply */
export function readsInPacket(packetBytes: number, writes: number): number {
  const asked = Math.floor((packetBytes - TRANSFER_HEAD - writes * WRITE_BYTES) / READ_BYTES);
  const answered = Math.floor((packetBytes - TRANSFER_HEAD) / DAP_WORD_BYTES);
  return Math.min(asked, answered, MOST_TRANSFERS - writes);
}

/** @returns how many words a packet of one register alone brings */
export const readsInBlock = (packetBytes: number): number => Math.floor((packetBytes - BLOCK_REPLY_HEAD) / 4);

export function transferPacket(transfers: readonly DapTransfer[]): Uint8Array {
  const writes = transfers.filter(({ value }) => value !== undefined).length;
  const bytes = new Uint8Array(TRANSFER_HEAD + transfers.length * READ_BYTES + writes * DAP_WORD_BYTES);
  const view = new DataView(bytes.buffer);
  bytes.set([DAP.TRANSFER, DEVICE_INDEX, transfers.length]);
  let at = TRANSFER_HEAD;
  for (const transfer of transfers) {
    view.setUint8(at, requestOf(transfer));
    at += READ_BYTES;
    if (transfer.value === undefined) continue;
    view.setUint32(at, transfer.value >>> 0, true);
    at += DAP_WORD_BYTES;
  }
  return bytes;
}

/** Reads of one register, one after the other. */
export function blockReadPacket(transfer: Omit<DapTransfer, 'value'>, count: number): Uint8Array {
  const bytes = new Uint8Array(BLOCK_REQUEST_HEAD);
  bytes.set([DAP.TRANSFER_BLOCK, DEVICE_INDEX, count & 0xff, count >>> 8, requestOf(transfer)]);
  return bytes;
}

/** @returns `undefined` for a reply that is too short for what it says */
export function outcomeOf(reply: Uint8Array): TransferOutcome | undefined {
  const isBlock = reply[0] === DAP.TRANSFER_BLOCK;
  const head = isBlock ? BLOCK_REPLY_HEAD : TRANSFER_HEAD;
  if (reply.length < head) return undefined;
  const done = (reply[1] ?? 0) | (isBlock ? (reply[2] ?? 0) << 8 : 0);
  const view = new DataView(reply.buffer, reply.byteOffset + head);
  const count = Math.floor((reply.length - head) / DAP_WORD_BYTES);
  const words = Array.from({ length: count }, (_, index) => view.getUint32(index * DAP_WORD_BYTES, true));
  return { done, acknowledge: acknowledgeOf(reply[head - 1] ?? 0), words };
}

function requestOf({ port, register, value }: DapTransfer): number {
  return (
    (register & 0xc) |
    (port === 'access' ? TRANSFER_BITS.ACCESS_PORT : 0) |
    (value === undefined ? TRANSFER_BITS.READ : 0)
  );
}

function acknowledgeOf(response: number): Acknowledge {
  if ((response & PARITY_ERROR) !== 0) return 'parity';
  const bits = response & ACKNOWLEDGE.MASK;
  if (bits === ACKNOWLEDGE.OK) return 'ok';
  if (bits === ACKNOWLEDGE.WAIT) return 'wait';
  return bits === ACKNOWLEDGE.FAULT ? 'fault' : 'none';
}
