/** The firmware of one job: one file, or several that together are what the flash shall hold. */
import type { MemoryImage, Range } from '@sureflash/image';
import { usage } from '../base/command-error.ts';
import type { Io } from '../base/io.ts';
import { inputName } from './file-access.ts';
import { type LoadedFirmware, type LoadOptions, loadFirmware } from './firmware-file.ts';
import { mergedImage } from './merged-image.ts';
import { placedFile } from './placed-file.ts';

/** A file of the job as it was read. */
export interface JobFile {
  readonly path: string;
  readonly firmware: LoadedFirmware;
}

/** People who come from other tools write it behind the file. */
const LOOKS_LIKE_ADDRESS = /^(0x[\da-f]+|\d{5,})$/i;

export interface FirmwareJob {
  readonly files: readonly JobFile[];
  /** All of them as one. */
  readonly firmware: LoadedFirmware;
}

/**
 * @param words paths; a raw binary among several says where it belongs: `app.bin@0x08004000`
 * @throws CommandError as `loadFirmware`; `cli/overlap` with both names and the address; `cli/usage`
 */
export async function loadJob(io: Io, words: readonly string[], options: LoadOptions): Promise<FirmwareJob> {
  const { at, format, ...shared } = options;
  if (words.length > 1 && (at !== undefined || format !== undefined))
    throw usage(
      '--at and --format apply to a single file.',
      'With several, write app.bin@0x08004000 for a raw binary.',
    );
  const address = words.length > 1 ? words.find((word) => LOOKS_LIKE_ADDRESS.test(word)) : undefined;
  if (address !== undefined && (await io.fileIdentity(address)) === undefined)
    throw usage(`"${address}" is an address, not a file.`, `An address goes into --at: --at ${address}`);
  const files: JobFile[] = [];
  for (const word of words) {
    // A file may be called so.
    const placed = (await io.fileIdentity(word)) === undefined ? placedFile(word) : { path: word };
    const own = words.length > 1 ? shared : options;
    const place = placed.at === undefined ? {} : { at: placed.at };
    files.push({ path: placed.path, firmware: await loadFirmware(io, placed.path, { ...own, ...place }) });
  }
  const [first] = files;
  if (!first) throw usage("Missing required argument 'file'.", 'Name the firmware file.');
  return { files, firmware: files.length === 1 ? first.firmware : together(files) };
}

/** What only one file can tell, its symbols for one, is told by the largest program among them. */
function together(files: readonly JobFile[]): LoadedFirmware {
  const image = mergedImage(files.map(({ path, firmware }) => ({ name: inputName(path), image: firmware.image })));
  const all = files.map(({ firmware }) => firmware);
  const programs = all.filter(({ details }) => details.format === 'elf');
  const [main = all[0]] = [...programs].sort((a, b) => b.image.byteLength - a.image.byteLength);
  if (!main) throw new RangeError('a job has a file');
  const padding = all.flatMap((each) => fillingOf(each, all)).sort((a, b) => a.start - b.start);
  return { ...main, image, padding };
}

/** Filling of one file that is no content of another. */
function fillingOf({ image, padding = [] }: LoadedFirmware, all: readonly LoadedFirmware[]): Range[] {
  const others: MemoryImage[] = all.filter((each) => each.image !== image).map((each) => each.image);
  return padding.filter((range) => others.every((other) => other.within(range).length === 0));
}
