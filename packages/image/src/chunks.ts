/**
 * Collects which parts of one buffer go to which addresses, in any order, and makes an image of them. It copies only
 * where pieces that are apart in the buffer meet in memory.
 */
import { ImageError } from './format-error.ts';
import { ADDRESS_LIMIT, MemoryImage, type Segment } from './memory-image.ts';

/** A piece costs some 200 bytes of memory beside its content, which may be one byte: so many of them cost 13 MB. */
const PIECE_LIMIT = 0x1_0000;

/** Records that do not go on where the one before ends. Each takes three numbers, before it is known what meets in memory. */
const JUMP_LIMIT = 0x8_0000;

/** Receives what a text format's data records say. `line` is 1-based. */
export interface RecordSink {
  add(address: number, offset: number, length: number, line: number): void;
}

/** Numbers only until the end, so that a file of many short records costs little more than its content. */
export class Chunks implements RecordSink {
  readonly #source: Uint8Array;
  readonly #addresses: number[] = [];
  readonly #offsets: number[] = [];
  readonly #lengths: number[] = [];
  #nextAddress = -1;
  #nextOffset = -1;

  constructor(source: Uint8Array) {
    this.#source = source;
  }

  /** @throws ImageError `image/too-large` for more than 524288 records that do not follow each other */
  add(address: number, offset: number, length: number): void {
    if (length === 0) return;
    if (address === this.#nextAddress && offset === this.#nextOffset) {
      const last = this.#lengths.length - 1;
      this.#lengths[last] = (this.#lengths[last] ?? 0) + length;
    } else {
      if (this.#addresses.length === JUMP_LIMIT) throw tooScattered(JUMP_LIMIT);
      this.#addresses.push(address);
      this.#offsets.push(offset);
      this.#lengths.push(length);
    }
    this.#nextAddress = address + length;
    this.#nextOffset = offset + length;
  }

  /** The lowest address that was given twice, if any. */
  firstOverlap(): number | undefined {
    let end = -1;
    for (const i of this.#order()) {
      const address = this.#addresses[i] ?? 0;
      if (address < end) return address;
      end = address + (this.#lengths[i] ?? 0);
    }
    return undefined;
  }

  /**
   * @throws ImageError `image/overlap`, `image/address`, `image/too-large` for more than 65536 pieces apart from each
   * other
   */
  toImage(): MemoryImage {
    const order = this.#order();
    const segments: Segment[] = [];
    for (let first = 0; first < order.length; ) {
      let next = first + 1;
      while (next < order.length && this.#meet(order[next - 1] ?? 0, order[next] ?? 0)) next++;
      segments.push(this.#segment(order.subarray(first, next)));
      if (segments.length > PIECE_LIMIT) throw tooScattered(PIECE_LIMIT);
      first = next;
    }
    return new MemoryImage(segments);
  }

  #order(): Uint32Array {
    const addresses = this.#addresses;
    const order = new Uint32Array(addresses.length);
    let sorted = true;
    for (let i = 0; i < order.length; i++) {
      order[i] = i;
      if (i > 0 && (addresses[i] ?? 0) < (addresses[i - 1] ?? 0)) sorted = false;
    }
    return sorted ? order : order.sort((a, b) => (addresses[a] ?? 0) - (addresses[b] ?? 0) || a - b);
  }

  #meet(before: number, after: number): boolean {
    return (this.#addresses[before] ?? 0) + (this.#lengths[before] ?? 0) === this.#addresses[after];
  }

  #segment(run: Uint32Array): Segment {
    const address = this.#addresses[run[0] ?? 0] ?? 0;
    if (run.length === 1) return { address, bytes: this.#bytes(run[0] ?? 0) };
    const last = run.at(-1) ?? 0;
    const end = (this.#addresses[last] ?? 0) + (this.#lengths[last] ?? 0);
    const bytes = new Uint8Array(Math.min(end, ADDRESS_LIMIT) - address);
    for (const i of run) bytes.set(this.#bytes(i), (this.#addresses[i] ?? 0) - address);
    return { address, bytes };
  }

  #bytes(i: number): Uint8Array {
    const offset = this.#offsets[i] ?? 0;
    return this.#source.subarray(offset, offset + (this.#lengths[i] ?? 0));
  }
}

function tooScattered(limit: number): ImageError {
  return new ImageError(
    'image/too-large',
    `The file scatters its content: it has more than ${limit} pieces that are apart from each other, as no firmware has.`,
    { expected: `at most ${limit} pieces`, found: 'more' },
  );
}

/** Remembers the lines whose records cover one address: for the message of an overlap. */
export class LineFinder implements RecordSink {
  readonly lines: number[] = [];
  readonly #address: number;

  constructor(address: number) {
    this.#address = address;
  }

  add(address: number, _offset: number, length: number, line: number): void {
    if (this.lines.length < 2 && address <= this.#address && this.#address < address + length) this.lines.push(line);
  }
}
