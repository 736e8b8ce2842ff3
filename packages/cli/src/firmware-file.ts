/** From a path to a parsed firmware file, with errors that name the path. */
import {
  detectFormat,
  type Firmware,
  type FormatName,
  ImageError,
  MemoryImage,
  parseFirmware,
  type Range,
} from '@sureflash/image';
import { hex } from '@sureflash/programmer';
import { CommandError } from './command-error.ts';
import { EXIT } from './exit-codes.ts';
import type { Io } from './io.ts';
import { usage } from './numbers.ts';

export interface LoadOptions {
  /** Where a raw binary goes; another file must begin there. */
  readonly at?: number;
  /** Where a raw binary goes; a file that carries its own addresses keeps them. */
  readonly rawAt?: number;
  readonly format?: FormatName;
  /** The part of the file that counts. */
  readonly only?: Range;
}

export async function readBytes(io: Io, path: string): Promise<Uint8Array> {
  try {
    return await io.readFile(path);
  } catch (cause) {
    throw fileError(path, 'read', cause);
  }
}

/** A parsed file with the bytes that it was parsed from. */
export interface LoadedFirmware extends Firmware {
  readonly file: Uint8Array;
}

/** @throws CommandError for a file that cannot be read or understood, and for a raw binary without an address */
export async function loadFirmware(io: Io, path: string, options: LoadOptions): Promise<LoadedFirmware> {
  const loaded = await loadWhole(io, path, options);
  const { only } = options;
  if (!only) return loaded;
  const image = new MemoryImage(loaded.image.within(only));
  if (image.range) return { ...loaded, image };
  const { range } = loaded.image;
  throw usage(
    `${path} has no bytes in the range that --only names.`,
    ...(range ? [`It goes from ${hex(range.start)} to ${hex(range.end - 1)}.`] : []),
  );
}

async function loadWhole(io: Io, path: string, { at, rawAt, format: stated }: LoadOptions): Promise<LoadedFirmware> {
  const file = await readBytes(io, path);
  try {
    const format = stated ?? detectFormat(file, path);
    const address = at ?? (format === 'binary' ? rawAt : undefined);
    return { ...parseFirmware(file, { name: path, format, ...(address !== undefined && { address }) }), file };
  } catch (error) {
    if (!(error instanceof ImageError)) throw error;
    if (error.code === 'image/no-address') {
      const what = /\.bin$/i.test(path) ? 'is a raw binary' : 'has no known format; taken as a raw binary';
      throw usage(`${path} ${what}: it does not say where it belongs.`, 'Give its address: --at 0x08000000');
    }
    throw new CommandError({
      code: error.code,
      exitCode: EXIT.file,
      title: `${path}: ${error.message}`,
      remedy: [
        stated === undefined
          ? 'Make the file anew, or check that it was copied whole.'
          : `Leave out --format ${stated}: what the file is, its content tells.`,
      ],
      facts: { path, ...error.facts },
      cause: error,
    });
  }
}

export async function saveFile(io: Io, path: string, bytes: Uint8Array): Promise<void> {
  try {
    await io.writeFile(path, bytes);
  } catch (cause) {
    throw fileError(path, 'written', cause);
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
};

/** @param what `read` or `written` */
export function fileError(path: string, what: 'read' | 'written', cause: unknown): CommandError {
  const errno = cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : '';
  const detail = FILE_TROUBLE[errno] ?? (cause instanceof Error ? cause.message : String(cause));
  return new CommandError({
    code: 'cli/file',
    exitCode: EXIT.file,
    title: `${path} cannot be ${what}: ${detail}.`,
    remedy: [what === 'read' ? 'Check the path.' : 'Check that the folder exists and may be written to.'],
    facts: { path, ...(errno !== '' && { errno }) },
    cause,
  });
}
