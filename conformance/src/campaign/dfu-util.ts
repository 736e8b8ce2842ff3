/** What the kernel rung has found: the same faults put to dfu-util and to sureflash (`testbed/rungs/faults.mjs`). */
import { existsSync, readFileSync } from 'node:fs';

export interface DfuUtilResult {
  readonly kind: string;
  readonly at: number;
  readonly program: 'dfu-util' | 'sureflash';
  readonly success: boolean;
  /** Whether flash held the image. */
  readonly holds: boolean;
}

/** Written by the rung, read as it was written. @returns nothing before the rung has run */
export function readDfuUtilResults(path: URL): DfuUtilResult[] {
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as DfuUtilResult[]) : [];
}
