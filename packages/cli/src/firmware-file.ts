/** From a path to a parsed firmware file, with errors that name the path. */
import { type Firmware, type FormatName, ImageError, parseFirmware } from '@sureflash/image';
import { CommandError } from './command-error.ts';
import { EXIT } from './exit-codes.ts';
import type { Io } from './io.ts';
import { usage } from './numbers.ts';

export interface LoadOptions {
  /** Where a raw binary goes. */
  readonly at?: number;
  readonly format?: FormatName;
}

export async function readBytes(io: Io, path: string): Promise<Uint8Array> {
  try {
    return await io.readFile(path);
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw new CommandError({
      code: 'cli/file',
      exitCode: EXIT.file,
      title: `${path} cannot be read: ${detail}.`,
      remedy: ['Check the path.'],
      facts: { path },
      cause,
    });
  }
}

/** @throws CommandError for a file that cannot be read or understood, and for a raw binary without an address */
export async function loadFirmware(io: Io, path: string, { at, format }: LoadOptions): Promise<Firmware> {
  const bytes = await readBytes(io, path);
  try {
    return parseFirmware(bytes, { name: path, ...(at !== undefined && { address: at }), ...(format && { format }) });
  } catch (error) {
    if (!(error instanceof ImageError)) throw error;
    if (error.code === 'image/no-address') {
      throw usage(`${path} is a raw binary: it does not say where it belongs.`, 'Give its address: --at 0x08000000');
    }
    throw new CommandError({
      code: error.code,
      exitCode: EXIT.file,
      title: `${path}: ${error.message}`,
      remedy: ['Make the file anew, or check that it was copied whole.'],
      facts: { path, ...error.facts },
      cause: error,
    });
  }
}

export async function saveFile(io: Io, path: string, bytes: Uint8Array): Promise<void> {
  try {
    await io.writeFile(path, bytes);
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw new CommandError({
      code: 'cli/file',
      exitCode: EXIT.file,
      title: `${path} cannot be written: ${detail}.`,
      remedy: ['Check that the folder exists and may be written to.'],
      facts: { path },
      cause,
    });
  }
}
