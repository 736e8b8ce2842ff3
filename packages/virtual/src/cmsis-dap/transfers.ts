/** DAP_Transfer and DAP_TransferBlock: several transfers in one packet, up to the first that fails (CMSIS-DAP 2.1). */

import type { Ack } from '../swd/index.ts';
import type { DapLine, LineTransfer } from './line.ts';

export interface TransferSettings {
  readonly line: DapLine;
  matchRetries: number;
  matchMask: number;
}

const TRANSFER_REQUEST = { AP: 1, READ: 2, REGISTER: 0x0c, MATCH_VALUE: 0x10, MATCH_MASK: 0x20 } as const;
/** Bit 3 is a protocol error of SWD: a wrong parity. */
const ACK_BITS: Readonly<Record<Ack, number>> = { ok: 1, wait: 2, fault: 4, none: 7, parity: 8 };
const MISMATCH = 0x10;
/** What is left over behind a word means nothing. */
const WORD = 4;

const transferOf = (request: number): LineTransfer => ({
  isAccessPort: (request & TRANSFER_REQUEST.AP) !== 0,
  isRead: (request & TRANSFER_REQUEST.READ) !== 0,
  register: request & TRANSFER_REQUEST.REGISTER,
});
const wordsAsBytes = (words: readonly number[]): number[] =>
  words.flatMap((word) => [0, 8, 16, 24].map((shift) => (word >>> shift) & 0xff));

/** @param packet the whole request @returns the whole reply */
export function answerTransfer(settings: TransferSettings, packet: DataView): number[] {
  const { line } = settings;
  const count = packet.getUint8(2);
  const words: number[] = [];
  let [done, ack, mismatch, at]: [number, Ack, boolean, number] = [0, 'ok', false, 3];
  let isPosted = false;
  for (; done < count && ack === 'ok' && !mismatch; ) {
    const request = packet.getUint8(at);
    at += 1;
    const transfer = transferOf(request);
    const takesWord = !transfer.isRead || (request & TRANSFER_REQUEST.MATCH_VALUE) !== 0;
    const value = takesWord ? packet.getUint32(at, true) : 0;
    if (takesWord) at += WORD;
    isPosted = transfer.isAccessPort;
    if (!transfer.isRead && (request & TRANSFER_REQUEST.MATCH_MASK) !== 0) {
      settings.matchMask = value;
    } else if (transfer.isRead && takesWord) {
      ({ ack, mismatch } = matched(settings, transfer, value));
    } else {
      const result = line.transfer(transfer, value);
      ack = result.ack;
      if (ack === 'ok' && transfer.isRead) words.push(result.value);
    }
    if (ack === 'ok' && !mismatch) done += 1;
  }
  // The outcome of the last access comes with a read of RDBUFF.
  if (isPosted) line.clock(1);
  return [0x05, done, ACK_BITS[ack] | (mismatch ? MISMATCH : 0), ...wordsAsBytes(words)];
}

export function answerBlock({ line }: TransferSettings, packet: DataView): number[] {
  const count = packet.getUint16(2, true);
  const transfer = transferOf(packet.getUint8(4));
  const words: number[] = [];
  let [done, ack]: [number, Ack] = [0, 'ok'];
  while (done < count && ack === 'ok') {
    const result = line.transfer(transfer, transfer.isRead ? 0 : packet.getUint32(5 + done * WORD, true));
    ack = result.ack;
    if (ack !== 'ok') break;
    if (transfer.isRead) words.push(result.value);
    done += 1;
  }
  if (transfer.isAccessPort) line.clock(1);
  return [0x06, done & 0xff, done >>> 8, ACK_BITS[ack], ...wordsAsBytes(words)];
}

/** Reads until the masked value fits. */
function matched(
  { line, matchMask, matchRetries }: TransferSettings,
  transfer: LineTransfer,
  wanted: number,
): { ack: Ack; mismatch: boolean } {
  for (let tries = 0; ; tries += 1) {
    const { ack, value } = line.transfer(transfer, 0);
    if (ack !== 'ok') return { ack, mismatch: false };
    if (((value & matchMask) ^ wanted) >>> 0 === 0) return { ack, mismatch: false };
    if (tries >= matchRetries) return { ack, mismatch: true };
  }
}
