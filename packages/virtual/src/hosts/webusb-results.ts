/** What a transfer takes and gives in each dialect of WebUSB: data, a status, or an error. */

import type { Dialect } from './dialects.ts';
import { copyOf } from './webusb-convert.ts';
import type { WebUsbBytes, WebUsbInResult, WebUsbOutResult } from './webusb-shapes.ts';
import type { Answer } from './wire.ts';

/** @throws the dialect's error for a stall, where that is no status */
export function received(dialect: Dialect, operation: string, answer: Answer): WebUsbInResult {
  if (answer.kind === 'stall') return stalled(dialect, operation);
  const bytes = answer.kind === 'data' ? new Uint8Array(answer.bytes) : new Uint8Array();
  return { status: 'ok', data: new DataView(bytes.buffer) };
}

/** @throws the dialect's error for a stall, where that is no status */
export function sent(dialect: Dialect, operation: string, answer: Answer, bytesWritten: number): WebUsbOutResult {
  if (answer.kind === 'stall') return { ...stalled(dialect, operation), bytesWritten: 0 };
  return { status: 'ok', bytesWritten };
}

/** @returns a copy of the bytes that a client sends. @throws TypeError where the dialect needs some and there are none */
export function outgoing(dialect: Dialect, operation: string, data: WebUsbBytes | undefined): Uint8Array {
  if (data !== undefined) return copyOf(data);
  if (dialect.needsData) throw new TypeError(`${operation}: data is required`);
  return new Uint8Array();
}

function stalled(dialect: Dialect, operation: string): { readonly status: 'stall' } {
  if (dialect.stallRejects) throw dialect.error(operation, 'stall');
  return { status: 'stall' };
}
