/** Evidence from places outside the sectors of a job that have changed while it ran. Pure. */
import { type MemoryImage, type Segment, sameBytes } from '@sureflash/image';
import { type Observation, seen } from '../diagnosis/observation.ts';
import type { Range, Region } from '../target/geometry.ts';

/** A place as it was before a job and as it is after it. */
export interface ChangedPlace extends Segment {
  readonly before: Uint8Array;
}

interface Elsewhere {
  readonly expected: MemoryImage;
  readonly region: Region;
  /** The sectors of the job. */
  readonly used: readonly Range[];
}

/** @returns what these places tell; they differ from before, and are outside the sectors of the job */
export function observeElsewhere(
  places: readonly ChangedPlace[],
  { expected, region, used }: Elsewhere,
): Observation[] {
  const { erasedValue } = region;
  const lost = places.filter(({ bytes }) => bytes.every((byte) => byte === erasedValue));
  const [blank] = lost;
  const written = places.find((place) => !lost.includes(place));
  const isBeside = places.every((place) =>
    used.some(({ start, end }) => place.address === end || place.address + place.bytes.length === start),
  );
  const source = written && sourceOf(written, expected);
  return [
    ...(blank ? [seen('lost-elsewhere', { address: firstChangeIn(blank), bytes: differingIn(lost), isBeside })] : []),
    ...(written
      ? [
          seen('written-elsewhere', {
            address: firstChangeIn(written),
            bytes: differingIn(places) - differingIn(lost),
            ...(source !== undefined && { source }),
          }),
        ]
      : []),
  ];
}

/** The first address at which a place differs. */
export function firstChangeIn({ address, bytes, before }: ChangedPlace): number {
  return address + bytes.findIndex((byte, i) => byte !== before[i]);
}

export function differingIn(places: readonly ChangedPlace[]): number {
  return places.reduce((sum, { bytes, before }) => sum + bytes.filter((byte, i) => byte !== before[i]).length, 0);
}

/** So many bytes that are found in the image as well are a copy of it. */
const COPIED_BYTES = 16;

/** Where the job wrote the bytes that stand at this place now. */
function sourceOf(place: ChangedPlace, { segments }: MemoryImage): number | undefined {
  const from = Math.min(firstChangeIn(place) - place.address, place.bytes.length - COPIED_BYTES);
  const wanted = place.bytes.subarray(from, from + COPIED_BYTES);
  const [first = 0] = wanted;
  for (const { address, bytes } of segments) {
    for (let at = bytes.indexOf(first); at >= 0; at = bytes.indexOf(first, at + 1))
      if (sameBytes(bytes.subarray(at, at + COPIED_BYTES), wanted)) return address + at;
  }
  return undefined;
}

/** A loader may keep a note of its own in blank flash, such as that an image has come. */
const MOST_NOTE_BYTES = 32;

/** @returns whether what has changed may be a note that a loader has written: not a copy of the job, and nothing is lost by it */
export function mayBeNote(places: readonly ChangedPlace[], { expected, region }: Omit<Elsewhere, 'used'>): boolean {
  const wasBlank = places.every(({ before }) => before.every((byte) => byte === region.erasedValue));
  return (
    wasBlank &&
    differingIn(places) <= MOST_NOTE_BYTES &&
    places.every((place) => sourceOf(place, expected) === undefined)
  );
}
