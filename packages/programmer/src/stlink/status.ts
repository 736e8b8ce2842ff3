/** The status codes of ST-LINK firmware in words, and what can be done about them. Pure. */
import type { ProbeReason } from '../errors.ts';

const OK = 0x80;

const STATUS_WORDS: Readonly<Record<number, string>> = {
  1: 'unknown error',
  2: 'error of its SPI',
  3: 'error of its DMA',
  4: 'unknown JTAG chain',
  5: 'no device is connected',
  6: 'internal error',
  7: 'command must wait',
  8: 'command failed',
  9: 'the chip gives no ID code',
  10: 'the address is not aligned',
  11: 'the debug port has no power',
  12: 'write error',
  13: 'write error on reading back',
  14: 'already open in another mode',
  16: 'access port: WAIT',
  17: 'access port: FAULT',
  18: 'access port: error',
  19: 'access port: parity error',
  20: 'debug port: WAIT',
  21: 'debug port: FAULT',
  22: 'debug port: error',
  23: 'debug port: parity error',
  24: 'write data error',
  25: 'sticky error',
  26: 'sticky overrun',
  29: 'no such access port',
  64: 'its configuration changed',
  65: 'no such speed',
  66: 'unknown command',
  129: 'fault',
};

/** `wait`: ask again. `line`: the line to the chip is bad or too quick. `fault`: the bus of the chip refused. */
type StatusKind = 'ok' | 'wait' | 'line' | 'fault' | 'other';

const STATUS_KINDS: Readonly<Record<number, StatusKind>> = {
  [OK]: 'ok',
  // What was written could not be compared: nobody who writes to registers expects that (openocd).
  13: 'ok',
  16: 'wait',
  20: 'wait',
  5: 'line',
  9: 'line',
  18: 'line',
  19: 'line',
  22: 'line',
  23: 'line',
  17: 'fault',
  21: 'fault',
  24: 'fault',
  25: 'fault',
  26: 'fault',
  129: 'fault',
};

/** What is known of the reason, whatever the words. A debug port that answers with an error may be absent. */
const STATUS_REASONS: Readonly<Record<number, ProbeReason>> = { 14: 'taken', 19: 'line', 23: 'line' };

export const statusKind = (code: number): StatusKind => STATUS_KINDS[code] ?? 'other';

export function statusReason(code: number): ProbeReason | undefined {
  const kind = statusKind(code);
  return STATUS_REASONS[code] ?? (kind === 'wait' || kind === 'fault' ? kind : undefined);
}
export const statusText = (code: number): string =>
  STATUS_WORDS[code] ?? `status 0x${code.toString(16).padStart(2, '0')}`;
