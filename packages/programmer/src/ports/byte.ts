/** The byte stream that a serial protocol needs: one open line to one device. It knows no protocol and no transport. */

export interface ByteOptions {
  /** How long the call may take in ms before it fails with `serial/timeout`. */
  readonly timeoutMs: number;
  /** Gives the call up, with its reason unchanged. */
  readonly signal?: AbortSignal | undefined;
}

export interface LineSettings {
  /** Bits per second. */
  readonly baud: number;
  readonly parity: 'none' | 'even' | 'odd';
}

/** Modem lines, as asserted (true) or not. An absent line stays as it is. */
export interface LineSignals {
  readonly dtr?: boolean;
  readonly rts?: boolean;
}

/**
 * One open serial line with 8 data bits and 1 stop bit. Every call has a time limit. Calls of one direction are carried out
 * one after the other, in the order of the calls.
 */
export interface BytePort extends AsyncDisposable {
  /** Resolves once the line is gone, such as an adapter that was unplugged. */
  readonly gone: Promise<void>;
  /** @returns exactly this many bytes; after a time limit or an abort those that came are kept for the next call */
  read(exactly: number, options: ByteOptions): Promise<Uint8Array>;
  /** Resolves when the bytes have left the host. */
  write(data: Uint8Array, options: ByteOptions): Promise<void>;
  /** Forgets the bytes that came and were not read. */
  discardInput(): Promise<void>;
  setLine(settings: LineSettings): Promise<void>;
  /** Absent where the platform has no such lines. */
  setSignals?(signals: LineSignals): Promise<void>;
}
