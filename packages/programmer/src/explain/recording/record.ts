/** What was asked of a loader and what its reads gave, in order. It knows neither who recorded it nor what it means. */
import type { Range, Region } from '../../target/geometry.ts';

/** The flash that the operations are about. `cells` and `writeSize` say how its bits behave. */
export interface Shape extends Pick<Region, 'start' | 'end' | 'erasedValue' | 'cells' | 'writeSize'> {
  readonly sectors: readonly Range[];
  /**
   * What a unit does that is not erased: its bits are cleared further (RM0090 §3.6.3), or it takes nothing but zeros
   * (PGERR in RM0008's flash programming manual PM0075 §2.3.3; PROGERR in RM0351 §3.3.7). ECC cells refuse in any case.
   */
  readonly overwrite?: 'clears' | 'refuses';
}

export interface EraseOperation {
  readonly kind: 'erase';
  readonly address: number;
  readonly length: number;
}

export interface EraseAllOperation {
  readonly kind: 'erase-all';
}

interface BlockOperation {
  /** The address that was set before this block. */
  readonly base: number;
  /** Blocks since then, from 0: DfuSe's block number less 2. */
  readonly number: number;
  readonly address: number;
}

export interface WriteOperation extends BlockOperation {
  readonly kind: 'write';
  readonly bytes: Uint8Array;
}

/** A read that is still to be made, or whose answer is to be predicted. */
export interface ReadRequest extends BlockOperation {
  readonly kind: 'read';
  readonly length: number;
}

export interface ReadOperation extends BlockOperation {
  readonly kind: 'read';
  /** What the loader gave. */
  readonly bytes: Uint8Array;
  /** Where a second read gave something else; these bytes prove nothing. */
  readonly unstable?: readonly number[];
}

/** The loader started anew: what it counted or kept is gone, the flash stays. */
export interface LoaderRestart {
  readonly kind: 'restart';
}

/** Something that changes flash. */
export type Change = EraseOperation | EraseAllOperation | WriteOperation;
export type Operation = Change | ReadOperation | LoaderRestart;

export interface Recording {
  readonly shape: Shape;
  /** The length of a full block. */
  readonly blockSize: number;
  readonly operations: readonly Operation[];
  /** What every chip of this kind holds outside the flash, as its flash size register does; default nothing is known. */
  readonly known?: readonly KnownContent[];
}

/** Bytes that stand at an address and that nothing changes. */
export interface KnownContent {
  readonly address: number;
  readonly bytes: Uint8Array;
}
