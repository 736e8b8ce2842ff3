/**
 * Single bytes that a block or a read gives alone, whatever else was done: most deviations of data are wrong in one of them,
 * and nothing need be run to see that. It proves none of them right.
 */

import { markedValue } from '../grammar/marks.ts';
import type { Primitive } from '../grammar/primitive.ts';
import type { Ground, Step } from '../recording/steps.ts';
import { arrivingByte } from '../simulate/arriving.ts';
import { changedByte } from '../simulate/given.ts';
import type { Machine } from '../simulate/machine.ts';
import { sourceIndex, transformOf } from '../simulate/transform.ts';
import type { Window } from './windows.ts';

/** A byte of a read behind which one block alone was written since the last erase. */
export interface LoneByte {
  readonly read: Step;
  /** Its index in the read, and in the block. */
  readonly i: number;
  readonly write: Step;
  readonly j: number;
  /** What a right loader holds behind each byte of the read; -1 where that is not told by erases and writes alone. */
  readonly held: Int16Array;
}

/** Windows in which they are looked for, and in each of them bytes that differ, and bytes that do not. */
const MOST_WINDOWS_WITH = 8;
const MOST_WRONG_BYTES = 3;
const MOST_RIGHT_BYTES = 1;

/** Those in windows in which something differs: one of each first, then the second of each, and so on. */
export function loneBytesIn(windows: readonly Window[], steps: readonly Step[], ground: Ground): LoneByte[] {
  const inEach = windows
    .filter(({ differing }) => differing > 0)
    .slice(0, MOST_WINDOWS_WITH)
    .map((window) => loneBytesOf(window, steps, ground));
  return Array.from({ length: MOST_WRONG_BYTES + MOST_RIGHT_BYTES }, (_, n) =>
    inEach.flatMap((some) => some[n] ?? []),
  ).flat();
}

function loneBytesOf({ step: read, from, to }: Window, steps: readonly Step[], ground: Ground): LoneByte[] {
  const { held, writes } = heldBehind(read, steps, ground);
  const some: LoneByte[] = [];
  let [differing, right] = [0, 0];
  for (let i = from; i < to; i++) {
    const write = steps[writes[i] ?? -1];
    if (!write || read.unstable?.has(i)) continue;
    const isRight = held[i] === read.bytes[i];
    if (isRight ? right++ < MOST_RIGHT_BYTES : differing++ < MOST_WRONG_BYTES)
      some.push({ read, i, write, j: read.address + i - write.address, held });
  }
  return some;
}

interface HeldBehind {
  readonly held: Int16Array;
  /** The place of the step that wrote each byte; -1 where it was erased only, or is not known. */
  readonly writes: Int32Array;
}

/** What erases and writes alone leave behind a read in a right loader. */
function heldBehind(read: Step, steps: readonly Step[], { erasedValue, unit }: Ground): HeldBehind {
  const held = new Int16Array(read.length).fill(-1);
  const writes = new Int32Array(read.length).fill(-1);
  for (const step of steps) {
    if (step.at >= read.at) break;
    const start = Math.max(0, step.address - read.address);
    const end = Math.min(read.length, step.address + step.length - read.address);
    if (step.kind === 'read' || start >= end) continue;
    if (step.kind === 'erase') {
      held.fill(erasedValue, start, end);
      writes.fill(-1, start, end);
      continue;
    }
    // What shares a unit with another block, or was written twice, is known no more.
    const whole = [
      Math.ceil(step.address / unit) * unit,
      Math.floor((step.address + step.length) / unit) * unit,
    ] as const;
    for (let i = start; i < end; i++) {
      const at = read.address + i;
      const isFresh = held[i] === erasedValue && writes[i] === -1 && at >= whole[0] && at < whole[1];
      held[i] = isFresh ? (step.bytes[at - step.address] ?? -1) : -1;
      writes[i] = isFresh ? step.at : -1;
    }
  }
  return { held, writes };
}

/** Whether one of them is not as a model says, of which nothing but data of blocks, or of reads, deviates. */
export function isWrongInLoneBytes(
  { chains, order, ground }: Machine,
  some: () => readonly LoneByte[],
  steps: readonly Step[],
): boolean {
  const { erase, write, read } = chains;
  if (order || erase.length > 0) return false;
  if (read.length === 0 && write.length > 0 && write.every(changesData))
    return some().some((each) => {
      const byte = arrivingByte(write, each.write, steps, each.j);
      return (byte < 0 ? ground.erasedValue : byte) !== each.read.bytes[each.i];
    });
  if (write.length === 0 && read.length > 0 && read.every(changesData))
    return some().some((each) => {
      const byte = givenByte(read, each);
      return byte !== undefined && byte !== each.read.bytes[each.i];
    });
  return false;
}

const changesData = ({ stage, hooks: { data, runs } }: Primitive): boolean =>
  stage === 'data' && data !== undefined && runs === undefined;

/** `undefined` where it is not told by erases and writes alone. */
function givenByte(chain: readonly Primitive[], { read, i, held }: LoneByte): number | undefined {
  const transform = transformOf(chain, read);
  const from = transform ? sourceIndex(transform, i, read.length) : i;
  const value = from < 0 ? markedValue(from) : held[from];
  if (value === undefined || value < 0) return undefined;
  if (!transform || (from < 0 && transform.isMovedLast)) return value;
  return changedByte(read, transform, { i, value, address: read.address + (from < 0 ? i : from) });
}
