/**
 * What a host asks of a loader, as a loader's own functions see it: no requests, no states, no times. It knows the words
 * of the DfuSe protocol (AN3156 §4), pointer and block number, and nothing of any mistake.
 */

export interface OperationExtent {
  readonly address: number;
  readonly length: number;
}

/** Where one data block belongs. `address` is `base + (number − 2) × block size`, as a right loader computes it. */
export interface Ask extends OperationExtent {
  /** The Set Address pointer with which this run of blocks began. */
  readonly base: number;
  /** wBlockNum; the first data block is 2. */
  readonly number: number;
}

export interface Block extends Omit<Ask, 'length'> {
  readonly bytes: Uint8Array;
}

/** Erases the sector that holds `address`; `length` is the announced size of that sector. */
export interface EraseOperation extends OperationExtent {
  readonly kind: 'erase';
}

export interface EraseAllOperation {
  readonly kind: 'eraseAll';
}

export interface WriteOperation extends Block {
  readonly kind: 'write';
}

export interface ReadOperation extends Ask {
  readonly kind: 'read';
}

export type Operation = EraseOperation | EraseAllOperation | WriteOperation | ReadOperation;

/** The functions of a loader; each deviation stands in front of the next, the last in front of the cells. */
export interface Media {
  erase(sector: OperationExtent): void;
  eraseAll(): void;
  write(block: Block): void;
  read(ask: Ask): Uint8Array;
}

/** The first data block of a run (AN3156 §4.3). */
export const FIRST_BLOCK = 2;
