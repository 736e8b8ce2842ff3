/** What faults need to know of DFU requests and replies: which is which, and how to change one. */

import { DfuRequest, DfuState, DfuseCommand } from '../usb/dfu-words.ts';
import type { Reply } from '../usb/model.ts';
import type { Request, Transfer } from './fault.ts';

const CLASS_TYPE = 0x20;
const TYPE_BITS = 0x60;
const IN_BIT = 0x80;
/** Where bStatus, bwPollTimeout and bState are in the reply to GETSTATUS (DFU 1.1 §6.1.2). */
const STATUS_AT = 0;
const POLL_AT = 1;
const STATE_AT = 4;

export const isClass = ({ setup }: Request): boolean => (setup.requestType & TYPE_BITS) === CLASS_TYPE;
export const isIn = ({ setup }: Request): boolean => (setup.requestType & IN_BIT) !== 0;

const isRequest =
  (...numbers: readonly number[]) =>
  (request: Request): boolean =>
    isClass(request) && numbers.includes(request.setup.request);

export const isDownload = isRequest(DfuRequest.DNLOAD);
export const isUpload = isRequest(DfuRequest.UPLOAD);
export const isGetStatus = isRequest(DfuRequest.GETSTATUS);
/** Requests without an answer beside the acknowledgement. */
export const isSilentOut = isRequest(DfuRequest.DNLOAD, DfuRequest.CLRSTATUS, DfuRequest.ABORT);
/** Blocks count from 2: 0 is for commands, 1 is reserved (AN3156 §5.1). */
export const isDataBlock = (request: Request): boolean => request.setup.value >= 2;
export const isErase = (request: Request | undefined): request is Request =>
  request !== undefined &&
  isDownload(request) &&
  request.setup.value === 0 &&
  request.data[0] === DfuseCommand.ERASE &&
  request.data.length === 5;

export const isAnswered = ({ reply }: Transfer): boolean => reply.kind === 'data' && reply.bytes.length > 0;

/** bState of a reply to GETSTATUS. */
export function stateOf(reply: Reply): number | undefined {
  return reply.kind === 'data' ? reply.bytes[STATE_AT] : undefined;
}

export const saysBusy = (transfer: Transfer): boolean =>
  isGetStatus(transfer) && stateOf(transfer.reply) === DfuState.DNBUSY;
export const saysDone = (transfer: Transfer): boolean =>
  isGetStatus(transfer) && stateOf(transfer.reply) === DfuState.DNLOAD_IDLE;

/** A reply with data, changed; any other as it is. */
export function rewritten(reply: Reply, change: (bytes: Uint8Array) => Uint8Array): Reply {
  return reply.kind === 'data' ? { ...reply, bytes: change(reply.bytes.slice()) } : reply;
}

/** A reply to GETSTATUS that says something else. */
export function restated(
  reply: Reply,
  { status, pollMs, state }: { readonly status?: number; readonly pollMs?: number; readonly state?: number },
): Reply {
  return rewritten(reply, (bytes) => {
    if (status !== undefined) bytes[STATUS_AT] = status;
    if (pollMs !== undefined) bytes.set([pollMs & 0xff, (pollMs >> 8) & 0xff, pollMs >> 16], POLL_AT);
    if (state !== undefined) bytes[STATE_AT] = state;
    return bytes;
  });
}

/** `bytes` with one bit the other way round. */
export function withFlippedBit(bytes: Uint8Array, random: () => number): Uint8Array {
  const flipped = bytes.slice();
  const at = Math.floor(random() * flipped.length);
  flipped[at] = (flipped[at] ?? 0) ^ (1 << Math.floor(random() * 8));
  return flipped;
}
