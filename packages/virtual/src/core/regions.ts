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

/** A part of a region that instructions are executed from. */
export interface CodePage {
  readonly start: number;
  /** By half-word, what was decoded. */
  readonly ops: (Op | undefined)[];
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
  /** What was decoded, where something was: a program seldom fills a flash of megabytes. */
  readonly pages: (CodePage | undefined)[];
  /** By 256 bytes, 1 where something was decoded. */
  readonly decoded: Uint8Array;
}

/** The regions in use, those that come first in front. */
export interface Regions {
  mapped: readonly Mapped[];
  /** The first region of bytes in each 64 KB, by the top byte of an address and the next; everything else is searched for. */
  readonly quick: (readonly (Mapped | undefined)[])[];
  /** What the last search found. */
  last: Mapped | undefined;
}

const GRANULE_SHIFT = 16;
const GRANULE = 1 << GRANULE_SHIFT;
/** 8 KB. */
const PAGE_SHIFT = 13;
const PAGE = 1 << PAGE_SHIFT;
/** 16 MB without a region of bytes. */
const NO_ROW: readonly (Mapped | undefined)[] = Array.from({ length: 256 });
/** An IT instruction is decoded with up to four of four bytes behind it. */
const LONGEST_DECODE = 18;
const NO_WORD = new Uint8Array(4);

export function newRegions(list: readonly Region[]): Regions {
  const quick = Array.from({ length: 256 }, () => NO_ROW);
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
    const row = (regions.quick[granule >>> 8] ?? NO_ROW).with(granule & 0xff, first?.readable ? first : undefined);
    regions.quick[granule >>> 8] = row;
  }
}

/** Forgets what was decoded from bytes of one region. */
export function forget(entry: Mapped, offset: number, length: number): void {
  const from = Math.max(0, offset - LONGEST_DECODE);
  const end = Math.min(entry.length, offset + length);
  for (let index = from >>> PAGE_SHIFT; index << PAGE_SHIFT < end; index += 1) {
    const first = index << PAGE_SHIFT;
    entry.pages[index]?.ops.fill(undefined, Math.max(0, from - first) >>> 1, Math.min(PAGE, end - first + 1) >>> 1);
  }
}

/** The page of a region that an address of it is in. */
export function pageAt({ start, length, pages }: Mapped, address: number): CodePage {
  const index = ((address - start) >>> 0) >>> PAGE_SHIFT;
  const offset = index << PAGE_SHIFT;
  const ops = (): (Op | undefined)[] => Array.from({ length: Math.min(PAGE, length - offset) >>> 1 });
  const page = pages[index] ?? { start: start + offset, ops: ops() };
  pages[index] = page;
  return page;
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
  for (const { pages, decoded } of mapped) {
    for (const page of pages) page?.ops.fill(undefined);
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
    pages: Array.from({ length: ((length - 1) >>> PAGE_SHIFT) + 1 }),
    decoded: new Uint8Array((length >>> 8) + 1),
  };
}
