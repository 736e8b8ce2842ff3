/** Reads the blocks of a range in order and asks for some ahead, so that the device need not wait for the host. */
import { FlashError } from '../../errors.ts';
import type { Range } from '../../target/geometry.ts';
import type { Chunk } from '../../target/target.ts';

export interface Reading {
  /** Whole blocks of `length` bytes. */
  readonly range: Range;
  readonly length: number;
  /** Resolves when the device can answer. Blocks are asked for before that; their answers are awaited after it. */
  readonly ready: Promise<void>;
  /** How many blocks are asked for beyond the one that is awaited. */
  readonly ahead: number;
  /** Asks for the `n`th block; the request goes out, or is queued, at once. */
  readonly read: (n: number, address: number) => Promise<Uint8Array>;
  readonly signal: AbortSignal | undefined;
  /** Whether the device has stopped answering: then the blocks that were asked for are not awaited. */
  readonly isSilent: () => boolean;
}

/**
 * Yields one chunk for each block, in ascending order; each chunk has its own buffer. If the loop is left early, the blocks
 * that were already asked for are awaited first.
 * @throws FlashError `read/short`, the errors of `ready` and `read`, and the signal's reason
 */
export async function* readBlocks({
  range,
  length,
  ready,
  ahead,
  read,
  signal,
  isSilent,
}: Reading): AsyncGenerator<Chunk, void> {
  const { start, end } = range;
  const asked: Promise<Uint8Array>[] = [];
  const ask = (n: number): void => {
    const address = start + n * length;
    if (address >= end) return;
    const block = read(n, address);
    // A block that nobody awaits any more may fail unheard: an earlier failure is the reason that is thrown.
    block.catch(() => undefined);
    asked.push(block);
  };
  for (let n = 0; n < ahead; n++) ask(n);
  try {
    await ready;
    for (let n = 0; start + n * length < end; n++) {
      signal?.throwIfAborted();
      ask(n + ahead);
      const address = start + n * length;
      const bytes = (await asked.shift()) ?? new Uint8Array(0);
      if (bytes.length !== length) {
        throw new FlashError('read/short', { address, expected: length, found: bytes.length });
      }
      yield { address, bytes };
    }
  } finally {
    if (!isSilent()) await Promise.allSettled(asked);
  }
}
