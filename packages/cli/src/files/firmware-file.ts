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
import { hex } from '@sureflash/programmer/basics';
import { CommandError, usage } from '../base/command-error.ts';
import { defined } from '../base/defined.ts';
import { EXIT } from '../base/exit-codes.ts';
import type { Io } from '../base/io.ts';
import { inputName, readBytes } from './file-access.ts';

export interface LoadOptions {
  /** Where a raw binary goes; another file must begin there. */
  readonly at?: number;
  /** Where a raw binary goes; a file that carries its own addresses keeps them. */
  readonly rawAt?: number;
  readonly format?: FormatName;
  /** The part of the file that counts. */
  readonly only?: Range;
}

/** A parsed file with the bytes that it was parsed from. */
export interface LoadedFirmware extends Firmware {
  readonly file: Uint8Array;
  /** Bytes of the file that `only` has left out. */
  readonly leftOut?: number;
}

/** @throws CommandError for a file that cannot be read or understood, and for a raw binary without an address */
export async function loadFirmware(io: Io, path: string, options: LoadOptions): Promise<LoadedFirmware> {
  const loaded = await loadWhole(io, path, options);
  const { only } = options;
  if (!only) return loaded;
  const image = new MemoryImage(loaded.image.within(only));
  if (image.range) return { ...loaded, image, leftOut: loaded.image.byteLength - image.byteLength };
  const { range } = loaded.image;
  throw usage(
    `${inputName(path)} has no bytes in the range that --only names.`,
    ...(range ? [`It goes from ${hex(range.start)} to ${hex(range.end - 1)}.`] : []),
  );
}

async function loadWhole(io: Io, path: string, { at, rawAt, format: stated }: LoadOptions): Promise<LoadedFirmware> {
  const file = await readBytes(io, path);
  try {
    // Standard input has no name that could promise a format.
    const format = stated ?? detectFormat(file, path === '-' ? undefined : path);
    checkTextSize(path, format, file.length);
    const address = at ?? (format === 'binary' ? rawAt : undefined);
    return { ...parseFirmware(file, { name: path, format, ...defined({ address }) }), file };
  } catch (error) {
    if (!(error instanceof ImageError)) throw error;
    if (error.code === 'image/no-address') {
      const what = /\.bin$/i.test(path) ? 'is a raw binary' : 'has no known format; taken as a raw binary';
      throw usage(`${inputName(path)} ${what}: it does not say where it belongs.`, 'Give its address: --at 0x08000000');
    }
    throw new CommandError({
      code: error.code,
      exitCode: EXIT.file,
      title: `${inputName(path)}: ${error.message}`,
      remedy: [remedyFor(error, stated)],
      facts: { path, ...error.facts },
      cause: error,
    });
  }
}

/** 32 MB of text are 11 MB of content: more than the flash of any STM32 and a memory beside it. */
const MOST_TEXT_BYTES = 32 * 1024 * 1024;

/** A text takes several times its size to be read. @throws CommandError `cli/file` */
function checkTextSize(path: string, format: FormatName, bytes: number): void {
  if (bytes <= MOST_TEXT_BYTES || (format !== 'intel-hex' && format !== 'srec')) return;
  throw new CommandError({
    code: 'cli/file',
    exitCode: EXIT.file,
    title: `${inputName(path)} has ${bytes} bytes of text; at most ${MOST_TEXT_BYTES} are read.`,
    remedy: ['Give the content as ELF or raw binary, or only the part that is for the flash.'],
    facts: { path, bytes },
  });
}

function remedyFor({ message }: ImageError, stated: FormatName | undefined): string {
  if (stated !== undefined) return `Leave out --format ${stated}: what the file is, its content tells.`;
  if (/ELF64/.test(message))
    return 'This is a program for a 64-bit computer, not for an STM32. Give the firmware file.';
  return 'Build the file again, or check that it was copied whole.';
}
