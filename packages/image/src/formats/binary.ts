/** Raw binary: bytes without an address. A DFU suffix at the end, as `dfu-suffix` adds it, is not content. */
import type { Firmware, FormatOptions } from '../firmware.ts';
import { hex, ImageError } from '../format-error.ts';
import { MemoryImage } from '../memory-image.ts';
import { findSuffix, SUFFIX_SIZE } from './dfu-suffix.ts';

/**
 * Reads raw binary at `address`. The image is a view into `file`.
 * @throws ImageError `image/no-address`, `image/address`, `image/empty`
 */
export function parseBinary(file: Uint8Array, { address }: { readonly address?: number } = {}): Firmware {
  const dfuSuffix = findSuffix(file);
  const bytes = dfuSuffix ? file.subarray(0, file.length - SUFFIX_SIZE) : file;
  if (bytes.length === 0) throw new ImageError('image/empty', 'The file is empty.');
  if (address === undefined) {
    const kind = dfuSuffix ? 'a plain DFU file, which carries no addresses' : 'raw binary, which carries no address';
    throw new ImageError(
      'image/no-address',
      `The file is ${kind}: say at which address its first byte belongs (the start of flash is usually 0x08000000).`,
      { expected: 'an address', found: 'none' },
    );
  }
  const image = new MemoryImage([{ address, bytes }]);
  return { format: 'binary', image, details: { format: 'binary', ...(dfuSuffix ? { dfuSuffix } : {}) } };
}

/** Gaps are for alignment and unused sectors, not for the space between flash and option bytes or external memory. */
const GAP_LIMIT = 16 * 1024 * 1024;

/**
 * Writes the bytes from the first to the last, with `fill` in the gaps. The address is lost: it is `image.range.start`.
 * @throws ImageError `image/too-large` when the gaps together have more than 16 MiB and more than the content
 */
export function formatBinary(image: MemoryImage, { fill = 0xff }: FormatOptions = {}): Uint8Array {
  const range = image.range ?? { start: 0, end: 0 };
  const span = range.end - range.start;
  const gaps = span - image.byteLength;
  if (gaps > Math.max(GAP_LIMIT, image.byteLength)) {
    throw new ImageError(
      'image/too-large',
      [
        `As raw binary the image would have ${span} bytes (${hex(range.start)} to ${hex(range.end - 1)}),`,
        `of which only ${image.byteLength} are content: use a format with addresses.`,
      ].join(' '),
      { expected: `at most ${GAP_LIMIT} bytes in gaps`, found: `${gaps}` },
    );
  }
  return image.read(range, fill);
}
