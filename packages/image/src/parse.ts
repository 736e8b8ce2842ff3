/** From the bytes of a firmware file, of any format, to what it programs. */
import { detectFormat, FORMAT_TITLES } from './detect.ts';
import type { Firmware, FormatName, ParseOptions } from './firmware.ts';
import { hex, ImageError } from './format-error.ts';
import { parseBinary } from './formats/binary.ts';
import { parseDfuse } from './formats/dfuse.ts';
import { parseElf } from './formats/elf.ts';
import { parseIntelHex } from './formats/intel-hex.ts';
import { parseSrec } from './formats/srec.ts';
import { parseUf2 } from './formats/uf2.ts';

const PARSERS: Readonly<Record<FormatName, (file: Uint8Array, options: ParseOptions) => Firmware>> = {
  elf: parseElf,
  'intel-hex': parseIntelHex,
  srec: parseSrec,
  binary: parseBinary,
  dfuse: parseDfuse,
  uf2: parseUf2,
};

/**
 * Reads a firmware file. The format is found by content first and name last, or given. Memory stays within a small
 * multiple of
 * the file's size, whatever the file says; the image may be views into `file`, so leave that unchanged.
 * @throws ImageError with the line or offset, what was expected and what was found; nothing else, whatever the bytes
 */
export function parseFirmware(file: Uint8Array, options: ParseOptions = {}): Firmware {
  const format = options.format ?? detectFormat(file, options.name);
  const firmware = PARSERS[format](file, options);
  const start = firmware.image.range?.start;
  if (options.address !== undefined && start !== undefined && options.address !== start) {
    throw new ImageError(
      'image/address',
      `The ${FORMAT_TITLES[format]} file carries its own addresses: it starts at ${hex(start)} and cannot be placed at ${hex(options.address)}.`,
      { address: options.address, expected: hex(start), found: hex(options.address) },
    );
  }
  return firmware;
}
