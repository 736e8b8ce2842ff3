/** The record behind an application: what a loader reads before it starts it, and what a host writes. Both sides are made from this. */
import type { Range } from '@sureflash/chips';
import { FlashError } from '../../errors.ts';
import { hex } from '../../target/geometry.ts';
import type { PartitionOptions } from '../partition.ts';
import { partitionOf } from '../partition.ts';

/** A whole number of program units on every chip, so that each slot can be written apart from the others. */
export const SLOT_BYTES = 32;

/** Offsets of the slots from the start of the record, which ends where the application's flash ends. */
export const SLOT = { description: 0, signature: 32, proven: 96, updating: 128, rejected: 160 } as const;
export const RECORD_BYTES = 192;

/** First word of the description: "SFA1". */
export const RECORD_MAGIC = 0x3141_4653;

/** Each mark is its word, as often as the slot holds it. No word has a byte that is an erased one, 0x00 or 0xFF. */
export const MARKS = { proven: 0x564f_5250, updating: 0x4154_4455, rejected: 0x544a_4552 } as const;
export type MarkName = keyof typeof MARKS;

/** `ed25519`: a signature over the same bytes too, checked by a function that the loader's author provides. */
export type ProofMethod = 'crc32' | 'ed25519';

export interface RecordPlace {
  readonly application: Range;
  readonly record: Range;
}

/** @throws FlashError as `partitionOf` */
export function recordPlace(options: PartitionOptions): RecordPlace {
  const { application } = partitionOf(options);
  const record = { start: application.end - RECORD_BYTES, end: application.end };
  if (record.start > application.start) return { application, record };
  throw new FlashError('fix/option', {
    option: 'application',
    value: hex(application.start),
    expected: `an address that leaves room for the record of ${RECORD_BYTES} bytes`,
  });
}
