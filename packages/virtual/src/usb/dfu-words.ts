/** The words of USB DFU, by number: requests, states and status codes (DFU 1.1 §3, §6.1.2). */

/** bRequest (DFU 1.1 Table 3.2). */
export const DfuRequest = {
  DETACH: 0,
  DNLOAD: 1,
  UPLOAD: 2,
  GETSTATUS: 3,
  CLRSTATUS: 4,
  GETSTATE: 5,
  ABORT: 6,
} as const;

/** bState (DFU 1.1 §6.1.2). */
export const DfuState = {
  APP_IDLE: 0,
  APP_DETACH: 1,
  IDLE: 2,
  DNLOAD_SYNC: 3,
  DNBUSY: 4,
  DNLOAD_IDLE: 5,
  MANIFEST_SYNC: 6,
  MANIFEST: 7,
  MANIFEST_WAIT_RESET: 8,
  UPLOAD_IDLE: 9,
  ERROR: 10,
} as const;

/** bStatus (DFU 1.1 §6.1.2). */
export const DfuStatus = {
  OK: 0,
  ERR_TARGET: 1,
  ERR_FILE: 2,
  ERR_ADDRESS: 8,
  ERR_FIRMWARE: 10,
  ERR_VENDOR: 11,
  ERR_UNKNOWN: 14,
  ERR_STALLEDPKT: 15,
} as const;

/** First byte of a block-0 download (AN3156 §5). */
export const DfuseCommand = { GET: 0x00, SET_ADDRESS: 0x21, ERASE: 0x41, READ_UNPROTECT: 0x92 } as const;

/** The six bytes of GETSTATUS: bStatus, bwPollTimeout (24 bits, little-endian), bState, iString. */
export function statusBytes(status: number, pollMs: number, state: number, text = 0): Uint8Array {
  return Uint8Array.of(status, pollMs & 0xff, (pollMs >> 8) & 0xff, (pollMs >> 16) & 0xff, state, text);
}
