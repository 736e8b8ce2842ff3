/** How a device is to be handled: how quickly, and with which deviations from DFU 1.1 and AN3156. It knows no device. */

/**
 * How soon requests follow one another.
 * - `polite`: wait the advertised time before each poll, and send nothing before the last transfer has been answered.
 * - `one-by-one`: poll at once, and send nothing before the last transfer has been answered.
 * - `queued`: queue the polls of an operation behind its DNLOAD.
 * - `overlapping`: also queue an operation behind one that runs. The device refuses a request that comes while it is busy
 *   and stays usable.
 */
export type Pace = 'polite' | 'one-by-one' | 'queued' | 'overlapping';

/** Deviations that change requests and polls. An absent flag means: as DFU 1.1 and AN3156 have it. */
export interface QuirkFlags {
  /** A GETSTATUS that comes before the operation has ended is stalled: wait the advertised time, then ask again. */
  readonly stallsEarlyPoll?: boolean;
  /** After an erase the device says dfuDNBUSY for ever; two CLRSTATUS free it, and the erase was done. */
  readonly staysBusyAfterErase?: boolean;
  /** Read Unprotect may be answered with any state; if the answer has no error, the device has accepted it. */
  readonly unprotectEndsAnywhere?: boolean;
}

export interface Handling {
  readonly pace: Pace;
  readonly quirks: QuirkFlags;
}
