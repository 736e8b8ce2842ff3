/**
 * Flash cells that can be copied in no time, for simulations that go back to an earlier state. Timeless: what `Flash`
 * does once every operation is done. Copies share what none of them has changed.
 */

import type { Geometry } from './geometry.ts';

const CHUNK = 4096;
const ERASED = 0xff;

export class SparseCells {
  readonly #geometry: Geometry;
  readonly #bytes: Uint8Array[];
  /** Of ECC cells: which units took a value since they were erased. */
  readonly #programmed: Uint8Array[];
  #owned: Uint8Array;

  private constructor(geometry: Geometry, bytes: Uint8Array[], programmed: Uint8Array[]) {
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
    const programmed =
      geometry.cells === 'ecc' ? chunks.map((chunk) => writtenUnits(chunk, geometry.programBytes)) : [];
    return new SparseCells(geometry, chunks, programmed);
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

  /** What is no flash is passed over. */
  clear(address: number, length: number): void {
    const { programBytes } = this.#geometry;
    const { from, to } = this.#inside(address, length);
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
    for (let at = 0; at < padded.length; at += unit) this.#programUnit(first + at, padded.subarray(at, at + unit));
  }

  /** Changes cells as no program can: for what has worn out, and for erases that leave something else than ones. */
  force(address: number, bytes: Uint8Array): void {
    this.clear(address, bytes.length);
    this.program(address, bytes);
  }

  #programUnit(at: number, wanted: Uint8Array): void {
    const { programBytes: unit, overwrite } = this.#geometry;
    const { bytes, programmed } = this.#own(Math.floor(at / CHUNK));
    const begin = at % CHUNK;
    const index = begin / unit;
    const blank = programmed ? programmed[index] === 0 : isAll(bytes, begin, unit);
    if (programmed) programmed[index] = 1;
    if (blank) bytes.set(wanted, begin);
    else if (overwrite === 'clears') clearBits(bytes.subarray(begin, begin + unit), wanted);
    else if (wanted.every((byte) => byte === 0)) bytes.fill(0, begin, begin + unit);
  }

  #inside(address: number, length: number): { from: number; to: number } {
    const { start, bytes } = this.#geometry;
    return { from: Math.max(0, address - start), to: Math.min(bytes, address - start + length) };
  }

  #own(index: number): { bytes: Uint8Array; programmed: Uint8Array | undefined } {
    const shared = this.#bytes[index];
    if (!shared) throw new RangeError('no such cells');
    if (this.#owned[index] === 1) return { bytes: shared, programmed: this.#programmed[index] };
    const bytes = shared.slice();
    const programmed = this.#programmed[index]?.slice();
    this.#bytes[index] = bytes;
    if (programmed) this.#programmed[index] = programmed;
    this.#owned[index] = 1;
    return { bytes, programmed };
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
