/** From a memory image to the bytes of a firmware file, in any format. */
import type { FormatName, FormatOptions } from './firmware.ts';
import { hex, ImageError } from './format-error.ts';
import { formatBinary } from './formats/binary.ts';
import { formatDfuse } from './formats/dfuse-write.ts';
import { formatElf } from './formats/elf-write.ts';
import { formatIntelHex } from './formats/intel-hex.ts';
import { formatSrec } from './formats/srec.ts';
import { formatUf2 } from './formats/uf2.ts';
import type { MemoryImage } from './memory-image.ts';

const FORMATTERS: Readonly<Record<FormatName, (image: MemoryImage, options: FormatOptions) => Uint8Array>> = {
  elf: formatElf,
  'intel-hex': formatIntelHex,
  srec: formatSrec,
  binary: formatBinary,
  dfuse: formatDfuse,
  uf2: formatUf2,
};

/**
 * Writes a firmware file. Reading it again gives the same image, but for three things that the formats cannot hold:
 * raw binary
 * closes gaps and loses the address, UF2 with `fill` completes pages, and what an ELF file puts into RAM is not read
 * as image.
 * @throws ImageError `image/empty`, `image/too-large`, `image/address` (also for an option that is not in its range)
 */
export function formatFirmware(image: MemoryImage, format: FormatName, options: FormatOptions = {}): Uint8Array {
  requireNumber('entry address', options.entry, 0xffff_ffff);
  requireNumber('fill', options.fill, 0xff);
  requireNumber('family id', options.family, 0xffff_ffff);
  if (image.segments.length === 0)
    throw new ImageError('image/empty', 'The image is empty: there is nothing to write.');
  return FORMATTERS[format](image, options);
}

function requireNumber(what: string, value: number | undefined, highest: number): void {
  if (value === undefined || (Number.isInteger(value) && value >= 0 && value <= highest)) return;
  throw new ImageError('image/address', `The ${what} ${value} is not a whole number from 0 to ${hex(highest, 2)}.`, {
    expected: `0 to ${hex(highest, 2)}`,
    found: `${value}`,
  });
}
