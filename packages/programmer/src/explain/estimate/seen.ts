/** What was written beside what stands there afterwards, block by block, as estimators need it. */
import type { Expectation } from '../check/expect.ts';
import type { Ground, Step } from '../recording/steps.ts';

/** One block that was written, and what the first reads after all changes gave for its addresses. */
export interface SeenBlock {
  readonly step: Step;
  /** -1 where nothing was read. */
  readonly found: Int16Array;
  /** Bytes that were read and are not what was written. */
  readonly wrong: number;
}

export interface Seen {
  readonly ground: Ground;
  readonly steps: readonly Step[];
  readonly blocks: readonly SeenBlock[];
  readonly reads: readonly Expectation[];
  /** Reads that were made after the first change. */
  readonly after: readonly Expectation[];
  /** For each offset what was first read there before anything changed, -1 where nothing was. */
  readonly firstRead: Int16Array;
  /** Of the wrong bytes in blocks, the share that is neither erased nor what was read there first. */
  readonly strangeShare: number;
}

export function see(ground: Ground, steps: readonly Step[], reads: readonly Expectation[]): Seen {
  const firstChange = steps.find(({ kind }) => kind !== 'read')?.at ?? steps.length;
  const lastChange = steps.findLast(({ kind }) => kind !== 'read')?.at ?? -1;
  const after = reads.filter(({ step }) => step.at > firstChange);
  const found = new Int16Array(ground.size).fill(-1);
  for (const { step } of after.toReversed()) {
    if (step.at < lastChange) continue;
    const low = Math.max(0, step.address);
    const high = Math.min(ground.size, step.address + step.length);
    if (low >= high) continue;
    const before = step.unstable && found.slice(low, high);
    found.set(step.bytes.subarray(low - step.address, high - step.address), low);
    for (const i of step.unstable ?? []) {
      const at = step.address + i;
      if (at >= low && at < high) found[at] = before?.[at - low] ?? -1;
    }
  }
  const blocks = steps.flatMap((step) => (step.kind === 'write' ? [seenBlock(step, found)] : []));
  const firstRead = firstReads(
    ground,
    reads.filter(({ step }) => step.at < firstChange),
  );
  const strangeShare = shareOfStrange(ground, blocks, firstRead);
  return { ground, steps, blocks, reads, after, firstRead, strangeShare };
}

function firstReads({ size }: Ground, reads: readonly Expectation[]): Int16Array {
  const first = new Int16Array(size).fill(-1);
  for (const { step } of reads.toReversed()) {
    const low = Math.max(0, step.address);
    const high = Math.min(size, step.address + step.bytes.length);
    if (low < high) first.set(step.bytes.subarray(low - step.address, high - step.address), low);
  }
  return first;
}

export function shareOfStrange({ erasedValue }: Ground, blocks: readonly SeenBlock[], firstRead: Int16Array): number {
  let all = 0;
  let strange = 0;
  for (const { step, found, wrong } of blocks) {
    if (wrong === 0) continue;
    const { bytes, address } = step;
    for (let i = 0; i < bytes.length; i++) {
      const value = found[i] ?? -1;
      if (value < 0 || value === bytes[i]) continue;
      all++;
      if (value !== erasedValue && value !== firstRead[address + i]) strange++;
    }
  }
  return all === 0 ? 0 : strange / all;
}

/**
 * Whether anything in a block is neither erased, nor what stood there, nor what was written, nor both at once: then it is
 * not enough that operations were lost, or erased too much or too little.
 */
export function holdsForeign(seen: Seen): boolean {
  const known = foreign.get(seen) ?? looksForForeign(seen);
  foreign.set(seen, known);
  return known;
}

const foreign = new WeakMap<Seen, boolean>();

function looksForForeign({ ground, blocks, firstRead }: Seen): boolean {
  const ends = blocks
    .map(({ step }) => [step.address, step.address + step.length] as const)
    .sort((a, b) => a[0] - b[0]);
  // What was written twice may be of either.
  if (ends.some(([start], i) => start < (ends[i - 1]?.[1] ?? Number.NEGATIVE_INFINITY))) return false;
  return blocks.some(({ step, found, wrong }) => {
    if (wrong === 0) return false;
    const { bytes, address } = step;
    for (let i = 0; i < bytes.length; i++) {
      const value = found[i] ?? -1;
      const asked = bytes[i] ?? 0;
      if (value < 0 || value === asked || value === ground.erasedValue) continue;
      const old = firstRead[address + i] ?? -1;
      if (old >= 0 && value !== old && value !== (old & asked)) return true;
    }
    return false;
  });
}

function seenBlock(step: Step, all: Int16Array): SeenBlock {
  const found = all.subarray(Math.max(0, step.address), Math.max(0, step.address + step.length));
  let wrong = 0;
  const { bytes } = step;
  for (let i = 0; i < bytes.length; i++) if ((found[i] ?? -1) >= 0 && found[i] !== bytes[i]) wrong++;
  return { step, found, wrong };
}

/** Byte values that fill whole reads. */
export function onlyValues(reads: readonly Uint8Array[]): number[] {
  const filled = reads.flatMap((bytes) =>
    bytes.length > 8 && bytes.every((byte) => byte === bytes[0]) ? [bytes[0] ?? 0] : [],
  );
  return [...new Set(filled)].slice(0, 4);
}
