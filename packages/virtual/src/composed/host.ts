/**
 * A host that programs an image as sureflash's engine does (docs/architecture.md §3): it looks, erases and writes group
 * by group, and reads everything back. Written from the description; it knows nothing of loaders but their operations.
 */

import { ERASED } from './cells.ts';
import type { Geometry } from './geometry.ts';
import type { Operation, ReadOperation } from './operation.ts';
import { FIRST_BLOCK } from './operation.ts';
import type { Range, Segment } from './pieces.ts';
import { joined, partsWithin, readsOf, wholeUnits, widened, withoutErased, writesOf } from './pieces.ts';

/** An operation, and the answer to a read. */
export interface Step {
  readonly operation: Operation;
  readonly bytes?: Uint8Array;
}

/** Carries out one operation; gives bytes back for a read. */
export type AskedDevice = (operation: Operation) => Uint8Array | undefined;

/** Sectors of this size and more are looked at alone. */
const LARGE_SECTOR = 16 * 1024;
const FIRST_LOOK = 4096;
const GROUP_BYTES = 64 * 1024;
const WORTH_SKIPPING = 1024;
const READ_OVER = 4096;
const LOOK_BYTES = 256;
/** Odd, and beyond an access of any width. */
const BESIDE = 13;

interface Look {
  readonly span: Range;
  readonly sector: Range;
  /** Covered, erased and wanted otherwise. */
  readonly missing: Range[];
  different: boolean;
}

export interface HostOptions {
  /** Also reads a few hundred bytes at telling places, before and after, and part of the proof in another order. */
  readonly looks?: boolean;
  /** Also reads unique device id and flash size, before and after. Default not. */
  readonly system?: boolean;
  /** Erases everything at once instead of the sectors that differ. */
  readonly eraseAll?: boolean;
}

/** A whole job. @returns what was done and read, in order */
export function program(
  device: AskedDevice,
  geometry: Geometry,
  image: readonly Segment[],
  { looks = true, system = false, eraseAll = false }: HostOptions = {},
): Step[] {
  const steps: Step[] = [];
  const run: AskedDevice = (operation) => {
    const bytes = device(operation);
    steps.push({ operation, ...(bytes && { bytes }) });
    return bytes;
  };
  const places = [...(looks ? telling(geometry, image) : []), ...(system ? [systemRead(geometry)] : [])];
  for (const place of places) run(place);
  const found = survey(run, geometry, image);
  if (eraseAll) run({ kind: 'eraseAll' });
  for (const group of groupsOf(found)) {
    for (const { different, sector } of group)
      if (different && !eraseAll) run({ kind: 'erase', address: sector.start, length: sector.end - sector.start });
    const writes = group.flatMap((look) => writesFor(look, geometry, image, eraseAll));
    for (const segment of joined(writes)) for (const block of writesOf(segment, geometry.blockBytes)) run(block);
  }
  for (const span of joinedSpans(image)) for (const read of readsOf(span, geometry.blockBytes)) run(read);
  for (const place of places) run(place);
  if (looks) for (const read of inAnotherOrder(image, geometry)) run(read);
  return steps;
}

function systemRead({ system: { address, bytes } }: Geometry): ReadOperation {
  return { kind: 'read', base: address, number: FIRST_BLOCK, address, length: bytes.length };
}

export function lookAt(address: number): ReadOperation {
  return { kind: 'read', base: address, number: FIRST_BLOCK, address, length: LOOK_BYTES };
}

/** Both ends of the flash, the powers of two, beside the image. */
function telling({ start, bytes }: Geometry, image: readonly Segment[]): ReadOperation[] {
  const places = new Set([0, bytes - LOOK_BYTES]);
  for (let power = 0x1000; power < bytes; power *= 2) places.add(power);
  for (const {
    address,
    bytes: { length },
  } of image) {
    places.add(Math.max(0, address - start - LOOK_BYTES));
    places.add(Math.min(bytes - LOOK_BYTES, address - start + length));
  }
  return [...places].sort((a, b) => a - b).map((place) => lookAt(start + place));
}

/** Some blocks from the last to the first, at an odd distance from where they were read before. */
function inAnotherOrder(image: readonly Segment[], { blockBytes }: Geometry): ReadOperation[] {
  const all = image.flatMap(({ address, bytes }) =>
    readsOf({ start: address + BESIDE, end: address + bytes.length }, blockBytes).filter(
      ({ length }) => length === blockBytes,
    ),
  );
  const step = Math.max(1, Math.floor(all.length / 4));
  return all.filter((_, i) => i % step === 0).reverse();
}

function survey(run: AskedDevice, geometry: Geometry, image: readonly Segment[]): Look[] {
  const looks = geometry.sectors.flatMap((sector): Look[] => {
    const parts = partsWithin(image, sector);
    const [first] = parts;
    const last = parts.at(-1);
    if (!first || !last) return [];
    const span = wholeUnits({ start: first.address, end: last.address + last.bytes.length }, geometry.programBytes);
    return [{ sector, span, missing: [], different: false }];
  });
  const small = (look: Look): boolean => look.span.end - look.span.start < LARGE_SECTOR;
  for (let i = 0; i < looks.length; ) {
    const extent = looks.slice(i, i + 1);
    for (i += 1; i < looks.length; i++) {
      const [look, before] = [looks[i], extent.at(-1)];
      if (!look || !before || !small(look) || !small(before) || look.span.start !== before.span.end) break;
      extent.push(look);
    }
    lookInto(run, geometry, image, extent);
  }
  return looks;
}

function lookInto(run: AskedDevice, geometry: Geometry, image: readonly Segment[], extent: readonly Look[]): void {
  const [only] = extent;
  const last = extent.at(-1);
  if (!only || !last) return;
  const range = { start: only.span.start, end: last.span.end };
  const alone = extent.length === 1 && range.end - range.start >= LARGE_SECTOR;
  const first = alone ? { start: range.start, end: range.start + FIRST_LOOK } : range;
  for (const part of alone ? [first, { start: first.end, end: range.end }] : [first]) {
    for (const read of readsOf(part, geometry.blockBytes)) {
      const bytes = run(read) ?? new Uint8Array();
      for (const look of extent) compare(look, { address: read.address, bytes }, geometry, image);
      if (alone && only.different) return;
    }
  }
}

function compare(look: Look, chunk: Segment, geometry: Geometry, image: readonly Segment[]): void {
  const start = Math.max(chunk.address, look.span.start);
  const end = Math.min(chunk.address + chunk.bytes.length, look.span.end);
  if (start >= end || look.different) return;
  const found = (address: number): number | undefined => chunk.bytes[address - chunk.address];
  const parts = partsWithin(image, { start, end });
  if (parts.every(({ address, bytes }) => bytes.every((byte, i) => byte === found(address + i)))) return;
  const erased = chunk.bytes.subarray(start - chunk.address, end - chunk.address).every((byte) => byte === ERASED);
  if (erased && geometry.cells === 'plain') look.missing.push({ start, end });
  else look.different = true;
}

function groupsOf(looks: readonly Look[]): Look[][] {
  const groups: Look[][] = [];
  let size = 0;
  for (const look of looks) {
    if (!look.different && look.missing.length === 0) continue;
    const bytes = look.sector.end - look.sector.start;
    const group = groups.at(-1);
    if (group && group.at(-1)?.sector.end === look.sector.start && size + bytes <= GROUP_BYTES) {
      group.push(look);
      size += bytes;
    } else {
      groups.push([look]);
      size = bytes;
    }
  }
  return groups;
}

function writesFor(look: Look, geometry: Geometry, image: readonly Segment[], all: boolean): Segment[] {
  const ranges = look.different || all ? [look.sector] : look.missing;
  const least = geometry.cells === 'ecc' ? geometry.programBytes : WORTH_SKIPPING;
  return ranges.flatMap((range) =>
    partsWithin(image, range).flatMap((part) =>
      withoutErased(widened(part, geometry.programBytes), geometry.programBytes, least),
    ),
  );
}

function joinedSpans(image: readonly Segment[]): Range[] {
  const spans: { start: number; end: number }[] = [];
  for (const { address, bytes } of image) {
    const last = spans.at(-1);
    if (last && address - last.end <= READ_OVER) last.end = address + bytes.length;
    else spans.push({ start: address, end: address + bytes.length });
  }
  return spans;
}
