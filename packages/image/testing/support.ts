/** What the tests of this package share: arbitrary images, and the one kind of failure that is allowed. */
import fc from 'fast-check';
import { ImageError } from '../src/format-error.ts';
import { MemoryImage, type Segment } from '../src/memory-image.ts';

const CORNERS = [0, 0xff, 0xfff0, 0xffff, 0x1_0000, 0xff_fff0, 0x100_0000, 0x0800_0000, 0x0801_fff8, 0x9000_0000];

/** Images of up to eight pieces near each other or near the borders of address forms, never empty. */
export function sparseImage(corners: readonly number[] = CORNERS): fc.Arbitrary<MemoryImage> {
  const piece = fc.tuple(fc.nat(0x300), fc.uint8Array({ minLength: 1, maxLength: 700 }));
  return fc
    .tuple(fc.constantFrom(...corners), fc.array(piece, { minLength: 1, maxLength: 8 }))
    .map(([corner, pieces]) => {
      let next = corner;
      const segments: Segment[] = [];
      for (const [gap, bytes] of pieces) {
        segments.push({ address: next + gap, bytes });
        next += gap + bytes.length;
      }
      return new MemoryImage(segments);
    });
}

/** The error that `action` ends in; anything but an ImageError fails the test. */
export function imageError(action: () => unknown): ImageError {
  try {
    action();
  } catch (error) {
    if (error instanceof ImageError) return error;
    throw error;
  }
  throw new Error('no error was thrown');
}

/** What `action` gives, or undefined where it ends in an ImageError. Any other error passes through and fails the test. */
export function resultOrImageError<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch (error) {
    if (error instanceof ImageError) return undefined;
    throw error;
  }
}

export function ascii(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
