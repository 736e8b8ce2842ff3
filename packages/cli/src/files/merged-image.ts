/** Several images as one. Bytes that two have alike are taken once; different ones at one address are an error. */
import { compareImages, MemoryImage, type Range, type Segment } from '@sureflash/image';
import { hex } from '@sureflash/programmer/basics';
import { CommandError } from '../base/command-error.ts';
import { EXIT } from '../base/exit-codes.ts';

/** An image, and the file that it is from. */
export interface NamedImage {
  readonly name: string;
  readonly image: MemoryImage;
}

/** @throws CommandError `cli/overlap` where two files have different bytes at one address */
export function mergedImage(parts: readonly NamedImage[]): MemoryImage {
  let image = new MemoryImage([]);
  for (const [i, part] of parts.entries()) {
    for (const before of parts.slice(0, i)) checkOverlap(before, part);
    image = new MemoryImage([...image.segments, ...part.image.segments.flatMap((segment) => beyond(segment, image))]);
  }
  return image;
}

function checkOverlap(a: NamedImage, b: NamedImage): void {
  const [range] = compareImages(a.image, b.image).differingRanges;
  if (!range) return;
  throw new CommandError({
    code: 'cli/overlap',
    exitCode: EXIT.file,
    title: `${a.name} and ${b.name} have different bytes at ${hex(range.start)} to ${hex(range.end - 1)}; nothing was written.`,
    remedy: ['Check the addresses of both files: each must have a part of the flash for itself.'],
    facts: { files: [a.name, b.name], ...range },
  });
}

/** The parts of a segment at addresses where the image has nothing yet. */
function beyond({ address, bytes }: Segment, image: MemoryImage): Segment[] {
  const range: Range = { start: address, end: address + bytes.length };
  const free: Segment[] = [];
  let at = range.start;
  for (const taken of [...image.within(range), { address: range.end, bytes: new Uint8Array(0) }]) {
    if (taken.address > at) {
      free.push({ address: at, bytes: bytes.subarray(at - address, taken.address - address) });
    }
    at = taken.address + taken.bytes.length;
  }
  return free;
}
