/** The narrow waist: a chip whose memory we can change, whatever the wire. The engine knows only this. */
/// <reference lib="esnext.disposable" preserve="true" />
import type { About } from './about.ts';
import type { Range, Region, Sector } from './geometry.ts';

export interface OperationOptions {
  /** Looked at between transfers; its reason is thrown unchanged. */
  readonly signal?: AbortSignal | undefined;
}

export interface SectorEraseOptions extends OperationOptions {
  /** Called after each sector, in the order of the call. */
  readonly onErased?: ((sector: Sector) => void) | undefined;
  /** What will be written next, into these sectors: a target may carry it to the chip while the cells are erased. */
  readonly next?: { readonly address: number; readonly bytes: Uint8Array } | undefined;
}

export interface MemoryWriteOptions extends OperationOptions {
  /** Called with the bytes done so far after each transfer of `write`. */
  readonly onBytes?: ((done: number) => void) | undefined;
  /** Read back what has been programmed while the rest is, where the target can: `takeReadBack` gives it. */
  readonly readBack?: boolean | undefined;
}

/** How often a loader has asked the host to wait for one kind of operation, and the longest time that it named. */
export interface AskedWait {
  readonly times: number;
  readonly mostMs: number;
}

/** What makes writing slower than the chip is. */
export interface Slowness {
  /** Reads after "because": `its core does not run code in RAM`. */
  readonly because: string;
  /** Bytes that are written in one go, and what that takes beside the chip's own time, in ms. */
  readonly unitBytes: number;
  readonly unitMs: number;
}

/** Contiguous bytes as they were read; the buffer belongs to the receiver. */
export interface Chunk {
  readonly address: number;
  readonly bytes: Uint8Array;
}

/**
 * A chip whose memory we can change. A missing method is a missing ability. Calls are made one after the other.
 * Failures are `FlashError`s.
 */
export interface Target extends AsyncDisposable {
  readonly about: About;
  readonly geometry: readonly Region[];
  /** Programs bytes at `address`, both multiples of the region's write size. */
  write(address: number, bytes: Uint8Array, options?: MemoryWriteOptions): Promise<void>;
  /** Erases sectors of one region, in their order. */
  erase(sectors: readonly Sector[], options?: SectorEraseOptions): Promise<void>;
  /** The content of `range` in ascending chunks without gaps; leaving the loop early ends the reading cleanly. */
  read(range: Range, options?: OperationOptions): AsyncIterable<Chunk>;
  /**
   * @returns the CRC-32 (ISO 3309) of each range, computed by the chip itself; `undefined` where it cannot just now. Ranges
   * begin at multiples of 4.
   */
  digest?(ranges: readonly Range[], options?: OperationOptions): Promise<readonly number[] | undefined>;
  /**
   * @returns what was read back since the last call, each part read after it had been programmed; no promise that nothing has
   * changed since, and that every part is there. Absent where nothing can be read while something is programmed.
   */
  takeReadBack?(): Promise<readonly Chunk[]>;
  /** @returns why writing will be slow; `undefined` where it will not, or nobody can know yet. Nothing in flash changes. */
  slowness?(): Promise<Slowness | undefined>;
  /**
   * A few bytes at an address that no memory of `geometry` holds, such as a register that every chip of a kind has.
   * @returns `undefined` where the device refuses; absent where every place that can be read is in `geometry`
   */
  readOutside?(address: number, length: number): Promise<Uint8Array | undefined>;
  eraseAll(options?: OperationOptions): Promise<void>;
  /** Removes read protection. Everything in the chip is erased. */
  unprotect(): Promise<void>;
  /** Starts the program whose vector table is at `address`. That the device vanishes is a success. */
  leave(address: number): Promise<void>;
  /** Resets the chip, which starts as its boot pins and option bytes say; absent where nothing but the chip itself can do that. */
  reset?(): Promise<void>;
  /** Brings the link back to rest after a failure or an abort; never throws. */
  settle(): Promise<void>;
  /** @returns the names of the commands that the loader offers (AN3156 §4.2); empty where it does not tell */
  readCommands?(): Promise<readonly string[]>;
  /** Whether the device still answers what has nothing to do with its memory; it is at rest then. */
  answers?(): Promise<boolean>;
  /** Option bytes hold as soon as they are written: the chip was reset with it, and stayed connected. */
  readonly loadsOptions?: true;
  /** What has turned out since it was connected, one sentence each without a full stop: a line that had to be slowed down. */
  readonly remarks?: readonly string[];
  /** The waiting times that the loader has asked for so far: keys are `erase`, `write` and the like. */
  readonly waits?: ReadonlyMap<string, AskedWait>;
}
