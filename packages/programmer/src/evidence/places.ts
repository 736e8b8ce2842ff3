/** Where a flash is read to learn of a device: where the image goes, and where anything may be written at all. Arithmetic alone. */
import { type Chip, sectorsOf } from '@sureflash/chips';
import type { Range, Region, Sector } from '../target/geometry.ts';

export const READ_SAMPLE_BYTES = 256;
/** ReadPlaces whose bytes are held against one another. */
export const PLACES_READ = 4;

export interface PlaceOptions {
  /** Reads stay inside the largest flash that this chip comes with: a loader may crash on an address without memory. */
  readonly chip?: Chip | undefined;
  /** What is to be written, or read. */
  readonly wanted?: readonly Range[] | undefined;
}

export interface ReadPlaces {
  /** Inside `wanted`, ascending. */
  readonly wanted: readonly number[];
  /** Spread over the sectors that may be written; over all where none may. */
  readonly spread: readonly number[];
  /** The first sector, where it may not be written: a loader stands there, which is never blank. */
  readonly own: readonly number[];
}

export function placesIn({ sectors, end }: Region, { chip, wanted = [] }: PlaceOptions): ReadPlaces {
  const largest = Math.max(0, ...(chip?.variants.flatMap(sectorsOf).map((sector) => sector.end) ?? []));
  const last = largest === 0 ? end : largest;
  const usable = sectors.filter(
    (s) => s.readable && s.end - s.start >= READ_SAMPLE_BYTES && s.start + READ_SAMPLE_BYTES <= last,
  );
  const writable = usable.filter((sector) => sector.writable);
  const ofWanted = usable.flatMap((sector) => wantedPlaceIn(sector, wanted));
  return {
    wanted: spreadOver(ofWanted),
    spread: spreadOver((writable.length > 0 ? writable : usable).map(({ start }) => start)),
    own: writable.length > 0 && usable[0]?.writable === false ? [usable[0].start] : [],
  };
}

/** The place in a sector at which a wanted range begins there. */
function wantedPlaceIn(sector: Sector, wanted: readonly Range[]): number[] {
  const range = wanted.find(({ start, end }) => start < sector.end && end > sector.start);
  if (!range) return [];
  const from = Math.max(sector.start, range.start);
  return [Math.min(from - (from % READ_SAMPLE_BYTES), sector.end - READ_SAMPLE_BYTES)];
}

function spreadOver(places: readonly number[]): number[] {
  const step = Math.max(1, Math.floor((places.length - 1) / (PLACES_READ - 1)));
  return places.filter((_, i) => i % step === 0).slice(0, PLACES_READ);
}
