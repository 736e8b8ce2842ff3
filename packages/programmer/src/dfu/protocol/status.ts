/** The reply to DFU_GETSTATUS (DFU 1.1 §6.1.2). */
import { FlashError } from '../../errors.ts';

export interface DfuStatus {
  readonly status: number;
  /** Milliseconds that the device asks the host to wait before the next GETSTATUS. */
  readonly pollTimeoutMs: number;
  readonly state: number;
  /** iString: index of a string with the device's own words for `status`; 0 where there is none. */
  readonly text: number;
}

export const STATUS_LENGTH = 6;

/** @throws FlashError `dfu/protocol` unless there are six bytes */
export function parseStatus(bytes: Uint8Array): DfuStatus {
  const [status, low, middle, high, state, text = 0] = bytes;
  if (
    bytes.length !== STATUS_LENGTH ||
    status === undefined ||
    low === undefined ||
    middle === undefined ||
    high === undefined ||
    state === undefined
  ) {
    throw new FlashError('dfu/protocol', {
      operation: 'GETSTATUS',
      expected: `${STATUS_LENGTH} bytes`,
      found: `${bytes.length} bytes`,
    });
  }
  return { status, pollTimeoutMs: low | (middle << 8) | (high << 16), state, text };
}
