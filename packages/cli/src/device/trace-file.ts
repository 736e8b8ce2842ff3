/** The file that `--trace` records into, a line at a time, so that a run that breaks off leaves what there was. */
import { appendFileSync, writeFileSync } from 'node:fs';
import type { TraceLine } from '@sureflash/programmer/transports';
import { fileError } from '../files/file-access.ts';

/** Begins the file anew. @returns what adds a line to it */
export function beginTrace(path: string): (line: TraceLine) => void {
  try {
    writeFileSync(path, '');
  } catch (cause) {
    throw fileError(path, 'written', cause);
  }
  return (line) => appendFileSync(path, `${JSON.stringify(line)}\n`);
}
