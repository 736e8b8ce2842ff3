/** Intel HEX, record types 00 to 05 (Intel Hexadecimal Object File Format Specification, revision A, 1988). */
import type { RecordSink } from '../chunks.ts';
import type { Firmware, FormatOptions } from '../firmware.ts';
import { errorAtLine, hex } from '../format-error.ts';
import { ADDRESS_LIMIT, type MemoryImage } from '../memory-image.ts';
import {
  decodeHex,
  hexByte,
  imageOfRecords,
  malformedRecord,
  notARecord,
  RecordWriter,
  TextCursor,
  type TextRecord,
  wrongChecksum,
  wrongRecord,
} from './records.ts';

const RECORD = {
  data: 0,
  end: 1,
  extendedSegmentAddress: 2,
  startSegmentAddress: 3,
  extendedLinearAddress: 4,
  startLinearAddress: 5,
} as const;

export const COLON = 0x3a;
/** Beyond the content: length, two bytes of address, type and checksum. */
const SHAPE = { prefix: 1, uncounted: 5, minimum: 5 } as const;
const ONLY_TYPES = '00 to 05';
/** Bytes of content that each type other than data must have. */
const CONTENT_LENGTH: readonly (number | undefined)[] = [undefined, 0, 2, 4, 2, 4];

interface HexState {
  base: number;
  /** Under a segment base, addresses wrap at 64 KB (§ "Extended Segment Address Record"). */
  segmented: boolean;
  dataRecords: number;
  ended: boolean;
  entry?: number;
  startSegment?: { readonly cs: number; readonly ip: number };
}

/**
 * Reads Intel HEX. Strict: every checksum is checked, no address may be given twice, the end record must be there and
 * be the
 * last; of several start addresses the last counts.
 * @throws ImageError `image/syntax`, `image/checksum`, `image/truncated`, `image/overlap`, `image/address`,
 * `image/unsupported`, `image/empty`
 */
export function parseIntelHex(file: Uint8Array): Firmware {
  const { image, state } = imageOfRecords(file, 'Intel HEX file', scanHex);
  const { entry, startSegment, dataRecords } = state;
  return {
    format: 'intel-hex',
    image,
    ...(entry === undefined ? {} : { entry }),
    details: { format: 'intel-hex', dataRecords, ...(startSegment ? { startSegment } : {}) },
  };
}

function scanHex(file: Uint8Array, content: Uint8Array, sink: RecordSink): HexState {
  const cursor = new TextCursor(file);
  const state: HexState = { base: 0, segmented: false, dataRecords: 0, ended: false };
  let used = 0;
  while (cursor.toNextRecord()) {
    if (state.ended) throw wrongRecord(cursor.line, 'more after the end record', 'the end of the file', 'another line');
    const record = readHexRecord(cursor, content, used);
    if (record.type === RECORD.data) {
      state.dataRecords++;
      addHexData(record, state, sink, cursor.line);
      used += record.length;
    } else applyHexRecord(record, state, content, cursor.line);
  }
  if (!state.ended)
    throw errorAtLine('image/truncated', cursor.line, 'the file ends early', {
      expected: 'an end record (:00000001FF)',
      found: 'the end of the file',
    });
  return state;
}

function readHexRecord(cursor: TextCursor, content: Uint8Array, offset: number): TextRecord {
  const { file, at, line } = cursor;
  if (file[at] !== COLON) throw notARecord(cursor, "':'");
  const length = hexByte(file, at + 1);
  const high = hexByte(file, at + 3);
  const low = hexByte(file, at + 5);
  const type = hexByte(file, at + 7);
  if ((length | high | low | type) > 0xff) throw malformedRecord(cursor, SHAPE);
  const sum = decodeHex(file, { at: at + 9, count: length }, content, offset);
  const checksum = hexByte(file, at + 9 + 2 * length);
  if (sum < 0 || checksum > 0xff || !cursor.leaveRecord(at + 11 + 2 * length)) {
    cursor.at = at;
    throw malformedRecord(cursor, SHAPE);
  }
  const expected = -(length + high + low + type + sum) & 0xff;
  if (checksum !== expected) throw wrongChecksum(line, expected, checksum);
  return { type, address: (high << 8) | low, length, offset };
}

function addHexData(record: TextRecord, state: HexState, sink: RecordSink, line: number): void {
  const { address, length, offset } = record;
  const start = state.base + address;
  const beforeWrap = state.segmented ? Math.min(length, 0x10000 - address) : length;
  if (start + beforeWrap > ADDRESS_LIMIT) {
    throw errorAtLine('image/address', line, `${length} bytes at ${hex(start)} go past the end of memory`, {
      address: start,
      expected: 'addresses up to 0xFFFFFFFF',
    });
  }
  sink.add(start, offset, beforeWrap, line);
  if (beforeWrap < length) sink.add(state.base, offset + beforeWrap, length - beforeWrap, line);
}

function applyHexRecord(record: TextRecord, state: HexState, content: Uint8Array, line: number): void {
  const { type, length, offset } = record;
  const expected = CONTENT_LENGTH[type];
  if (expected === undefined)
    throw errorAtLine('image/unsupported', line, 'unknown record type', { expected: ONLY_TYPES, found: hex(type, 2) });
  if (length !== expected)
    throw wrongRecord(line, `wrong length of a type 0${type} record`, `${expected} bytes`, `${length}`);
  const high = ((content[offset] ?? 0) << 8) | (content[offset + 1] ?? 0);
  const low = ((content[offset + 2] ?? 0) << 8) | (content[offset + 3] ?? 0);
  if (type === RECORD.end) state.ended = true;
  else if (type === RECORD.startLinearAddress) state.entry = high * 0x10000 + low;
  else if (type === RECORD.startSegmentAddress) {
    state.entry = high * 16 + low;
    state.startSegment = { cs: high, ip: low };
  } else {
    state.segmented = type === RECORD.extendedSegmentAddress;
    state.base = state.segmented ? high * 16 : high * 0x10000;
  }
}

const HEX_LINE_BYTES = 16;

/**
 * Writes Intel HEX with linear addresses (types 00, 01, 04, and 05 for `entry`), 16 bytes a line, lines ending in LF.
 */
export function formatIntelHex(image: MemoryImage, { entry }: FormatOptions = {}): Uint8Array {
  const writer = new RecordWriter(Math.ceil(image.byteLength * 2.9));
  const add = (type: number, address: number, data: Uint8Array) =>
    writer.add(':', [data.length, (address >> 8) & 0xff, address & 0xff, type], data, (sum) => -sum);
  let upper = 0;
  for (const { address: start, bytes } of image.segments) {
    for (let done = 0; done < bytes.length; ) {
      const address = start + done;
      if (address >>> 16 !== upper) {
        upper = address >>> 16;
        add(RECORD.extendedLinearAddress, 0, Uint8Array.of(upper >> 8, upper & 0xff));
      }
      const length = Math.min(HEX_LINE_BYTES - (address % HEX_LINE_BYTES), bytes.length - done);
      add(RECORD.data, address & 0xffff, bytes.subarray(done, done + length));
      done += length;
    }
  }
  if (entry !== undefined)
    add(
      RECORD.startLinearAddress,
      0,
      Uint8Array.of(entry >>> 24, (entry >>> 16) & 0xff, (entry >>> 8) & 0xff, entry & 0xff),
    );
  add(RECORD.end, 0, new Uint8Array(0));
  return writer.finish();
}
