/**
 * DfuSe files (.dfu): prefix, targets for alternate settings, elements with addresses, suffix with CRC (UM0391,
 * chapter 2).
 */
import { Chunks } from '../chunks.ts';
import type { DfuSuffix, DfuseElement, DfuseTarget, Firmware } from '../firmware.ts';
import { errorAtOffset, hex, ImageError } from '../format-error.ts';
import {
  type BytePiece,
  hasBytes,
  latin1,
  refuseAddressWrap,
  refuseOverlappingPieces,
  textAt,
  viewOf,
} from './bytes.ts';
import { readSuffix, SUFFIX_SIZE } from './dfu-suffix.ts';

export const DFUSE_SIGNATURE = latin1('DfuSe');
export const TARGET_SIGNATURE = latin1('Target');
export const DFUSE_SPECIFICATION = 0x011a;
export const VERSION = 1;

/** Offsets in the prefix. */
export const PREFIX = { version: 5, size: 6, targets: 10, length: 11 } as const;
/** Offsets in a target's prefix. */
export const TARGET = { alternate: 6, named: 7, name: 11, size: 266, elements: 270, length: 274 } as const;
export const NAME_SIZE = 255;
export const ELEMENT_PREFIX = 8;

export function isDfuse(file: Uint8Array): boolean {
  return hasBytes(file, 0, [...DFUSE_SIGNATURE]);
}

/**
 * Reads a DfuSe file. Every length is held against the file and the CRC is checked. The image is that of all targets
 * together.
 * @throws ImageError `image/syntax`, `image/checksum`, `image/truncated`, `image/overlap`, `image/address`,
 * `image/unsupported`, `image/empty`, `image/too-large`
 */
export function parseDfuse(file: Uint8Array): Firmware {
  const targetCount = readPrefix(file);
  const suffix = requireSuffix(file);
  const content = file.subarray(0, file.length - SUFFIX_SIZE);
  const targets: DfuseTarget[] = [];
  let at: number = PREFIX.length;
  let left = ELEMENT_LIMIT;
  for (let i = 0; i < targetCount; i++) {
    const { target, end } = readTarget(content, at, left);
    targets.push(target);
    left -= target.elements.length;
    at = end;
  }
  if (at !== content.length)
    throw errorAtOffset('image/syntax', at, `more after the last of ${targetCount} targets`, {
      expected: 'the suffix',
      found: `${content.length - at} bytes before it`,
    });
  const chunks = new Chunks(file);
  for (const { elements } of targets) for (const e of elements) chunks.add(e.address, e.fileOffset, e.size);
  refuseOverlappingPieces(chunks, piecesOf(targets));
  const image = chunks.toImage();
  if (image.segments.length === 0) throw new ImageError('image/empty', 'The DfuSe file has no element with content.');
  const { vendor, product, device, specification } = suffix;
  return {
    format: 'dfuse',
    image,
    details: { format: 'dfuse', vendor, product, device, specification, targets },
  };
}

function readPrefix(file: Uint8Array): number {
  if (!isDfuse(file))
    throw errorAtOffset('image/syntax', 0, 'not a DfuSe file', { expected: "'DfuSe'", found: 'other bytes' });
  if (file.length < PREFIX.length + SUFFIX_SIZE)
    throw errorAtOffset('image/truncated', file.length, 'the file is shorter than prefix and suffix', {
      expected: `at least ${PREFIX.length + SUFFIX_SIZE} bytes`,
      found: `${file.length}`,
    });
  const view = viewOf(file);
  const version = view.getUint8(PREFIX.version);
  if (version !== VERSION)
    throw errorAtOffset('image/unsupported', PREFIX.version, 'unknown DfuSe version', {
      expected: '1',
      found: `${version}`,
    });
  const size = view.getUint32(PREFIX.size, true);
  const present = file.length - SUFFIX_SIZE;
  if (size !== present)
    throw errorAtOffset(size > present ? 'image/truncated' : 'image/syntax', PREFIX.size, 'wrong file size', {
      expected: `${size} bytes before the suffix, as the prefix says`,
      found: `${present}`,
    });
  return view.getUint8(PREFIX.targets);
}

function requireSuffix(file: Uint8Array): DfuSuffix {
  const suffix = readSuffix(file);
  const start = file.length - SUFFIX_SIZE;
  if (!suffix.signed || suffix.length !== SUFFIX_SIZE)
    throw errorAtOffset('image/truncated', start, 'the file does not end in a DFU suffix', {
      expected: "'UFD' and length 16 at its offset 8",
      found: 'other bytes',
    });
  const { expected, found } = suffix.crc;
  if (expected !== found)
    throw errorAtOffset('image/checksum', file.length - 4, 'wrong CRC', { expected: hex(expected), found: hex(found) });
  if (suffix.specification !== DFUSE_SPECIFICATION)
    throw errorAtOffset('image/unsupported', start + 6, 'wrong DFU specification for a DfuSe file', {
      expected: hex(DFUSE_SPECIFICATION, 4),
      found: hex(suffix.specification, 4),
    });
  return suffix;
}

/** Of all targets together. An element without content takes 8 bytes of a file, and many times that as an object. */
const ELEMENT_LIMIT = 0x1_0000;

/** @param most elements that it may have */
function readTarget(content: Uint8Array, at: number, most: number): { target: DfuseTarget; end: number } {
  requireSpace(content, at, TARGET.length, 'the target prefix');
  if (!hasBytes(content, at, [...TARGET_SIGNATURE]))
    throw errorAtOffset('image/syntax', at, 'no target here', { expected: "'Target'", found: 'other bytes' });
  const view = viewOf(content);
  const start = at + TARGET.length;
  const size = view.getUint32(at + TARGET.size, true);
  requireSpace(content, start, size, 'the target');
  const end = start + size;
  const elements: DfuseElement[] = [];
  const count = view.getUint32(at + TARGET.elements, true);
  let next = start;
  for (let i = 0; i < count; i++) {
    const element = readElement(content.subarray(0, end), next);
    elements.push(element);
    if (elements.length > most)
      throw errorAtOffset('image/too-large', next, 'more elements than any firmware has', {
        expected: `at most ${ELEMENT_LIMIT} in all targets`,
        found: 'more',
      });
    next = element.fileOffset + element.size;
  }
  if (next !== end)
    throw errorAtOffset('image/syntax', at + TARGET.size, 'the target is larger than its elements', {
      expected: `${next - start} bytes, as its ${count} elements have`,
      found: `${size}`,
    });
  const named = view.getUint32(at + TARGET.named, true) !== 0;
  const target = {
    alternate: view.getUint8(at + TARGET.alternate),
    ...(named ? { name: textAt(content, at + TARGET.name, NAME_SIZE) } : {}),
    elements,
  };
  return { target, end };
}

function readElement(target: Uint8Array, at: number): DfuseElement {
  requireSpace(target, at, ELEMENT_PREFIX, 'the element prefix');
  const view = viewOf(target);
  const address = view.getUint32(at, true);
  const size = view.getUint32(at + 4, true);
  const fileOffset = at + ELEMENT_PREFIX;
  requireSpace(target, fileOffset, size, 'the element');
  refuseAddressWrap({ address, size, headerOffset: at, kind: 'element' });
  return { address, size, fileOffset };
}

function requireSpace(bytes: Uint8Array, at: number, size: number, what: string): void {
  if (at + size <= bytes.length) return;
  throw errorAtOffset('image/truncated', at, `${what} is larger than what is left of the file`, {
    expected: `${size} bytes`,
    found: `${Math.max(bytes.length - at, 0)}`,
  });
}

function* piecesOf(targets: readonly DfuseTarget[]): Generator<BytePiece> {
  for (const { elements } of targets)
    for (const { address, size, fileOffset } of elements)
      yield { address, size, headerOffset: fileOffset - ELEMENT_PREFIX, kind: 'element' };
}
