/** Writes a memory image as a DfuSe file (UM0391, chapter 2). */
import type { DfuseTargetOptions, FormatOptions } from '../firmware.ts';
import { ImageError } from '../format-error.ts';
import { ADDRESS_LIMIT, MemoryImage, type Segment } from '../memory-image.ts';
import { latin1, viewOf } from './bytes.ts';
import { SUFFIX_SIZE, writeSuffix } from './dfu-suffix.ts';
import {
  DFUSE_SIGNATURE,
  DFUSE_SPECIFICATION,
  ELEMENT_PREFIX,
  NAME_SIZE,
  PREFIX,
  TARGET,
  TARGET_SIGNATURE,
  VERSION,
} from './dfuse.ts';

const ST_MICROELECTRONICS = 0x0483;
const STM32_DFU_MODE = 0xdf11;
const ANY = 0xffff;
const TARGET_LIMIT = 255;
const EVERYTHING = { start: 0, end: ADDRESS_LIMIT } as const;

interface PlannedTarget {
  readonly alternate: number;
  readonly name: Uint8Array | undefined;
  readonly parts: readonly Segment[];
  /** Bytes after the target's prefix. */
  readonly size: number;
}

/**
 * Writes DfuSe: one element for each segment, or part of one, of each target.
 * @throws ImageError `image/address` when targets leave a part of the image out, `image/overlap` when they share one,
 * `image/too-large` for more than 255 targets
 */
export function formatDfuse(image: MemoryImage, { dfuse = {} }: FormatOptions = {}): Uint8Array {
  const targets = (dfuse.targets ?? [{ alternate: 0 }]).map((target) => planTarget(image, target));
  requireWhole(image, targets);
  const size = PREFIX.length + targets.reduce((sum, target) => sum + TARGET.length + target.size, 0);
  const file = new Uint8Array(size + SUFFIX_SIZE);
  file.set(DFUSE_SIGNATURE);
  const view = viewOf(file);
  view.setUint8(PREFIX.version, VERSION);
  view.setUint32(PREFIX.size, size, true);
  view.setUint8(PREFIX.targets, targets.length);
  let at: number = PREFIX.length;
  for (const target of targets) {
    writeTarget(file.subarray(at), target);
    at += TARGET.length + target.size;
  }
  const { vendor = ST_MICROELECTRONICS, product = STM32_DFU_MODE, device = ANY } = dfuse;
  writeSuffix(file, { vendor, product, device, specification: DFUSE_SPECIFICATION });
  return file;
}

function planTarget(image: MemoryImage, { alternate, name, range = EVERYTHING }: DfuseTargetOptions): PlannedTarget {
  const parts = image.within(range);
  return {
    alternate,
    name: name === undefined ? undefined : latin1(name).subarray(0, NAME_SIZE - 1),
    parts,
    size: parts.reduce((sum, { bytes }) => sum + ELEMENT_PREFIX + bytes.length, 0),
  };
}

function requireWhole(image: MemoryImage, targets: readonly PlannedTarget[]): void {
  if (targets.length > TARGET_LIMIT)
    throw new ImageError(
      'image/too-large',
      `A DfuSe file holds at most ${TARGET_LIMIT} targets, not ${targets.length}.`,
      {
        expected: `at most ${TARGET_LIMIT}`,
        found: `${targets.length}`,
      },
    );
  if (new MemoryImage(targets.flatMap(({ parts }) => parts)).equals(image)) return;
  const taken = targets.reduce((sum, { size, parts }) => sum + size - ELEMENT_PREFIX * parts.length, 0);
  throw new ImageError(
    'image/address',
    `The DfuSe targets must take every byte of the image: it has ${image.byteLength} bytes, they take ${taken}.`,
    { expected: `${image.byteLength} bytes`, found: `${taken} bytes` },
  );
}

function writeTarget(out: Uint8Array, { alternate, name, parts, size }: PlannedTarget): void {
  const view = viewOf(out);
  out.set(TARGET_SIGNATURE);
  view.setUint8(TARGET.alternate, alternate);
  view.setUint32(TARGET.named, name ? 1 : 0, true);
  if (name) out.set(name, TARGET.name);
  view.setUint32(TARGET.size, size, true);
  view.setUint32(TARGET.elements, parts.length, true);
  let at: number = TARGET.length;
  for (const { address, bytes } of parts) {
    view.setUint32(at, address, true);
    view.setUint32(at + 4, bytes.length, true);
    out.set(bytes, at + ELEMENT_PREFIX);
    at += ELEMENT_PREFIX + bytes.length;
  }
}
