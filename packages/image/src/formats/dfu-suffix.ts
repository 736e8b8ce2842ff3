/** The 16 bytes at the end of every DFU file: identification and CRC (DFU 1.1, appendix B; UM0391 §2.4). */
import { crc32 } from '../crc32.ts';
import type { DfuSuffix } from '../firmware.ts';
import { errorAtOffset, hex } from '../format-error.ts';
import { hasBytes, latin1, viewOf } from './bytes.ts';

export const SUFFIX_SIZE = 16;
const SIGNATURE = [...latin1('UFD')];
const SUFFIX_FIELD = { device: 0, product: 2, vendor: 4, specification: 6, signature: 8, length: 11, crc: 12 } as const;

export interface SuffixCheck extends DfuSuffix {
  readonly signed: boolean;
  /** bLength; 16 in all known files. */
  readonly length: number;
  readonly crc: { readonly expected: number; readonly found: number };
}

/** What the last 16 bytes say, with the CRC that they should have. The file must have that many. */
export function readSuffix(file: Uint8Array): SuffixCheck {
  const start = file.length - SUFFIX_SIZE;
  const view = viewOf(file);
  return {
    vendor: view.getUint16(start + SUFFIX_FIELD.vendor, true),
    product: view.getUint16(start + SUFFIX_FIELD.product, true),
    device: view.getUint16(start + SUFFIX_FIELD.device, true),
    specification: view.getUint16(start + SUFFIX_FIELD.specification, true),
    signed: hasBytes(file, start + SUFFIX_FIELD.signature, SIGNATURE),
    length: view.getUint8(start + SUFFIX_FIELD.length),
    crc: { expected: suffixCrc(file), found: view.getUint32(start + SUFFIX_FIELD.crc, true) },
  };
}

/**
 * Whether the file ends in a DFU suffix.
 * @throws ImageError `image/checksum` when it ends in one whose CRC is wrong: the file was damaged or cut and extended
 */
export function hasSuffix(file: Uint8Array): boolean {
  const start = file.length - SUFFIX_SIZE;
  if (start < 0 || !hasBytes(file, start + SUFFIX_FIELD.signature, [...SIGNATURE, SUFFIX_SIZE])) return false;
  const { expected, found } = readSuffix(file).crc;
  if (expected === found) return true;
  throw errorAtOffset('image/checksum', file.length - 4, 'wrong CRC in the DFU suffix', {
    expected: hex(expected),
    found: hex(found),
  });
}

/** The suffix, when the file ends in one whose signature, length and CRC are all right. */
export function findSuffix(file: Uint8Array): DfuSuffix | undefined {
  const start = file.length - SUFFIX_SIZE;
  if (start < 0 || !hasBytes(file, start + SUFFIX_FIELD.signature, [...SIGNATURE, SUFFIX_SIZE])) return undefined;
  const { vendor, product, device, specification, crc } = readSuffix(file);
  return crc.expected === crc.found ? { vendor, product, device, specification } : undefined;
}

/** Writes the suffix into the last 16 bytes of `file`, whose other content is complete. */
export function writeSuffix(file: Uint8Array, suffix: DfuSuffix): void {
  const start = file.length - SUFFIX_SIZE;
  const view = viewOf(file);
  view.setUint16(start + SUFFIX_FIELD.vendor, suffix.vendor, true);
  view.setUint16(start + SUFFIX_FIELD.product, suffix.product, true);
  view.setUint16(start + SUFFIX_FIELD.device, suffix.device, true);
  view.setUint16(start + SUFFIX_FIELD.specification, suffix.specification, true);
  file.set([...SIGNATURE, SUFFIX_SIZE], start + SUFFIX_FIELD.signature);
  view.setUint32(start + SUFFIX_FIELD.crc, suffixCrc(file), true);
}

/** Over all but the last four bytes, without the final inversion that other uses of CRC-32 have. */
function suffixCrc(file: Uint8Array): number {
  return ~crc32(file.subarray(0, file.length - 4)) >>> 0;
}
