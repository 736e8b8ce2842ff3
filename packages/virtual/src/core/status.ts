/** Where a core stands in time and whether it runs: shared by its loop and by what instructions ask of it. */

import type { Cpu } from './cpu.ts';

export interface Status {
  /** What WFI or WFE waits for. */
  sleeping: 'interrupt' | 'event' | undefined;
  lockedUp: boolean;
  resetRequest: 'system' | 'core' | undefined;
  /** The cycle at which the core looks up from its instructions. */
  end: number;
  /** Cycles that were taken from `cpu.left` so that it looks up at once. */
  held: number;
}

export function newStatus(): Status {
  return { sleeping: undefined, lockedUp: false, resetRequest: undefined, end: 0, held: 0 };
}

/** Cycles since power-on, to the current instruction. */
export function cyclesOf(status: Status, cpu: Cpu): number {
  return status.end - cpu.left - status.held;
}

/** Makes the core look up after its current instruction. */
export function attend(status: Status, cpu: Cpu): void {
  if (cpu.left <= 0) return;
  status.held += cpu.left;
  cpu.left = 0;
}
