/** Status codes, which are the first byte of most answers (OpenOCD, pyOCD and probe-rs know the same ones). */

import type { Ack } from '../swd/index.ts';

export const STLINK_STATUS = {
  OK: 0x80,
  UNKNOWN: 0x01,
  NO_DEVICE: 0x05,
  COMMAND_ERROR: 0x08,
  GET_IDCODE_ERROR: 0x09,
  ALIGNMENT: 0x0a,
  OTHER_MODE: 0x0e,
  AP_WAIT: 0x10,
  AP_FAULT: 0x11,
  AP_ERROR: 0x12,
  AP_PARITY: 0x13,
  DP_WAIT: 0x14,
  DP_FAULT: 0x15,
  DP_ERROR: 0x16,
  DP_PARITY: 0x17,
  BAD_AP: 0x1d,
  NO_TRACE: 0x20,
  BAD_FREQUENCY: 0x41,
  UNKNOWN_COMMAND: 0x42,
} as const;

/** After a transaction with the debug port. */
export function dpStatus(ack: Ack): number {
  return {
    ok: STLINK_STATUS.OK,
    wait: STLINK_STATUS.DP_WAIT,
    fault: STLINK_STATUS.DP_FAULT,
    none: STLINK_STATUS.DP_ERROR,
    parity: STLINK_STATUS.DP_PARITY,
  }[ack];
}

/** After a transaction with an access port. */
export function apStatus(ack: Ack): number {
  return {
    ok: STLINK_STATUS.OK,
    wait: STLINK_STATUS.AP_WAIT,
    fault: STLINK_STATUS.AP_FAULT,
    none: STLINK_STATUS.AP_ERROR,
    parity: STLINK_STATUS.AP_PARITY,
  }[ack];
}

/**
 * After a block of memory. A bus that does not end is seen as DP WAIT (a recording of F2 0C shows 14); that a bus error is AP
 * FAULT and a silent target DP ERROR are guesses.
 */
export function memoryStatus(ack: Ack): number {
  return {
    ok: STLINK_STATUS.OK,
    wait: STLINK_STATUS.DP_WAIT,
    fault: STLINK_STATUS.AP_FAULT,
    none: STLINK_STATUS.DP_ERROR,
    parity: STLINK_STATUS.AP_PARITY,
  }[ack];
}
