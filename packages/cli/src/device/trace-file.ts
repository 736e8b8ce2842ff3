/** The file that `--trace` records into, a line at a time, so that a run that breaks off leaves what there was. */
import { closeSync, constants, fstatSync, ftruncateSync, openSync, readSync, statSync, writeSync } from 'node:fs';
import type { TraceLine } from '@sureflash/programmer/transports';
import { CommandError } from '../base/command-error.ts';
import { EXIT } from '../base/exit-codes.ts';
import { fileError } from '../files/file-access.ts';

export interface TraceFile {
  readonly add: (line: TraceLine) => void;
  /** Why the record broke off; a job does not break off with it. */
  readonly trouble: () => string | undefined;
  readonly close: () => void;
}

/** How each trace begins. */
const HEAD = '{"type":"port"';

/**
 * Begins the file anew. Only a trace is replaced: whatever else is there may be what the run is to read.
 * @throws CommandError `cli/file`, `cli/exists`
 */
export function beginTrace(path: string): TraceFile {
  const fd = openTrace(path);
  let trouble: string | undefined;
  return {
    add: (line) => {
      if (trouble !== undefined) return;
      try {
        writeAll(fd, Buffer.from(`${JSON.stringify(line)}\n`));
      } catch (cause) {
        trouble = fileError(path, 'written', cause).message;
      }
    },
    trouble: () => trouble,
    close: () => closeSync(fd),
  };
}

function openTrace(path: string): number {
  let fd: number;
  try {
    // A pipe that nobody reads is an error at once, and not a wait that nothing ends.
    const isOther = statSync(path, { throwIfNoEntry: false })?.isFile() === false;
    const access = isOther ? constants.O_WRONLY : constants.O_RDWR;
    fd = openSync(path, access | constants.O_CREAT | (constants.O_NONBLOCK ?? 0));
    if (isOther) return fd;
    const found = fstatSync(fd);
    const head = Buffer.alloc(HEAD.length);
    if (found.size === 0 || readSync(fd, head, 0, head.length, 0) === 0 || head.toString() === HEAD) {
      ftruncateSync(fd, 0);
      return fd;
    }
  } catch (cause) {
    throw fileError(path, 'written', cause);
  }
  closeSync(fd);
  throw new CommandError({
    code: 'cli/exists',
    exitCode: EXIT.file,
    title: `${path} is no trace, and was not touched.`,
    remedy: ['Give the trace another name.'],
    facts: { path },
  });
}

function writeAll(fd: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done);
}
