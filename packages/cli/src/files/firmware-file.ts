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
      throw usage(`${inputName(path)} ${what}: it does not say where it belongs.`, await addressAdvice(file));
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

/** Most raw binaries begin where the chip starts; one that was linked behind a bootloader does not, and its vectors tell. */
async function addressAdvice(file: Uint8Array): Promise<string> {
  const { linkedBase } = await import('@sureflash/programmer/preflight');
  const base = linkedBase(file);
  if (base === undefined) return 'Give its address: --at 0x08000000';
  return `Give its address: --at ${hex(base)}, where its vectors and its code fit.`;
}

function remedyFor({ code, message, facts: { found = '' } }: ImageError, stated: FormatName | undefined): string {
  if (stated !== undefined) return `Leave out --format ${stated}: what the file is, its content tells.`;
  if (code === 'image/not-firmware') return foreignRemedy(found);
  if (code === 'image/unsupported') return unsupportedRemedy(message);
  if (code === 'image/empty' && /RAM/.test(message))
    return 'In the linker script give code and initialised data a load address in flash (AT> FLASH).';
  if (code === 'image/unknown-format' && /ending/.test(message))
    return 'If it is a raw binary, say so: --format binary --at ADDRESS';
  return 'Build the file again, or check that it was copied whole.';
}

function foreignRemedy(found: string): string {
  if (/pointer/.test(found)) return 'Fetch the file that it stands for: git lfs pull, or git annex get.';
  if (/archive|package|packed/.test(found)) return 'Unpack it, and give the firmware file that is inside.';
  if (/HTML|web page|XML|JSON|text/.test(found))
    return 'Most likely a download brought a page or a message and not the file: fetch it again.';
  return 'Give the firmware file. Should exactly these bytes go into the flash: --format binary';
}

function unsupportedRemedy(message: string): string {
  if (/ELF64/.test(message))
    return 'This is a program for a 64-bit computer, not for an STM32. Give the firmware file.';
  if (/wrong machine|byte order/.test(message))
    return 'Give the firmware that was built for an STM32: Arm, little-endian.';
  if (/not a linked program/.test(message)) return 'Link it first: an object file or a library has no addresses yet.';
  if (/UTF-16/.test(message)) return 'In PowerShell, > writes UTF-16: let the tool itself write the file.';
  return 'Let the build write ELF, Intel HEX, S-records or a raw binary as its tools do by default.';
}
