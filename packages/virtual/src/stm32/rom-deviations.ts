/** What single ROM bootloaders, and clones of them, do otherwise than AN3156 has it. Absent: as it has it. */

export interface Maker {
  readonly vendorId: number;
  readonly productId: number;
  /** The manufacturer's string. */
  readonly name: string;
}

export interface RomDeviations {
  /** ST where absent. */
  readonly maker?: Maker;
  /** wTransferSize, where it is not what the loader takes. */
  readonly announcedTransferSize?: number;
  /** A GET_DESCRIPTOR for the functional descriptor alone is never answered (C5: betaflight-configurator #5300). */
  readonly hidesFunctionalDescriptor?: boolean;
  /** Under read protection it acknowledges what it does not do, and shows its option bytes (U5: inertial-sense-sdk #1186). */
  readonly silentWhenProtected?: boolean;
  /** Erases from this address on are acknowledged and not done (F42x V7.0 in two banks: AN2606). */
  readonly ignoresEraseFrom?: number;
  /** Mass erase is no command that it knows. */
  readonly refusesMassErase?: boolean;
  /** bState behind Read Unprotect; the chip is not reset then (AT32: flashfloppy #584). */
  readonly unprotectState?: number;
  /** This many polls find an operation that has ended still busy, without a time to wait (Black Magic: dfu-util's dfuse.c). */
  readonly idleBusyPolls?: number;
  /** Addresses count in blocks of this size, whatever the length of a block, as ST's class does it. */
  readonly blockBytes?: number;
  /** The most bytes that an upload brings. */
  readonly mostUploadBytes?: number;
}
