/** What was seen of a debug probe and the chip behind it: the data of those observations. */

export interface ProbeFacts {
  /** Nobody answers behind a debug probe, which measures less there than a chip needs to start. */
  'probe-no-power': { readonly volts: number };
  /** Nobody answers behind a debug probe, in none of the ways to connect. */
  'probe-no-chip': {
    readonly status: string;
    readonly volts?: number;
    readonly probe?: string;
    /** It was asked as it runs alone, as the caller wanted. */
    readonly resetUntried?: true;
  };
  /** The debug unit of the chip answers, and no access port leads any further. */
  'probe-debug-closed': { readonly chips: readonly string[] };
  /** The debug probe opens no session: it is at work for somebody else. */
  'probe-taken': { readonly status: string };
  /** A parity error at the lowest speed of the probe. */
  'probe-bad-line': { readonly operation: string; readonly status: string };
  /** The core was reset from outside, or by its watchdog, as its reset flags say. */
  'chip-reset': { readonly operation: string; readonly byWatchdog?: true };
  'core-silent': { readonly operation: string; readonly state: string };
  /** The debug port answers, and the bus of the chip does not end an access, however long one waits. */
  'probe-bus-waits': { readonly operation: string; readonly status: string };
  /** The bus refuses to read a place in flash, and no read protection is known. */
  'flash-unreadable': { readonly address: number; readonly status: string };
  'ram-changed': { readonly operation: string; readonly address: number };
}
