/** The commands of CMSIS-DAP by their bytes, as Arm's documentation of CMSIS-DAP 2.1 has them. Facts; no code. */

/** The first byte of a request, which its reply repeats. */
export const DAP = {
  INFO: 0x00,
  HOST_STATUS: 0x01,
  CONNECT: 0x02,
  DISCONNECT: 0x03,
  TRANSFER_CONFIGURE: 0x04,
  TRANSFER: 0x05,
  TRANSFER_BLOCK: 0x06,
  SWJ_PINS: 0x10,
  SWJ_CLOCK: 0x11,
  SWJ_SEQUENCE: 0x12,
  SWD_CONFIGURE: 0x13,
} as const;

/** What INFO is asked for. */
export const DAP_INFO = { VERSION: 0x04, CAPABILITIES: 0xf0, PACKET_COUNT: 0xfe, PACKET_SIZE: 0xff } as const;
/** Bit of the capabilities. */
export const CAN_SWD = 1;
/** Argument of CONNECT, which it repeats; 0 is a failure. */
export const PORT_SWD = 1;
/** The second byte of a reply that is a status alone. */
export const STATUS_OK = 0;
/** Bit of SWJ_PINS. */
export const PIN_NRESET = 1 << 7;
/** Argument of HOST_STATUS: the light that says that a debugger is there. */
export const LIGHT_CONNECTED = 0;

/** A transfer within TRANSFER and TRANSFER_BLOCK; bits 2 and 3 are the address of the register. */
export const TRANSFER_BITS = { ACCESS_PORT: 1, READ: 2 } as const;
/** Bits 2 to 0 of a reply to transfers: the acknowledge of the last one. */
export const ACKNOWLEDGE = { MASK: 7, OK: 1, WAIT: 2, FAULT: 4 } as const;
/** Beside it: the parity of what the chip sent was wrong. */
export const PARITY_ERROR = 8;
/** TRANSFER counts its transfers in a byte. */
export const MOST_TRANSFERS = 255;

/** Registers of the debug port and of a memory access port (ADIv5.2 B2.2, C2.6). */
export const DP_REGISTER = { DPIDR: 0, ABORT: 0, CTRL_STAT: 4, SELECT: 8 } as const;
export const AP_REGISTER = { CSW: 0x0, TAR: 0x4, DRW: 0xc } as const;
/** ABORT: STKCMPCLR, STKERRCLR, WDERRCLR, ORUNERRCLR. */
export const CLEAR_STICKY = 0x1e;
/** CTRL/STAT: requests for power of debug and system, and the answers to them. */
export const POWER_REQUESTS = 0x5000_0000;
export const POWER_ANSWERS = 0xa000_0000;
/** CSW: Size and AddrInc are ours, what the port has above stays. Master debug, privileged data (ADIv5.2 C2.6.4, E1.3). */
export const CSW_KEPT = 0xffff_ff00;
export const CSW_ACCESS = 0x2300_0010;

/** At least 50 ones reset the line, 0xE79E selects SWD, and 8 zeros leave it idle (ADIv5.2 B4.3, B5.3). */
export const INTO_SWD: readonly number[] = [
  ...Array.from({ length: 7 }, () => 0xff),
  0x9e,
  0xe7,
  ...Array.from({ length: 7 }, () => 0xff),
  0,
];
