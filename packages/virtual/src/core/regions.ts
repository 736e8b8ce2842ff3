/**
 * The regions of a memory map: which of them an address belongs to, and what was decoded of the code in each. They make
 * no access and know nothing of what is at an address.
 */

export type Width = 1 | 2 | 4;

/** An instruction at one address, decoded. @returns the address of the next one */
export type Op = () => number;

/** Memory-mapped behaviour. Offsets are from the start of the region; values are unsigned. Throws `busFault(…)`. */
export interface Device {
  read(offset: number, width: Width): number;
  write(offset: number, width: Width, value: number): void;
}

/** One region of the map. */
export interface Region {
  readonly name: string;
  readonly start: number;
  readonly length: number;
  /** The content, for reads and instruction fetches without a detour. Its `byteOffset` must be a multiple of 4. */
  readonly bytes?: Uint8Array;
  /** Whether stores go straight into `bytes`; otherwise they go to `device`, and without one they are bus faults. */
  readonly writable?: boolean;
  readonly device?: Device;
  /** Instructions there are refused (Execute Never). */
  readonly neverExecuted?: boolean;
}

/** A region in use. */
export interface Mapped {
  readonly region: Region;
  readonly start: number;
  readonly length: number;
  readonly bytes: Uint8Array;
  readonly halves: Int16Array;
  readonly words: Int32Array;
  readonly readable: boolean;
  readonly writable: boolean;
  /** By half-word, what was decoded. */
  ops: (Op | undefined)[];
  /** By 256 bytes, 1 where something was decoded. */
  readonly decoded: Uint8Array;
}

/** The regions in use, those that come first in front. */
export interface Regions {
  mapped: readonly Mapped[];
  /** The first region of bytes in each 64 KB; everything else is searched for. */
  readonly quick: (Mapped | undefined)[];
  /** What the last search found. */
  last: Mapped | undefined;
}

export const GRANULE_SHIFT = 16;
const GRANULE = 1 << GRANULE_SHIFT;
/** An IT instruction is decoded with up to four of four bytes behind it. */
const LONGEST_DECODE = 18;
const NO_WORD = new Uint8Array(4);

export function newRegions(list: readonly Region[]): Regions {
  const quick = Array.from<Mapped | undefined>({ length: 1 << GRANULE_SHIFT });
  const regions: Regions = { mapped: list.map(mappedOf), quick, last: undefined };
  for (const entry of regions.mapped) index(regions, entry);
  return regions;
}

export function regionAt(regions: Regions, address: number): Mapped | undefined {
  const { last } = regions;
  if (last !== undefined && (address - last.start) >>> 0 < last.length) return last;
  const { mapped } = regions;
  const place = mapped.findIndex(({ start, length }) => (address - start) >>> 0 < length);
  const found = mapped[place];
  // What another region covers in part has to be looked for each time.
  if (found && !mapped.slice(0, place).some((before) => overlaps(before, found))) regions.last = found;
  return found;
}

const overlaps = (one: Mapped, other: Mapped): boolean =>
  one.start < other.start + other.length && other.start < one.start + one.length;

/** Puts a region before those that it overlaps; a region of the same name goes. */
export function addRegion(regions: Regions, region: Region): void {
  const before = regions.mapped.find((entry) => entry.region.name === region.name);
  const after = mappedOf(region);
  regions.mapped = [after, ...regions.mapped.filter((entry) => entry !== before)];
  if (before) index(regions, before);
  index(regions, after);
}

export function removeRegion(regions: Regions, name: string): void {
  const gone = regions.mapped.find((entry) => entry.region.name === name);
  if (!gone) return;
  regions.mapped = regions.mapped.filter((entry) => entry !== gone);
  index(regions, gone);
}

/** Finds anew which region comes first in the granules that an entry touches. */
function index(regions: Regions, { start, length }: Mapped): void {
  regions.last = undefined;
  const end = (start + length - 1) >>> GRANULE_SHIFT;
  for (let granule = start >>> GRANULE_SHIFT; granule <= end; granule += 1) {
    const from = granule * GRANULE;
    const first = regions.mapped.find((entry) => entry.start < from + GRANULE && entry.start + entry.length > from);
    // A device in front of bytes has to be looked for.
    regions.quick[granule] = first?.readable ? first : undefined;
  }
}

/** Forgets what was decoded from bytes of one region. */
export function forget(entry: Mapped, offset: number, length: number): void {
  if (entry.ops.length === 0) return;
  const end = Math.min(entry.length, offset + length);
  for (let at = Math.max(0, offset - LONGEST_DECODE) & ~1; at < end; at += 2) entry.ops[at >>> 1] = undefined;
}

/** Forgets what was decoded from these bytes, in whichever regions they are. */
export function forgetAt({ mapped }: Regions, address: number, length: number): void {
  for (const entry of mapped) {
    const offset = address - entry.start;
    if (offset < entry.length && offset + length > 0) {
      forget(entry, Math.max(0, offset), length + Math.min(0, offset));
    }
  }
}

export function forgetAll({ mapped }: Regions): void {
  for (const { ops, decoded } of mapped) {
    ops.fill(undefined);
    decoded.fill(0);
  }
}

function mappedOf(region: Region): Mapped {
  const { bytes, start, length } = region;
  const whole = bytes && bytes.length >= length ? bytes : undefined;
  if (bytes && !whole) throw new RangeError(`region ${region.name} has fewer bytes than its length`);
  const content = whole ?? NO_WORD;
  return {
    region,
    start: start >>> 0,
    length,
    bytes: content,
    halves: new Int16Array(content.buffer, content.byteOffset, content.length >>> 1),
    words: new Int32Array(content.buffer, content.byteOffset, content.length >>> 2),
    readable: whole !== undefined,
    writable: whole !== undefined && region.writable === true,
    ops: [],
    decoded: new Uint8Array((length >>> 8) + 1),
  };
}
