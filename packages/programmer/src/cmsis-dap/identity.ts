/** What a CMSIS-DAP probe says of itself. It knows no line and no chip. */
import { FlashError } from '../errors.ts';
import { CAN_SWD, DAP, DAP_INFO } from './commands.ts';
import type { DapLink } from './link.ts';

export interface DapIdentity {
  /** Of the protocol, as `2.1.0`; empty where it does not tell. */
  readonly version: string;
  readonly canSwd: boolean;
  /** DAP_PACKET_SIZE and DAP_PACKET_COUNT. */
  readonly packetBytes: number;
  readonly packetCount: number;
}

const LEAST_PACKET_BYTES = 64;
const MOST_PACKET_BYTES = 1024;
/** It needs no chip to say who it is. */
const GREETING_LIMIT_MS = 500;

/**
 * Replies of different lengths come one after the other, so that one that is left from another session is noticed.
 * @throws FlashError `usb/*`, `probe/protocol`
 */
export async function readDapIdentity(link: DapLink): Promise<DapIdentity> {
  const [low = 0, high = 0] = await readInfo(link, DAP_INFO.PACKET_SIZE, 2);
  const [count = 1] = await readInfo(link, DAP_INFO.PACKET_COUNT, 1);
  const [abilities = 0] = await readInfo(link, DAP_INFO.CAPABILITIES);
  const version = await readInfo(link, DAP_INFO.VERSION);
  return {
    version: /^\d+(\.\d+)+/.exec(String.fromCharCode(...version))?.[0] ?? '',
    canSwd: (abilities & CAN_SWD) !== 0,
    packetBytes: Math.min(MOST_PACKET_BYTES, Math.max(LEAST_PACKET_BYTES, low | (high << 8))),
    packetCount: Math.max(1, count),
  };
}

async function readInfo(link: DapLink, id: number, length?: number): Promise<Uint8Array> {
  const operation = 'say who it is';
  const reply = await link.exchange(operation, Uint8Array.of(DAP.INFO, id), GREETING_LIMIT_MS);
  const told = reply[1] ?? 0;
  if (reply.length < 2 + told || (length !== undefined && told !== length)) {
    const expected = `${length ?? told} bytes about itself`;
    throw new FlashError('probe/protocol', { operation, expected, found: `${told}` });
  }
  return reply.subarray(2, 2 + told);
}
