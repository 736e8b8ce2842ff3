/** What a CMSIS-DAP probe answers to one request (CMSIS-DAP 2.1, Commands). It knows nothing of USB. */

import type { DapLine } from './line.ts';
import type { CmsisDapModel } from './models.ts';
import { answerBlock, answerTransfer, type TransferSettings } from './transfers.ts';

export interface DapState extends TransferSettings {
  readonly model: CmsisDapModel;
  readonly line: DapLine;
  readonly serial: string;
  isConnected: boolean;
}

/** Absent: it answers nothing. */
export type DapReply = readonly number[] | undefined;
type DapAnswer = (state: DapState, packet: DataView) => DapReply;

const [OK, ERROR, UNKNOWN] = [0, 0xff, 0xff];
const SWD = 1;
const NRESET = 1 << 7;
/** TCK, TDI, TDO and nTRST are at rest. */
const PINS_AT_REST = 0x2f;
const ABORT_REGISTER = 0;

function information({ model, serial }: DapState, id: number): readonly number[] {
  const text = (value: string): readonly number[] => [...new TextEncoder().encode(value), 0];
  switch (id) {
    case 0x01:
      return text(model.manufacturer);
    case 0x02:
      return text(model.product);
    case 0x03:
      return text(serial);
    case 0x04:
      return text(model.version);
    case 0xf0:
      return [SWD];
    case 0xfe:
      return [model.packetCount];
    case 0xff:
      return [model.packetBytes & 0xff, model.packetBytes >>> 8];
    default:
      return [];
  }
}

/** SWD is the only port, and the one that is meant by 0. */
function connect(state: DapState, port: number): DapReply {
  state.isConnected = port <= SWD;
  return [0x02, state.isConnected ? SWD : 0];
}

function drivePins({ line: { target } }: DapState, packet: DataView): DapReply {
  const [output, select] = [packet.getUint8(1), packet.getUint8(2)];
  if ((select & NRESET) !== 0) target.pullReset((output & NRESET) === 0);
  // The pin of the probe shows what it drives, whether the line goes anywhere or not.
  return [0x10, PINS_AT_REST | (target.isHeldInReset || isLow(output, select) ? 0 : NRESET)];
}

const isLow = (output: number, select: number): boolean => (select & NRESET) !== 0 && (output & NRESET) === 0;

function limitClock({ line, model }: DapState, hertz: number): DapReply {
  if (hertz === 0) return [0x11, ERROR];
  line.khz = Math.min(model.mostKhz, hertz / 1000);
  return [0x11, OK];
}

function sequence({ line }: DapState, packet: DataView): DapReply {
  const bits = packet.getUint8(1) || 256;
  const bytes = new Uint8Array(packet.buffer, packet.byteOffset + 2, Math.ceil(bits / 8));
  line.sequence(bits, bytes);
  return [0x12, OK];
}

function configure(state: DapState, packet: DataView): DapReply {
  state.line.idleClocks = packet.getUint8(1);
  state.line.waitRetries = packet.getUint16(2, true);
  state.matchRetries = packet.getUint16(4, true);
  return [0x04, OK];
}

function writeAbort({ line }: DapState, value: number): DapReply {
  const { ack } = line.transfer({ isAccessPort: false, isRead: false, register: ABORT_REGISTER }, value);
  return [0x08, ack === 'ok' ? OK : ERROR];
}

const ANSWERS: Readonly<Record<number, DapAnswer>> = {
  0: (state, packet) => {
    const told = information(state, packet.getUint8(1));
    return [0x00, told.length, ...told];
  },
  1: () => [0x01, OK],
  2: (state, packet) => connect(state, packet.getUint8(1)),
  3: (state) => {
    state.isConnected = false;
    return [0x03, OK];
  },
  4: configure,
  5: (state, packet) => (state.isConnected ? answerTransfer(state, packet) : [0x05, 0, 0]),
  6: (state, packet) => (state.isConnected ? answerBlock(state, packet) : [0x06, 0, 0, 0]),
  // Abandons a transfer that is under way: here each ends before the next request.
  7: () => undefined,
  8: (state, packet) => writeAbort(state, packet.getUint32(2, true)),
  9: ({ line }, packet) => {
    line.target.pass(packet.getUint16(1, true) / 1000);
    return [0x09, OK];
  },
  // It has no sequence of its own to reset a chip.
  10: () => [0x0a, OK, 0],
  16: drivePins,
  17: (state, packet) => limitClock(state, packet.getUint32(1, true)),
  18: sequence,
  19: () => [0x13, OK],
};

/** @returns the reply; FF alone to a request that it does not know, or that is too short */
export function answerRequest(state: DapState, request: Uint8Array): DapReply {
  const answer = ANSWERS[request[0] ?? UNKNOWN];
  if (!answer) return [UNKNOWN];
  try {
    return answer(state, new DataView(request.buffer, request.byteOffset, request.byteLength));
  } catch (thrown) {
    if (thrown instanceof RangeError) return [UNKNOWN];
    throw thrown;
  }
}
