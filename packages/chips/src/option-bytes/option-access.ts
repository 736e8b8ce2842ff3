/** How option bytes are changed by the registers of the flash interface: keys, locks, and which register holds which unit. Types alone. */

/** A unit of a block, and the register that holds it. */
export interface OptionPlace {
  readonly block: number;
  /** Offset of the unit in its block. */
  readonly at: number;
  readonly register: number;
  /** The unit is the upper half of the register. */
  readonly upper?: true;
  /** It is shown here and changed elsewhere (H5, H7: _CUR and _PRG). */
  readonly shownOnly?: true;
}

export interface OptionAccess {
  /**
   * `half-words`: erased as a whole and programmed in their own memory (F0, F1, F3). `words`: written in their own memory one by
   * one, each with its complement (L0, L1). `registers`: all are written, and then programmed. `at-once`: each is programmed when
   * it is written (H7R, H7S).
   */
  readonly kind: 'half-words' | 'words' | 'registers' | 'at-once';
  /** Empty where they are memory. */
  readonly places: readonly OptionPlace[];
  readonly key: number;
  readonly keys: readonly [number, number];
  /** Register and bit that tell whether options are locked; with `isOpenBit` the bit means open. */
  readonly lock: { readonly register: number; readonly bits: number; readonly isOpenBit?: true };
  /** The lock of the flash itself is opened first. */
  readonly needsFlashKey: boolean;
  readonly start: { readonly register: number; readonly bits: number };
  readonly busy: { readonly register: number; readonly bits: number };
  /** Loads the option bytes, with a reset; absent where a system reset does. */
  readonly launch?: { readonly register: number; readonly bits: number };
  /** Why no register takes read protection away, where none does. */
  readonly staysClosed?: string;
}
