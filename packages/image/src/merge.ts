/** Several firmware files as one image. */
import { hex, ImageError } from './format-error.ts';
import { MemoryImage, rangeOf } from './memory-image.ts';

/** An image with the name that messages call it by, such as its file's path. */
export interface NamedImage {
  readonly name: string;
  readonly image: MemoryImage;
}

/**
 * One image with the bytes of all.
 * @throws ImageError `image/overlap` with both names and the first address that two of them have, whatever their bytes
 */
export function mergeImages(images: readonly NamedImage[]): MemoryImage {
  images.forEach((image, i) => {
    for (const earlier of images.slice(0, i)) refuseOverlap(earlier, image);
  });
  return new MemoryImage(images.flatMap(({ image }) => image.segments));
}

function refuseOverlap(one: NamedImage, other: NamedImage): void {
  for (const segment of one.image.segments) {
    const [shared] = other.image.within(rangeOf(segment));
    if (!shared) continue;
    throw new ImageError('image/overlap', `${one.name} and ${other.name} both have bytes for ${hex(shared.address)}.`, {
      address: shared.address,
      expected: 'files for different addresses',
      found: 'an overlap',
    });
  }
}
