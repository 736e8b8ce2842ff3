/** How the RAM of a chip is divided among loader, mailbox, stack and buffers. Pure. */
import type { Range } from '../target/geometry.ts';
import { FLASH_LOADER } from './flash-loader-code.ts';
import { MAILBOX } from './mailbox.ts';

export interface WorkArea {
  readonly code: number;
  readonly mailbox: number;
  readonly stackTop: number;
  /** The first of `bufferCount`; each has `bufferBytes` and a word behind them. */
  readonly buffers: number;
  readonly bufferBytes: number;
  /** From one buffer to the next. */
  readonly bufferStride: number;
  readonly bufferCount: number;
  /** Ranges whose CRCs can be asked for at once; 0 where there is no room for the table. */
  readonly listEntries: number;
  readonly end: number;
}

/** The loader calls no deeper than three functions of at most 60 bytes each. */
const STACK_BYTES = 192;
export const CRC_TABLE_BYTES = 1024;
const LIST_ENTRY = 8;
/** Of one buffer with the word behind it: a transfer of one page of the debug port's address register (ADIv5.2 C2.2.2). */
const WHOLE_SIZES = [4096, 2048, 1024, 512, 256] as const;
/** While one is programmed, another is filled. */
const LEAST_BUFFERS = 2;
/** As many as hold the largest sector: while it is erased, all that comes into it can be carried to the chip. */
const MOST_BUFFER_BYTES = 136 * 1024;
/** Room is left behind a buffer so that its bytes are whole units and half pages of every controller. */
const BUFFER_UNIT = 128;
const BUFFER_ALIGNMENT = 1024;

/**
 * @returns areas that fit into this RAM, those with the most room first; a part of the row may have less RAM than the row says,
 * which is why there are smaller ones
 */
export function workAreas(ram: Range): WorkArea[] {
  const sizes = WHOLE_SIZES.flatMap((whole) => countsOf(ram, whole).map((count) => workArea(ram.start, whole, count)));
  return sizes.filter(({ end }) => end <= ram.end);
}

/** Halved until two are left; of small buffers no more than two. */
function countsOf(ram: Range, whole: number): number[] {
  const counts: number[] = [];
  const { buffers } = workArea(ram.start, whole, 0);
  const most = Math.floor(Math.min(ram.end - buffers, MOST_BUFFER_BYTES) / whole);
  if (whole === WHOLE_SIZES[0]) for (let count = most; count > LEAST_BUFFERS; count >>= 1) counts.push(count);
  return [...counts, LEAST_BUFFERS];
}

function workArea(code: number, whole: number, bufferCount: number): WorkArea {
  const mailbox = code + FLASH_LOADER.length;
  const stackTop = roundUp(mailbox + MAILBOX.END + STACK_BYTES, 8);
  const buffers = whole >= BUFFER_ALIGNMENT ? roundUp(stackTop, BUFFER_ALIGNMENT) : stackTop;
  const bufferBytes = whole - BUFFER_UNIT;
  const end = buffers + bufferCount * whole;
  const listEntries = Math.max(0, Math.floor((end - buffers - CRC_TABLE_BYTES) / LIST_ENTRY));
  return { code, mailbox, stackTop, buffers, bufferBytes, bufferStride: whole, bufferCount, listEntries, end };
}

const roundUp = (value: number, unit: number): number => Math.ceil(value / unit) * unit;
