/** Keeps what was asked of a target and what its reads gave, in order, for when the run fails. It changes and judges nothing. */
import { sameBytes } from '@sureflash/image';
import { type Device, deviceOf } from '../../target/device.ts';
import type { Range } from '../../target/geometry.ts';
import type { Chunk, Target } from '../../target/target.ts';

/** One thing that was asked. A read is one chunk of it; `from` is where the whole read began. */
export type TranscriptEntry =
  | { readonly kind: 'erase'; readonly start: number; readonly end: number }
  | { readonly kind: 'erase-all' }
  | { readonly kind: 'write'; readonly address: number; readonly bytes: Uint8Array }
  | { readonly kind: 'read'; readonly from: number; readonly address: number; readonly bytes: Uint8Array };

/** Bytes are kept as they came, not copied; beyond this many nothing is kept. */
const MOST_KEPT_BYTES = 8 * 1024 * 1024;

export class Transcript {
  readonly #entries: TranscriptEntry[] = [];
  #bytes = 0;
  #startedAt: number | undefined;

  /** Everything since the beginning; empty where that became too much to keep. */
  get entries(): readonly TranscriptEntry[] {
    return this.#bytes <= MOST_KEPT_BYTES ? this.#entries : [];
  }

  /** Something was changed, or two reads of one place differ: a right loader may not have answered like that. */
  get mayDeviate(): boolean {
    return this.entries.some(({ kind }) => kind !== 'read') || readsDiffer(this.entries);
  }

  /** Notes are taken from the first call on. @param now of the device's clock, in ms */
  begin(now: number): void {
    this.#startedAt ??= now;
  }

  /** @returns for how long, in ms, it has been taking notes */
  lastedMs(now: number): number {
    return now - (this.#startedAt ?? now);
  }

  note(entry: TranscriptEntry): void {
    this.#bytes += 'bytes' in entry ? entry.bytes.length : 0;
    if (this.#bytes <= MOST_KEPT_BYTES) this.#entries.push(entry);
    else this.#entries.length = 0;
  }
}

/** Whether two reads of one place gave different bytes. */
function readsDiffer(entries: readonly TranscriptEntry[]): boolean {
  const reads = entries.flatMap((entry) => (entry.kind === 'read' ? [entry] : []));
  const sorted = reads.toSorted((a, b) => a.address - b.address);
  return sorted.some((read, i) => {
    for (const other of sorted.slice(i + 1)) {
      const at = other.address - read.address;
      if (at >= read.bytes.length) return false;
      const length = Math.min(read.bytes.length - at, other.bytes.length);
      if (!sameBytes(read.bytes.subarray(at, at + length), other.bytes.subarray(0, length))) return true;
    }
    return false;
  });
}

/** @returns the same device; what is asked of it from now on stands in the transcript, where there is one */
export function transcribed(device: Device, transcript: Transcript | undefined): Device {
  if (!transcript) return device;
  transcript.begin(device.clock.now());
  return deviceOf(transcribedTarget(device.target, transcript), device.clock);
}

function transcribedTarget(target: Target, transcript: Transcript): Target {
  const { waits } = target;
  return {
    about: target.about,
    geometry: target.geometry,
    write: async (address, bytes, options) => {
      transcript.note({ kind: 'write', address, bytes });
      await target.write(address, bytes, options);
    },
    erase: async (sectors, options) => {
      for (const { start, end } of sectors) transcript.note({ kind: 'erase', start, end });
      await target.erase(sectors, options);
    },
    read: (range, options) => transcribedRead(target.read(range, options), range, transcript),
    eraseAll: async (options) => {
      transcript.note({ kind: 'erase-all' });
      await target.eraseAll(options);
    },
    ...(target.readOutside && {
      readOutside: async (address, length) => {
        const bytes = await target.readOutside?.(address, length);
        if (bytes) transcript.note({ kind: 'read', from: address, address, bytes });
        return bytes;
      },
    }),
    unprotect: async () => await target.unprotect(),
    leave: async (address) => await target.leave(address),
    settle: async () => await target.settle(),
    ...(target.digest && { digest: async (ranges, options) => await target.digest?.(ranges, options) }),
    ...(target.takeReadBack && {
      takeReadBack: async () => {
        const chunks = (await target.takeReadBack?.()) ?? [];
        for (const chunk of chunks) transcript.note({ kind: 'read', from: chunk.address, ...chunk });
        return chunks;
      },
    }),
    ...(target.loadsOptions && { loadsOptions: target.loadsOptions }),
    ...(target.reset && { reset: async () => await target.reset?.() }),
    ...(target.readCommands && { readCommands: async () => (await target.readCommands?.()) ?? [] }),
    ...(target.answers && { answers: async () => (await target.answers?.()) ?? true }),
    ...(waits && { waits }),
    [Symbol.asyncDispose]: async () => await target[Symbol.asyncDispose](),
  };
}

async function* transcribedRead(
  chunks: AsyncIterable<Chunk>,
  { start }: Range,
  transcript: Transcript,
): AsyncGenerator<Chunk, void> {
  for await (const chunk of chunks) {
    transcript.note({ kind: 'read', from: start, ...chunk });
    yield chunk;
  }
}
