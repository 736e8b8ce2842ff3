/** What the commands of a probe work on, and what they leave behind for later ones. */

import type { SwdTarget } from '../swd/index.ts';
import type { FirmwareVersion } from './firmware.ts';
import type { SwdLink } from './link.ts';
import type { StLinkModel } from './models.ts';

/** What commands work on. */
export interface DebugState {
  readonly model: StLinkModel;
  readonly firmware: FirmwareVersion;
  readonly target: SwdTarget;
  readonly link: SwdLink;
  /** Blocks longer than TAR counts come back to their start: a defect to try clients with. */
  readonly wrapsAtPage: boolean;
  /** Whether SWD has been entered. */
  entered: boolean;
  /** Of the last block of memory: what 3B and 3E tell. */
  last: { status: number; faultAddress: number };
  /** Access ports that were opened. */
  readonly ports: Set<number>;
  /** What the last batch came to. */
  batch: Uint8Array;
}
