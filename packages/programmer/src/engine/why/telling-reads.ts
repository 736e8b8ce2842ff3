/** Reads that are made once a run has failed, so that its explanation has fewer rivals. They change nothing. */
import type { Chip } from '@sureflash/chips';
import type { Device } from '../../target/device.ts';
import type { Range } from '../../target/geometry.ts';
import { LOOK_BYTES } from '../../target/looks.ts';
import type { Target } from '../../target/target.ts';
import { readMemoryBytes } from '../memory/read-memory.ts';
import type { TranscriptEntry } from './transcript.ts';

/** Bytes outside the flash that a run has read, and that every such chip holds there. */
export interface KnownOutside {
  readonly address: number;
  readonly bytes: Uint8Array;
}

const FLASH_SIZE_BYTES = 2;

/**
 * Reads the flash size register. A displaced read and a displaced write leave the same bytes in all that a run has written;
 * where the register comes as it is, reads are not displaced. Many loaders give no place outside the flash, so that any other
 * answer tells nothing.
 * @returns the register; empty where the chip is not known, or the answer is no size of its flash
 */
export async function readKnownOutside({ target }: Device, chip: Chip | undefined): Promise<KnownOutside[]> {
  const { flashSizeAddress: address, variants = [] } = chip ?? {};
  if (address === undefined || !target.readOutside) return [];
  const found = await target.readOutside(address, FLASH_SIZE_BYTES).catch(() => undefined);
  await target.settle();
  // In KB, 16 bits (RM0008 §30.1.1).
  const kilobytes = found?.length === FLASH_SIZE_BYTES ? (found[0] ?? 0) + 256 * (found[1] ?? 0) : undefined;
  const isSize = variants.some(({ bytes }) => bytes / 1024 === kilobytes);
  return found && isSize ? [{ address, bytes: found }] : [];
}

/** Odd, so that it is no multiple of any access. */
const BESIDE_BLOCK = 13;
const BESIDE_BYTES = 256;
/** Shares of what was written at which it is read once more: in falling order. */
const SHARES_READ_AGAIN = [0.75, 0.5, 0.25, 0] as const;

/** Reads across the borders of blocks, and in another order than the proof: an answer from a copy or a cache shows. */
export async function readAcross(
  target: Target,
  entries: readonly TranscriptEntry[],
  blockSize: number,
): Promise<void> {
  const longest = longestWrite(entries);
  if (!longest || longest.end - longest.start < 2 * (blockSize + BESIDE_BYTES)) return;
  for (const share of SHARES_READ_AGAIN) {
    const blocks = Math.floor((share * (longest.end - longest.start)) / blockSize);
    const start = longest.start + blocks * blockSize + BESIDE_BLOCK;
    // What is refused tells nothing here.
    await readMemoryBytes(target, { start, end: start + BESIDE_BYTES }).catch(() => target.settle());
  }
}

/** Looks at places beside a job, which are read before it and would be read again had it succeeded. */
const MOST_LOOKED_AT = 12;

/** Reads once more what was looked at before the first change and not since the last: what else an erase took shows there. */
export async function lookOnceMore(target: Target, entries: readonly TranscriptEntry[]): Promise<void> {
  const isChange = ({ kind }: TranscriptEntry): boolean => kind !== 'read';
  const first = entries.findIndex(isChange);
  if (first < 0) return;
  const since = readsAmong(entries.slice(entries.findLastIndex(isChange)));
  const before = readsAmong(entries.slice(0, first)).filter(({ start, end }) => end - start <= LOOK_BYTES);
  const unread = before.filter((place) => !since.some(({ start, end }) => start < place.end && end > place.start));
  for (const place of unread.slice(0, MOST_LOOKED_AT))
    await readMemoryBytes(target, place).catch(() => target.settle());
}

/** Whole reads: each comes in chunks. */
function readsAmong(entries: readonly TranscriptEntry[]): Range[] {
  const ends = new Map<number, number>();
  for (const entry of entries) {
    if (entry.kind !== 'read') continue;
    ends.set(entry.from, Math.max(ends.get(entry.from) ?? 0, entry.address + entry.bytes.length));
  }
  return [...ends].map(([start, end]) => ({ start, end }));
}

function longestWrite(entries: readonly TranscriptEntry[]): Range | undefined {
  const writes = entries.flatMap((entry) =>
    entry.kind === 'write' ? [{ start: entry.address, end: entry.address + entry.bytes.length }] : [],
  );
  return writes.reduce<Range | undefined>(
    (longest, each) => (!longest || each.end - each.start > longest.end - longest.start ? each : longest),
    undefined,
  );
}
