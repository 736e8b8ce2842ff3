/**
 * What the binary formats share: little-endian access, fixed-width text, and overlaps told by their place in the file.
 */
import type { Chunks } from '../chunks.ts';
import { errorAtOffset, hex } from '../format-error.ts';
import { ADDRESS_LIMIT } from '../memory-image.ts';

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** One byte for each character; `?` for those outside Latin-1. */
export function latin1(text: string): Uint8Array {
  return Uint8Array.from(text, (letter) => {
    const code = letter.codePointAt(0) ?? 0;
    return code > 0xff ? 0x3f : code;
  });
}

/** Text up to the first NUL, one character for each byte. At most `limit` bytes are looked at. */
export function textAt(bytes: Uint8Array, start: number, limit: number): string {
  const end = Math.min(start + limit, bytes.length);
  const parts: string[] = [];
  for (let i = start; i < end && bytes[i] !== 0; i++) parts.push(String.fromCharCode(bytes[i] ?? 0));
  return parts.join('');
}

/** Whether `bytes` has `expected` at `offset`. */
export function hasBytes(bytes: Uint8Array, offset: number, expected: readonly number[]): boolean {
  return expected.every((byte, i) => bytes[offset + i] === byte);
}

/** A piece of a binary file that goes to memory. */
export interface BytePiece {
  readonly address: number;
  readonly size: number;
  /** Place of the header that says so, for messages. */
  readonly headerOffset: number;
  /** What the header is called, such as `block`. */
  readonly kind: string;
}

/** @throws ImageError `image/address` */
export function refuseAddressWrap({ address, size, headerOffset, kind }: BytePiece): void {
  if (address + size <= ADDRESS_LIMIT) return;
  throw errorAtOffset('image/address', headerOffset, `the ${kind} goes past the end of memory`, {
    address,
    expected: 'addresses up to 0xFFFFFFFF',
    found: `${size} bytes at ${hex(address)}`,
  });
}

/** @throws ImageError `image/overlap` with the place of the second piece that gives an address */
export function refuseOverlappingPieces(chunks: Chunks, pieces: Iterable<BytePiece>): void {
  const address = chunks.firstOverlap();
  if (address === undefined) return;
  let first: BytePiece | undefined;
  for (const piece of pieces) {
    if (address < piece.address || address >= piece.address + piece.size) continue;
    if (first)
      throw errorAtOffset('image/overlap', piece.headerOffset, `address ${hex(address)} is given twice`, {
        address,
        expected: 'each address at most once',
        found: `it in the ${first.kind} at offset ${hex(first.headerOffset, 1)} already`,
      });
    first = piece;
  }
}
