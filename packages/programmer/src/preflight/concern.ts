/** What speaks against programming a firmware file. Data; the checks are elsewhere. */
import type { Remedy } from '../diagnosis/remedy.ts';

export type ConcernKind =
  | 'no-vector-table'
  | 'stack-outside-ram'
  | 'reset-outside-image'
  | 'linked-elsewhere'
  | 'other-family'
  | 'outside-flash'
  | 'option-bytes'
  | 'ram-segments'
  | 'needs-bootloader'
  | 'dfu-stub';

/** A danger stops a job unless it is forced; a warning does not. */
export interface Concern {
  readonly kind: ConcernKind;
  readonly severity: 'danger' | 'warning';
  /** What was seen, one clause without a full stop. */
  readonly seen: string;
  readonly remedy: Remedy;
}
