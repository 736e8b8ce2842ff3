/**
 * Flash cells that can be copied in no time, for simulations that go back to an earlier state. Timeless: what `Flash`
 * does once every operation is done. Copies share what none of them has changed.
 */

import type { Geometry } from './geometry.ts';

const CHUNK = 4096;
export const ERASED = 0xff;

/** Counts and places since they were last taken. */
export interface CellWork {
  readonly clearedBytes: number;
  readonly programmedUnits: number;
  /** Aligned pieces of the flash that may have changed, by address. */
  readonly touched: readonly { readonly address: number; readonly bytes: Uint8Array }[];
}

export class SparseCells {
  readonly #geometry: Geometry;
  readonly #bytes: Uint8Array[];
  /** Of ECC cells: which units took a value since they were erased. Worked out when it is first needed. */
  readonly #programmed: (Uint8Array | undefined)[];
  #owned: Uint8Array;
  #clearedBytes = 0;
  #programmedUnits = 0;
  readonly #touched = new Set<number>();

  private constructor(geometry: Geometry, bytes: Uint8Array[], programmed: (Uint8Array | undefined)[]) {
    this.#geometry = geometry;
    this.#bytes = bytes;
    this.#programmed = programmed;
    this.#owned = new Uint8Array(bytes.length);
  }

  /** @param content all of the flash; it must not change any more. An ECC unit of ones counts as erased. */
  static holding(geometry: Geometry, content: Uint8Array): SparseCells {
    if (content.length !== geometry.bytes) throw new RangeError(`${geometry.bytes} bytes expected`);
    const chunks = Array.from({ length: geometry.bytes / CHUNK }, (_, i) =>
      content.subarray(i * CHUNK, (i + 1) * CHUNK),
    );
    return new SparseCells(geometry, chunks, []);
  }

  clone(): SparseCells {
    this.#owned = new Uint8Array(this.#bytes.length);
    return new SparseCells(this.#geometry, this.#bytes.slice(), this.#programmed.slice());
  }

  /** 0xFF stands for what is no flash: nothing documents what a loader reads there. */
  read(address: number, length: number): Uint8Array {
    const bytes = new Uint8Array(length).fill(ERASED);
    const { from, to } = this.#inside(address, length);
    for (let at = from; at < to; ) {
      const chunk = this.#bytes[Math.floor(at / CHUNK)] ?? bytes;
      const piece = chunk.subarray(at % CHUNK, Math.min(CHUNK, (at % CHUNK) + to - at));
      bytes.set(piece, at + this.#geometry.start - address);
      at += piece.length;
    }
    return bytes;
  }

  takeWork(): CellWork {
    const touched = [...this.#touched].map((index) => ({
      address: this.#geometry.start + index * CHUNK,
      bytes: this.#bytes[index]?.slice() ?? new Uint8Array(),
    }));
    const work = { clearedBytes: this.#clearedBytes, programmedUnits: this.#programmedUnits, touched };
    this.#clearedBytes = 0;
    this.#programmedUnits = 0;
    this.#touched.clear();
    return work;
  }

  /** What is no flash is passed over. */
  clear(address: number, length: number): void {
    const { programBytes } = this.#geometry;
    const { from, to } = this.#inside(address, length);
    this.#clearedBytes += Math.max(0, to - from);
    for (let at = from; at < to; ) {
      const { bytes, programmed } = this.#own(Math.floor(at / CHUNK));
      const begin = at % CHUNK;
      const end = Math.min(CHUNK, begin + to - at);
      bytes.fill(ERASED, begin, end);
      programmed?.fill(0, Math.floor(begin / programBytes), Math.ceil(end / programBytes));
      at += end - begin;
    }
  }

  /** Programs whole units; what is missing of them is taken as ones. What is no flash is passed over. */
  program(address: number, bytes: Uint8Array): void {
    const { start, programBytes: unit } = this.#geometry;
    const { from, to } = this.#inside(address, bytes.length);
    if (to <= from) return;
    const data = bytes.subarray(from + start - address, to + start - address);
    const first = from - (from % unit);
    const padded = new Uint8Array(Math.ceil((to - first) / unit) * unit).fill(ERASED);
    padded.set(data, from - first);
    for (let at = 0; at < padded.length; ) {
      const length = Math.min(padded.length - at, CHUNK - ((first + at) % CHUNK));
      this.#programPiece(first + at, padded.subarray(at, at + length));
      at += length;
    }
  }

  /** Changes cells as no program can: for what has worn out, and for erases that leave something else than ones. */
  force(address: number, bytes: Uint8Array): void {
    this.clear(address, bytes.length);
    this.program(address, bytes);
  }

  /** Whole units of one chunk. */
  #programPiece(at: number, wanted: Uint8Array): void {
    const { programBytes: unit } = this.#geometry;
    const { bytes, programmed } = this.#own(Math.floor(at / CHUNK));
    const begin = at % CHUNK;
    const first = begin / unit;
    const units = wanted.length / unit;
    this.#programmedUnits += units;
    const taken = programmed?.subarray(first, first + units);
    if (taken ? taken.every((mark) => mark === 0) : isAll(bytes, begin, wanted.length)) bytes.set(wanted, begin);
    else {
      for (let i = 0; i < units; i++) {
        const cells = bytes.subarray(begin + i * unit, begin + (i + 1) * unit);
        const blank = taken ? taken[i] === 0 : isAll(cells, 0, unit);
        this.#programUnit(cells, wanted.subarray(i * unit, (i + 1) * unit), blank);
      }
    }
    taken?.fill(1);
  }

  #programUnit(cells: Uint8Array, wanted: Uint8Array, blank: boolean): void {
    if (blank) cells.set(wanted);
    else if (this.#geometry.overwrite === 'clears') clearBits(cells, wanted);
    else if (wanted.every((byte) => byte === 0)) cells.fill(0);
  }

  #inside(address: number, length: number): { from: number; to: number } {
    const { start, bytes } = this.#geometry;
    return { from: Math.max(0, address - start), to: Math.min(bytes, address - start + length) };
  }

  #own(index: number): { bytes: Uint8Array; programmed: Uint8Array | undefined } {
    const shared = this.#bytes[index];
    this.#touched.add(index);
    if (!shared) throw new RangeError('no such cells');
    if (this.#owned[index] === 1) return { bytes: shared, programmed: this.#programmed[index] };
    const bytes = shared.slice();
    const programmed = this.#geometry.cells === 'ecc' ? this.#marks(index, shared) : undefined;
    this.#bytes[index] = bytes;
    this.#programmed[index] = programmed;
    this.#owned[index] = 1;
    return { bytes, programmed };
  }

  #marks(index: number, chunk: Uint8Array): Uint8Array {
    return this.#programmed[index]?.slice() ?? writtenUnits(chunk, this.#geometry.programBytes);
  }
}

function writtenUnits(chunk: Uint8Array, unit: number): Uint8Array {
  return Uint8Array.from({ length: chunk.length / unit }, (_, i) => (isAll(chunk, i * unit, unit) ? 0 : 1));
}

function isAll(bytes: Uint8Array, at: number, length: number): boolean {
  for (let i = at; i < at + length; i++) if (bytes[i] !== ERASED) return false;
  return true;
}

function clearBits(cells: Uint8Array, wanted: Uint8Array): void {
  for (const [i, byte] of wanted.entries()) cells[i] = (cells[i] ?? ERASED) & byte;
}
