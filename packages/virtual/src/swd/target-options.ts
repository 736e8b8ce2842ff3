/** What a board behind a debug connector may have that others have not. */
import type { NuisanceOptions } from './nuisances.ts';

export interface SwdTargetOptions extends NuisanceOptions {
  /** Supply in mV; absent, 3300. */
  readonly supplyMv?: number;
  /** Whether the connector's reset line reaches NRST; absent, it does. */
  readonly nrstWired?: boolean;
  /** NRST is shorted to ground: the chip stays in reset, whoever lets go of the line. */
  readonly nrstShorted?: boolean;
  /** Its core takes neither a halt nor a reset from a debugger, and runs on. */
  readonly runsOn?: boolean;
  /**
   * How many ms a running core may have to catch up with at once; the rest of the time does not exist for it. Absent,
   * no limit. A server on the wall's clock sets it, because a host that sleeps for a second would otherwise cost one.
   */
  readonly longestRunMs?: number;
  /** Told when the chip was reset or powered, and when its halted core runs on, by the probe or by itself. */
  readonly onStart?: (why: 'reset' | 'resumed') => void;
}
