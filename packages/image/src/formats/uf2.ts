/** UF2: 512-byte blocks, each with its own address (microsoft/uf2, README "Overview" and "Family ID"). */
import { Chunks } from '../chunks.ts';
import type { Firmware, FormatOptions } from '../firmware.ts';
import { errorAtOffset, hex, ImageError } from '../format-error.ts';
import type { MemoryImage, Segment } from '../memory-image.ts';
import { type BytePiece, refuseAddressWrap, refuseOverlappingPieces, viewOf } from './bytes.ts';
import { describeFamily } from './uf2-families.ts';

const BLOCK = 512;
const MAGIC = { first: 0x0a32_4655, second: 0x9e5d_5157, last: 0x0ab1_6f30 } as const;
const BLOCK_FLAG = { notMainFlash: 0x1, fileContainer: 0x1000, familyId: 0x2000 } as const;
const BLOCK_FIELD = {
  flags: 8,
  address: 12,
  size: 16,
  number: 20,
  count: 24,
  family: 28,
  data: 32,
  last: 508,
} as const;
const PAYLOAD_LIMIT = 476;
const PAGE = 256;

interface Uf2Block extends BytePiece {
  readonly at: number;
  readonly flags: number;
  readonly number: number;
  readonly count: number;
  readonly family: number | undefined;
}

export function isUf2(file: Uint8Array): boolean {
  if (file.length < 8) return false;
  const view = viewOf(file);
  return view.getUint32(0, true) === MAGIC.first && view.getUint32(4, true) === MAGIC.second;
}

/**
 * Reads UF2. Blocks may come in any order, but each must be there once: they are counted over the whole file or, in a
 * file for
 * several families, over each. Blocks that are not for flash count and are skipped; MD5 fields and extension tags are
 * not
 * looked at.
 * @throws ImageError `image/syntax`, `image/truncated`, `image/overlap`, `image/address`, `image/unsupported`,
 * `image/empty`
 */
export function parseUf2(file: Uint8Array, { family }: { readonly family?: number } = {}): Firmware {
  if (file.length === 0 || file.length % BLOCK !== 0)
    throw errorAtOffset('image/truncated', file.length - (file.length % BLOCK), 'the last block is not whole', {
      expected: `a multiple of ${BLOCK} bytes`,
      found: `a file of ${file.length} bytes`,
    });
  const blocks = file.length / BLOCK;
  requireAllBlocks(file, blocks);
  const wanted = (block: Uf2Block) =>
    (block.flags & BLOCK_FLAG.notMainFlash) === 0 &&
    (family === undefined || block.family === undefined || block.family === family);
  const chunks = new Chunks(file);
  const ids = new Set<number>();
  for (const block of readUf2Blocks(file)) {
    if (!wanted(block)) continue;
    chunks.add(block.address, block.at + BLOCK_FIELD.data, block.size);
    if (block.family !== undefined) ids.add(block.family);
  }
  refuseFamiliesThatCollide(chunks, ids);
  refuseOverlappingPieces(chunks, filter(readUf2Blocks(file), wanted));
  const image = chunks.toImage();
  if (image.segments.length === 0) throw nothingToProgram(family);
  return { format: 'uf2', image, details: { format: 'uf2', blocks, families: [...ids].map(describeFamily) } };
}

function* readUf2Blocks(file: Uint8Array): Generator<Uf2Block> {
  const view = viewOf(file);
  for (let at = 0; at < file.length; at += BLOCK) {
    const word = (field: number) => view.getUint32(at + field, true);
    requireMagic(at, 'first', word(0));
    requireMagic(at + 4, 'second', word(4));
    requireMagic(at + BLOCK_FIELD.last, 'last', word(BLOCK_FIELD.last));
    const flags = word(BLOCK_FIELD.flags);
    if ((flags & BLOCK_FLAG.fileContainer) !== 0)
      throw errorAtOffset('image/unsupported', at, 'the block belongs to a file container', {
        expected: 'blocks for flash',
        found: `flags ${hex(flags)}`,
      });
    const block = {
      at,
      flags,
      address: word(BLOCK_FIELD.address),
      size: word(BLOCK_FIELD.size),
      number: word(BLOCK_FIELD.number),
      count: word(BLOCK_FIELD.count),
      family: (flags & BLOCK_FLAG.familyId) === 0 ? undefined : word(BLOCK_FIELD.family),
      headerOffset: at,
      kind: 'block',
    };
    if (block.size > PAYLOAD_LIMIT)
      throw errorAtOffset('image/syntax', at + BLOCK_FIELD.size, 'the payload is larger than a block holds', {
        expected: `at most ${PAYLOAD_LIMIT} bytes`,
        found: `${block.size}`,
      });
    refuseAddressWrap(block);
    yield block;
  }
}

function requireMagic(offset: number, name: keyof typeof MAGIC, found: number): void {
  if (found === MAGIC[name]) return;
  throw errorAtOffset('image/syntax', offset, `not a UF2 block: wrong ${name} magic number`, {
    expected: hex(MAGIC[name]),
    found: hex(found),
  });
}

function requireAllBlocks(file: Uint8Array, total: number): void {
  const sizes = new Map<number | undefined, number>();
  let oneSequence = true;
  for (const { family, count } of readUf2Blocks(file)) {
    sizes.set(family, (sizes.get(family) ?? 0) + 1);
    oneSequence &&= count === total;
  }
  const seen = new Map<number | undefined, Uint8Array>();
  for (const block of readUf2Blocks(file)) {
    const key = oneSequence ? undefined : block.family;
    const present = oneSequence ? total : (sizes.get(key) ?? 0);
    requirePlace(block, present);
    const numbers = seen.get(key) ?? new Uint8Array(present);
    seen.set(key, numbers);
    if (numbers[block.number] === 1)
      throw errorAtOffset('image/overlap', block.at + BLOCK_FIELD.number, 'a block number is given twice', {
        expected: 'each block once',
        found: `block ${block.number} again`,
      });
    numbers[block.number] = 1;
  }
}

function requirePlace({ at, number, count }: Uf2Block, present: number): void {
  if (count !== present)
    throw errorAtOffset(
      count > present ? 'image/truncated' : 'image/syntax',
      at + BLOCK_FIELD.count,
      'wrong number of blocks',
      {
        expected: `${count}, as the block says`,
        found: `${present}`,
      },
    );
  if (number >= count)
    throw errorAtOffset('image/syntax', at + BLOCK_FIELD.number, 'block number out of range', {
      expected: `less than ${count}`,
      found: `${number}`,
    });
}

function refuseFamiliesThatCollide(chunks: Chunks, ids: ReadonlySet<number>): void {
  if (ids.size < 2) return;
  const address = chunks.firstOverlap();
  if (address === undefined) return;
  const names = [...ids]
    .map(describeFamily)
    .map(({ id, name, foreign }) => name ?? foreign ?? hex(id))
    .join(', ');
  throw new ImageError(
    'image/overlap',
    `The UF2 file holds different content for several families (${names}) at address ${hex(address)}: choose one family.`,
    { address, expected: 'one family', found: names },
  );
}

function nothingToProgram(family: number | undefined): ImageError {
  const forWhom = family === undefined ? '' : ` of family ${hex(family)}`;
  return new ImageError('image/empty', `The UF2 file has no block${forWhom} with content for flash.`);
}

function* filter<T>(items: Iterable<T>, wanted: (item: T) => boolean): Generator<T> {
  for (const item of items) if (wanted(item)) yield item;
}

/**
 * Writes UF2 in blocks that never cross a 256-byte page. A page that the image covers only in part gives shorter
 * payloads, so
 * that the file says exactly what the image says; a bootloader that takes whole pages only needs `fill`, which
 * completes them.
 */
export function formatUf2(image: MemoryImage, { family, fill }: FormatOptions = {}): Uint8Array {
  const payloads = [...(fill === undefined ? exactPayloads(image) : wholePages(image, fill))];
  const file = new Uint8Array(payloads.length * BLOCK);
  const view = viewOf(file);
  payloads.forEach(({ address, bytes }, number) => {
    const at = number * BLOCK;
    const flags = family === undefined ? 0 : BLOCK_FLAG.familyId;
    const head = [MAGIC.first, MAGIC.second, flags, address, bytes.length, number, payloads.length, family ?? 0];
    head.forEach((word, i) => {
      view.setUint32(at + 4 * i, word, true);
    });
    file.set(bytes, at + BLOCK_FIELD.data);
    view.setUint32(at + BLOCK_FIELD.last, MAGIC.last, true);
  });
  return file;
}

function* exactPayloads(image: MemoryImage): Generator<Segment> {
  for (const { address, bytes } of image.segments) {
    for (let done = 0; done < bytes.length; ) {
      const length = Math.min(PAGE - ((address + done) % PAGE), bytes.length - done);
      yield { address: address + done, bytes: bytes.subarray(done, done + length) };
      done += length;
    }
  }
}

function* wholePages(image: MemoryImage, fill: number): Generator<Segment> {
  let next = 0;
  for (const { address } of exactPayloads(image)) {
    const start = address - (address % PAGE);
    if (start < next) continue;
    next = start + PAGE;
    yield { address: start, bytes: image.read({ start, end: next }, fill) };
  }
}
