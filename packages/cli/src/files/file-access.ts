/** Reading and writing files, with errors that name the path. It knows no format. */
import { visible } from '@sureflash/programmer/basics';
import { CommandError } from '../base/command-error.ts';
import { EXIT } from '../base/exit-codes.ts';
import type { Io } from '../base/io.ts';

/** `-` is standard input, or standard output. */
export const isStandard = (path: string): boolean => path === '-';

/** For people. */
export const inputName = (path: string): string => (isStandard(path) ? 'standard input' : visible(path));

/** @throws CommandError `cli/file` */
export async function readBytes(io: Io, path: string): Promise<Uint8Array> {
  try {
    return isStandard(path) ? await io.readInput() : await io.readFile(path);
  } catch (cause) {
    // Whatever else was wrong with it: who has stopped the command need not hear of it.
    if (io.signal.aborted) throw io.signal.reason;
    throw fileError(inputName(path), 'read', cause);
  }
}

const FILE_TROUBLE: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of its path is not a folder',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
  ENXIO: 'it is a pipe that nobody reads',
  EFBIG: 'it has more than 96 MB, which no firmware has',
};

/** @param what `read` or `written` */
export function fileError(path: string, what: 'read' | 'written', cause: unknown): CommandError {
  const errno = cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : '';
  const detail = FILE_TROUBLE[errno] ?? (cause instanceof Error ? cause.message : String(cause));
  return new CommandError({
    code: 'cli/file',
    exitCode: EXIT.file,
    title: `${visible(path)} cannot be ${what}: ${detail}.`,
    remedy: [what === 'read' ? 'Check the path.' : 'Check that the folder exists and may be written to.'],
    facts: { path, ...(errno !== '' && { errno }) },
    cause,
  });
}
