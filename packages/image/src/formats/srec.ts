/** Motorola S-records, S0 to S9 (M68000 Family Programmer's Reference Manual, appendix C). */
import type { RecordSink } from '../chunks.ts';
import type { Firmware, FormatOptions } from '../firmware.ts';
import { errorAtLine, hex, type ImageError } from '../format-error.ts';
import { ADDRESS_LIMIT, type MemoryImage } from '../memory-image.ts';
import { latin1 } from './bytes.ts';
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

/** Bytes of address (or count) of S0 to S9. S4 is reserved. */
const ADDRESS_BYTES: readonly (number | undefined)[] = [2, 2, 3, 4, undefined, 2, 3, 4, 3, 2];
const HEADER = 0;
export const LETTER_S = 0x53;
const DIGIT_ZERO = 0x30;

interface SrecState {
  dataRecords: number;
  /** A termination record was read: nothing may follow. */
  ended: boolean;
  /** The last record shows that the file is complete. */
  complete: boolean;
  entry?: number;
  header?: string;
}

/**
 * Reads S-records. Strict: every checksum and every record count (S5, S6) is checked, and no address may be given
 * twice. The last
 * record must be a termination (S7, S8, S9) or a count, since nothing else tells that a file is complete; `srec_cat`
 * ends with a
 * count when there is no start address. A termination address of 0 means that the file gives no entry, as tools write
 * it.
 * What the format cannot tell: its checksums do not cover a record's type, so a damaged type can go unnoticed.
 * @throws ImageError `image/syntax`, `image/checksum`, `image/truncated`, `image/overlap`, `image/address`,
 * `image/unsupported`, `image/empty`
 */
export function parseSrec(file: Uint8Array): Firmware {
  const { image, state } = imageOfRecords(file, 'S-record file', scanSrec);
  const { entry, header, dataRecords } = state;
  return {
    format: 'srec',
    image,
    ...(entry === undefined ? {} : { entry }),
    details: { format: 'srec', dataRecords, ...(header === undefined ? {} : { header }) },
  };
}

function scanSrec(file: Uint8Array, content: Uint8Array, sink: RecordSink): SrecState {
  const cursor = new TextCursor(file);
  const state: SrecState = { dataRecords: 0, ended: false, complete: false };
  let used = 0;
  while (cursor.toNextRecord()) {
    const { line } = cursor;
    if (state.ended)
      throw wrongRecord(line, 'more after the termination record', 'the end of the file', 'another line');
    const record = readSrecRecord(cursor, content, used);
    if (record.type >= 1 && record.type <= 3) {
      addSrecData(record, sink, line);
      state.dataRecords++;
      state.complete = false;
      used += record.length;
    } else applySrecRecord(record, state, content, line);
  }
  if (!state.complete)
    throw errorAtLine('image/truncated', cursor.line, 'the file ends early', {
      expected: 'a termination record (S7, S8, S9) or a count of records (S5, S6)',
      found: 'the end of the file',
    });
  return state;
}

function readSrecRecord(cursor: TextCursor, content: Uint8Array, offset: number): TextRecord {
  const { file, at, line } = cursor;
  const type = (file[at + 1] ?? 0) - DIGIT_ZERO;
  if (file[at] !== LETTER_S || type < 0 || type > 9) throw notARecord(cursor, "'S' and a digit");
  const addressBytes = ADDRESS_BYTES[type];
  if (addressBytes === undefined)
    throw errorAtLine('image/unsupported', line, 'reserved record type', {
      expected: 'S0 to S3 or S5 to S9',
      found: 'S4',
    });
  const count = hexByte(file, at + 2);
  let sum = count;
  let address = 0;
  let seen = count;
  for (let i = 0; i < addressBytes; i++) {
    const byte = hexByte(file, at + 4 + 2 * i);
    address = address * 256 + byte;
    sum += byte;
    seen |= byte;
  }
  const length = count - addressBytes - 1;
  if (seen > 0xff || length < 0) throw malformedSrec(cursor, addressBytes);
  const dataAt = at + 4 + 2 * addressBytes;
  const dataSum = decodeHex(file, { at: dataAt, count: length }, content, offset);
  const checksum = hexByte(file, dataAt + 2 * length);
  if (dataSum < 0 || checksum > 0xff || !cursor.leaveRecord(dataAt + 2 * length + 2)) {
    cursor.at = at;
    throw malformedSrec(cursor, addressBytes);
  }
  const expected = ~(sum + dataSum) & 0xff;
  if (checksum !== expected) throw wrongChecksum(line, expected, checksum);
  return { type, address, length, offset };
}

function malformedSrec(cursor: TextCursor, addressBytes: number): ImageError {
  return malformedRecord(cursor, { prefix: 2, uncounted: 1, minimum: addressBytes + 2 });
}

function addSrecData({ address, length, offset }: TextRecord, sink: RecordSink, line: number): void {
  if (address + length > ADDRESS_LIMIT) {
    throw errorAtLine('image/address', line, `${length} bytes at ${hex(address)} go past the end of memory`, {
      address,
      expected: 'addresses up to 0xFFFFFFFF',
    });
  }
  sink.add(address, offset, length, line);
}

function applySrecRecord(
  { type, address, length, offset }: TextRecord,
  state: SrecState,
  content: Uint8Array,
  line: number,
): void {
  if (type === HEADER) {
    const text = String.fromCharCode(...content.subarray(offset, offset + length));
    let end = text.length;
    while (end > 0 && text.charCodeAt(end - 1) === 0) end--;
    state.header ??= text.slice(0, end);
    return;
  }
  state.complete = true;
  if (length > 0) throw wrongRecord(line, `an S${type} record has data`, 'none', `${length} bytes`);
  if (type >= 7) {
    state.ended = true;
    if (address !== 0) state.entry = address;
  } else if (address !== state.dataRecords) {
    throw errorAtLine('image/truncated', line, 'wrong number of data records before the count', {
      expected: `${address}, as the record says`,
      found: `${state.dataRecords}`,
    });
  }
}

const SREC_LINE_BYTES = 32;
const HEADER_LIMIT = 64;

/**
 * Writes S-records with the shortest address form that holds all addresses and `entry`: header (S0), data, count,
 * termination.
 */
export function formatSrec(image: MemoryImage, { entry = 0, header = '' }: FormatOptions = {}): Uint8Array {
  const writer = new RecordWriter(Math.ceil(image.byteLength * 2.6));
  const add = (type: number, address: number, data: Uint8Array) => {
    const addressBytes = ADDRESS_BYTES[type] ?? 2;
    const head = [addressBytes + data.length + 1];
    for (let shift = 8 * (addressBytes - 1); shift >= 0; shift -= 8) head.push((address >>> shift) & 0xff);
    writer.add(`S${type}`, head, data, (sum) => ~sum);
  };
  const highest = Math.max(entry, (image.range?.end ?? 1) - 1);
  const dataType = highest > 0xffffff ? 3 : highest > 0xffff ? 2 : 1;
  add(HEADER, 0, latin1(header.slice(0, HEADER_LIMIT)));
  let records = 0;
  for (const { address: start, bytes } of image.segments) {
    for (let done = 0; done < bytes.length; records++) {
      const address = start + done;
      const length = Math.min(SREC_LINE_BYTES - (address % SREC_LINE_BYTES), bytes.length - done);
      add(dataType, address, bytes.subarray(done, done + length));
      done += length;
    }
  }
  if (records <= 0xffffff) add(records > 0xffff ? 6 : 5, records, new Uint8Array(0));
  add(10 - dataType, entry, new Uint8Array(0));
  return writer.finish();
}
