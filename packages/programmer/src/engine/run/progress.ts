/** What a run tells while it goes on. Events carry facts, no words for people. */
import type { Sector } from '../../target/geometry.ts';

export type Phase = 'survey' | 'program' | 'erase' | 'verify' | 'read';

export type SectorState = 'same' | 'different' | 'erasing' | 'erased' | 'writing' | 'written' | 'verified' | 'failed';

/** A voltage that is told to the ROM. */
export interface ToldSupply {
  /** VDD; from USB alone, it has at least so many volts. */
  readonly volts: number;
  /** As the Device Feature counts them, from 0. */
  readonly range: number;
  readonly bytesAtOnce: number;
  /** The datasheet from which it follows; absent where the voltage was stated. */
  readonly source?: string;
}

/**
 * The order is promised: each phase begins with `phase`, ends with `phase-end`, and phases do not overlap. `survey` comes
 * before `program`, which comes before `verify`; a phase without work is left out. Within `program` a sector goes
 * erasing, erased, writing, written, and leaves out what it does not need; within `verify` it ends as
 * verified or failed. `fraction` never goes back within a phase. `supply` stands between phases, before the first erase or
 * write.
 */
export type Progress =
  | { readonly type: 'phase'; readonly phase: Phase; readonly bytes: number }
  | { readonly type: 'sector'; readonly phase: Phase; readonly sector: Sector; readonly state: SectorState }
  | {
      readonly type: 'step';
      readonly phase: Phase;
      /** Bytes read or written so far, of the `bytes` of the phase. */
      readonly done: number;
      /** Share of the phase's time that has passed, 0 to 1, weighed by what erasing and writing usually take. */
      readonly fraction: number;
      readonly address: number;
    }
  | { readonly type: 'phase-end'; readonly phase: Phase }
  /** The ROM was told the supply: did it take that? */
  | { readonly type: 'supply'; readonly told: ToldSupply; readonly taken: boolean };

export type OnProgress = (event: Progress) => void;

/** What every operation on a device takes. */
export interface RunOptions {
  /** Looked at between transfers; its reason is thrown unchanged, and the device is at rest then. */
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: OnProgress | undefined;
}
