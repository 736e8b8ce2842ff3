/** Numbers of DFU 1.1 and ST's DfuSe extension, by their names in the documents. */

/** DFU 1.1 §3, table 3.2 */
export const REQUEST = {
  DETACH: 0,
  DNLOAD: 1,
  UPLOAD: 2,
  GETSTATUS: 3,
  CLRSTATUS: 4,
  GETSTATE: 5,
  ABORT: 6,
} as const;

/** DFU 1.1 §6.1.2, bState */
export const STATE = {
  appIDLE: 0,
  appDETACH: 1,
  dfuIDLE: 2,
  dfuDNLOAD_SYNC: 3,
  dfuDNBUSY: 4,
  dfuDNLOAD_IDLE: 5,
  dfuMANIFEST_SYNC: 6,
  dfuMANIFEST: 7,
  dfuMANIFEST_WAIT_RESET: 8,
  dfuUPLOAD_IDLE: 9,
  dfuERROR: 10,
} as const;

/** DFU 1.1 §6.1.2, bStatus */
export const STATUS = {
  OK: 0x00,
  errTARGET: 0x01,
  errFILE: 0x02,
  errWRITE: 0x03,
  errERASE: 0x04,
  errCHECK_ERASED: 0x05,
  errPROG: 0x06,
  errVERIFY: 0x07,
  errADDRESS: 0x08,
  errNOTDONE: 0x09,
  errFIRMWARE: 0x0a,
  errVENDOR: 0x0b,
  errUSBR: 0x0c,
  errPOR: 0x0d,
  errUNKNOWN: 0x0e,
  errSTALLEDPKT: 0x0f,
} as const;

/** AN3156 §5: first byte of a DNLOAD with wValue 0 */
export const COMMAND = {
  GET_COMMANDS: 0x00,
  SET_ADDRESS_POINTER: 0x21,
  ERASE: 0x41,
  READ_UNPROTECT: 0x92,
} as const;

/** AN3156 §5.1: data blocks count from 2, 0 is for commands, 1 is reserved. */
export const FIRST_DATA_BLOCK = 2;

function nameIn(table: Readonly<Record<string, number>>, value: number): string {
  return Object.entries(table).find(([, number]) => number === value)?.[0] ?? `unknown (${value})`;
}

/** @returns `dfuDNLOAD-IDLE`, or `unknown (15)` for a state that the specification does not know */
export const stateName = (state: number): string => nameIn(STATE, state).replaceAll('_', '-');
export const statusName = (status: number): string => nameIn(STATUS, status);
/** `SET ADDRESS POINTER`, as AN3156 writes it. */
export const commandName = (command: number): string => nameIn(COMMAND, command).replaceAll('_', ' ');
export const requestName = (request: number): string => nameIn(REQUEST, request);
