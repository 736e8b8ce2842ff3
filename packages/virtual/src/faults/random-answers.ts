/** A device that follows no model: the descriptors of a real board, and well-formed answers that have nothing to do with the question. */

import { random } from '../random.ts';
import { DfuRequest, DfuStatus, statusBytes } from '../usb/dfu-words.ts';
import type { Reply, Setup, UsbConnector, UsbDeviceModel } from '../usb/model.ts';
import { isClass, isIn } from './requests.ts';

export interface AnswerStyle {
  readonly name: string;
  /** Share of requests that are stalled. */
  readonly stalls: number;
  /** Share of replies that are shorter than asked for. */
  readonly shorts: number;
  /** bState of GETSTATUS is one of these. */
  readonly states: readonly number[];
}

export const ANSWER_STYLES: readonly AnswerStyle[] = [
  { name: 'answers anything', stalls: 0.05, shorts: 0.05, states: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 15] },
  { name: 'answers plausibly', stalls: 0.01, shorts: 0, states: [2, 2, 2, 4, 5, 5, 5] },
  { name: 'is always done', stalls: 0, shorts: 0, states: [2, 5] },
  { name: 'is always busy', stalls: 0, shorts: 0, states: [4] },
  { name: 'is always idle', stalls: 0, shorts: 0, states: [2] },
];

const STATUS_LENGTH = 6;
/** Neighbouring seeds shall not begin alike. */
const SPREAD = 0x9e37_79b1;
/** Share of GETSTATUS that tell of no error. */
const CONTENT = 0.8;

/** `board` answers standard requests; class requests are answered by chance. */
export function randomAnswers(board: UsbDeviceModel, seed: number, style: AnswerStyle): UsbConnector {
  const next = random(Math.imul(seed, SPREAD));
  const device: UsbDeviceModel = {
    speed: board.speed,
    deviceDescriptor: board.deviceDescriptor,
    configurationDescriptor: board.configurationDescriptor,
    busyUntil: 0,
    control: (setup, data) =>
      isClass({ setup, data }) ? answerByChance(setup, next, style) : board.control(setup, data),
    reset: () => board.reset(),
  };
  return { device, subscribe: () => () => undefined };
}

function answerByChance(setup: Setup, next: () => number, { stalls, shorts, states }: AnswerStyle): Reply {
  if (next() < stalls) return { kind: 'stall' };
  if (!isIn({ setup, data: new Uint8Array() })) return { kind: 'ack' };
  const length = next() < shorts ? Math.floor(next() * setup.length) : setup.length;
  if (setup.request === DfuRequest.GETSTATUS && length === STATUS_LENGTH) {
    const status = next() < CONTENT ? DfuStatus.OK : Math.floor(next() * (DfuStatus.ERR_STALLEDPKT + 1));
    const state = states[Math.floor(next() * states.length)] ?? 0;
    return { kind: 'data', bytes: statusBytes(status, Math.floor(next() * 256), state) };
  }
  return { kind: 'data', bytes: Uint8Array.from({ length }, () => Math.floor(next() * 256)) };
}
