/** How the flash of a chip is erased and programmed, whether by code in its RAM or by its registers. */
import type { Range } from '../target/geometry.ts';
import type { Chunk } from '../target/target.ts';

/** Sectors of one size that lie one behind the other in one bank, as the controller names them. */
export interface SectorSeries {
  readonly address: number;
  readonly step: number;
  readonly code: number;
  readonly codeStep: number;
  /** Which set of registers serves them. */
  readonly registers: number;
  readonly count: number;
}

export interface ProgressOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called with sectors, or bytes, that are done so far. */
  readonly onDone?: ((done: number) => void) | undefined;
}

/** Bytes for one bank, both ends at multiples of the write size. */
export interface BankBytes {
  readonly address: number;
  readonly bytes: Uint8Array;
  readonly registers: number;
}

export interface ProgramOptions extends ProgressOptions {
  /** Read back what has been programmed while the rest is, where that can be done: `takeReadBack` gives it. */
  readonly readBack?: boolean | undefined;
}

export interface SeriesEraseOptions extends ProgressOptions {
  /** What is programmed next: as much of it as there is room for is carried to the chip while the cells are erased. */
  readonly next?: BankBytes | undefined;
}

/** Every method throws `flash/*`, `core/*`, what the access throws, and the signal's reason unchanged. */
export interface FlashAlgorithm {
  erase(series: SectorSeries, options: SeriesEraseOptions): Promise<void>;
  program(part: BankBytes, options: ProgramOptions): Promise<void>;
  /** @returns what was read back since the last call; absent where that cannot be done while something is programmed */
  takeReadBack?(): Promise<Chunk[]>;
  /** @returns the CRC-32 of each range, all of which begin at words; `undefined` where the chip cannot compute it */
  digest(ranges: readonly Range[], options: ProgressOptions): Promise<number[] | undefined>;
  /** Leaves nothing running, after a failure or an abort. */
  stop(): Promise<void>;
}

/** Longer than any sector takes: 4 s on F4 and H7 with 128 KB at x8. */
export const ERASE_STUCK_MS = 10_000;
/** Longer than a buffer takes on L0 and L1, 64 bytes in 3.2 ms. */
export const PROGRAM_STUCK_MS = 5_000;
