/** The host's side of the application check: what is added to an image, and the marks that are written apart from it. */
import { crc32, MemoryImage, type Range, type Segment } from '@sureflash/image';
import { FlashError } from '../../errors.ts';
import { hex } from '../../target/geometry.ts';
import type { PartitionOptions } from '../partition.ts';
import { MARKS, type MarkName, RECORD_BYTES, RECORD_MAGIC, recordPlace, SLOT, SLOT_BYTES } from './record.ts';

export interface SealOptions extends PartitionOptions {
  /** Shown by the loader and free for its rules; default 0. 32 bits. */
  readonly imageVersion?: number;
  /** Absent: no signature. @returns 64 bytes over exactly what it is given */
  readonly sign?: (bytes: Uint8Array) => Uint8Array;
}

export interface SealedImage {
  /**
   * The application without gaps, and its record with all marks erased: program and prove this as any image. What stood in
   * the marks is gone with it, so that nothing is good that was not proven.
   */
  readonly image: MemoryImage;
  /**
   * One write each, of a slot that is erased: `updating` into the old record before anything else is touched, `proven`
   * only after the image was read back and is right, `rejected` to take an image out of use.
   */
  readonly marks: Readonly<Record<MarkName, Segment>>;
  readonly record: Range;
  /** Over the application, as the record has it. */
  readonly crc: number;
}

const SIGNATURE_BYTES = 64;

/**
 * @throws FlashError `plan/empty`, `plan/outside` for an image that does not lie in the application's part before the record
 * or does not begin at its start; `fix/option` for a signature of another length; and as `partitionOf`
 */
export function sealForLoader(image: MemoryImage, options: SealOptions): SealedImage {
  const { chip, imageVersion = 0, sign } = options;
  const { application, record } = recordPlace(options);
  const { range } = image;
  if (!range) throw new FlashError('plan/empty', {});
  if (range.start !== application.start || range.end > record.start) {
    const available = [
      `the application's part ${hex(application.start)} to ${hex(record.start - 1)}, from its start on`,
    ];
    throw new FlashError('plan/outside', { start: range.start, end: range.end, available });
  }
  const bytes = image.read(range, chip.erasedValue);
  const crc = crc32(bytes);
  const signature = sign?.(bytes.slice());
  if (signature && signature.length !== SIGNATURE_BYTES) {
    const expected = `${SIGNATURE_BYTES} bytes`;
    throw new FlashError('fix/option', { option: 'sign', value: `${signature.length} bytes`, expected });
  }
  const content = recordBytes({ length: bytes.length, crc, imageVersion }, chip.erasedValue);
  if (signature) content.set(signature, SLOT.signature);
  return {
    image: new MemoryImage([
      { address: range.start, bytes },
      { address: record.start, bytes: content },
    ]),
    marks: {
      proven: mark('proven', record),
      updating: mark('updating', record),
      rejected: mark('rejected', record),
    },
    record,
    crc,
  };
}

function recordBytes(facts: { length: number; crc: number; imageVersion: number }, erased: number): Uint8Array {
  const bytes = new Uint8Array(RECORD_BYTES).fill(erased);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, RECORD_MAGIC, true);
  view.setUint32(4, facts.length, true);
  view.setUint32(8, facts.crc, true);
  view.setUint32(12, facts.imageVersion >>> 0, true);
  // A fifth word ties the others together: a description that was cut in the middle does not pass.
  view.setUint32(16, crc32(bytes.subarray(0, 16)), true);
  return bytes;
}

function mark(name: MarkName, record: Range): Segment {
  const bytes = new Uint8Array(SLOT_BYTES);
  const view = new DataView(bytes.buffer);
  for (let at = 0; at < SLOT_BYTES; at += 4) view.setUint32(at, MARKS[name], true);
  return { address: record.start + SLOT[name], bytes };
}
