/** Sends DFU requests to a device model by hand, for tests; expectations are written as hex, as a bus analyser shows them. */

import type { BoardAccess } from '../src/board-access.ts';
import type { Clock } from '../src/clock.ts';
import type { Reply, UsbDeviceModel } from '../src/usb/model.ts';

export const hex = (bytes: Uint8Array): string => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');

export const fromHex = (text: string): Uint8Array =>
  Uint8Array.from(text.replaceAll(' ', '').match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));

/** "ack", "stall", "stall 00…" or the data in hex. */
export function describeReply(reply: Reply): string {
  if (reply.kind === 'data') return hex(reply.bytes);
  if (reply.kind === 'stall' && reply.bytes) return `stall ${hex(reply.bytes)}`;
  return reply.kind;
}

/** Time that the test sets itself. */
export class HandClock implements Clock {
  time = 0;

  now(): number {
    return this.time;
  }

  sleep(): Promise<void> {
    return Promise.reject(new Error('a test moves this clock by hand'));
  }
}

/** BoardAccess that write down what the program asks for. */
export function notingBoard(clock: Clock): BoardAccess & { readonly notes: string[] } {
  const notes: string[] = [];
  return {
    notes,
    now: () => clock.now(),
    resetIn: (ms) => notes.push(`reset in ${ms}`),
    jumpIn: (ms, address) => notes.push(`jump in ${ms} to ${address.toString(16)}`),
    spend: () => undefined,
    reconnectIn: (ms) => notes.push(`reconnect in ${ms}`),
  };
}

const IN = { requestType: 0xa1, index: 0 };
const OUT = { requestType: 0x21, index: 0 };
const NONE = new Uint8Array();

/** The DFU requests by name; each gives the reply as text. */
export function drive(device: UsbDeviceModel) {
  const send = (request: number, value: number, bytes: Uint8Array) =>
    device.control({ ...OUT, request, value, length: bytes.length }, bytes);
  const fetch = (request: number, value: number, length: number) =>
    device.control({ ...IN, request, value, length }, NONE);
  return {
    detach: (timeout: number) => describeReply(send(0, timeout, NONE)),
    download: (block: number, bytes: Uint8Array | string) =>
      describeReply(send(1, block, typeof bytes === 'string' ? fromHex(bytes) : bytes)),
    upload: (block: number, length: number) => describeReply(fetch(2, block, length)),
    status: () => describeReply(fetch(3, 0, 6)),
    clearStatus: () => describeReply(send(4, 0, NONE)),
    state: () => describeReply(fetch(5, 0, 1)),
    abort: () => describeReply(send(6, 0, NONE)),
    other: (request: number) => describeReply(send(request, 0, NONE)),
    descriptor: (value: number, index: number, length: number) =>
      describeReply(device.control({ requestType: 0x80, request: 6, value, index, length }, NONE)),
  };
}
