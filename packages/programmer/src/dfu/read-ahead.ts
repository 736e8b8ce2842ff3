/** Blocks of a range in their order, some asked for while one is looked at: the device need not wait for the host. */
import { FlashError } from '../errors.ts';
import type { Range } from '../target/geometry.ts';
import type { Chunk } from '../target/target.ts';

export interface Reading {
  /** Whole blocks of `length` bytes. */
  readonly range: Range;
  readonly length: number;
  /** When the device can answer; blocks are asked for before that, but none is waited for. */
  readonly ready: Promise<void>;
  /** Blocks that are asked for beyond the one that is waited for. */
  readonly ahead: number;
  /** Asks for the `n`th block; the request goes out, or is queued, at once. */
  readonly read: (n: number, address: number) => Promise<Uint8Array>;
  readonly signal: AbortSignal | undefined;
  /** The device does not answer any more: what was asked for is not waited for. */
  readonly isSilent: () => boolean;
}

/**
 * Left early, it waits for what was asked for.
 * @throws FlashError `dfu/short-read`, what `ready` and `read` throw, and the signal's reason
 */
export async function* readBlocks({
  range,
  length,
  ready,
  ahead,
  read,
  signal,
  isSilent,
}: Reading): AsyncGenerator<Chunk> {
  const { start, end } = range;
  const asked: Promise<Uint8Array>[] = [];
  const ask = (n: number): void => {
    const address = start + n * length;
    if (address >= end) return;
    const block = read(n, address);
    // One that nobody waits for any more may fail unheard: what came before it tells the reason.
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
        throw new FlashError('dfu/short-read', { address, expected: length, found: bytes.length });
      }
      yield { address, bytes };
    }
  } finally {
    if (!isSilent()) await Promise.allSettled(asked);
  }
}
