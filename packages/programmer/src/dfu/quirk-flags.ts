/** Deviations that requests and polls have to know, whatever the device. Absent: as DFU 1.1 and AN3156 have it. */
export interface QuirkFlags {
  /** A GETSTATUS that comes before the operation has ended is stalled: wait the advertised time, then ask again. */
  readonly stallsEarlyPoll?: boolean;
  /** After an erase the device says dfuDNBUSY for ever; two CLRSTATUS free it, and the erase was done. */
  readonly staysBusyAfterErase?: boolean;
  /** Read Unprotect is answered with a state of the device's own choice; without an error in it, it was accepted. */
  readonly unprotectEndsAnywhere?: boolean;
}
