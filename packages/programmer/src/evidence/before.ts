/** Evidence from what a place held before a run, what it should hold, and what it holds now. */
import { rangeOf, sameBytes } from '@sureflash/image';
import { type Observation, seen } from '../diagnosis/observation.ts';
import type { Region } from '../target/geometry.ts';
import type { ComparedPiece } from './patterns.ts';
import type { RunRecord, SectorRecord } from './run-record.ts';
import type { ReadRange } from './same-bytes.ts';

const MOST_SAMPLES_BEFORE = 8;

export interface ChangedSample extends ComparedPiece {
  readonly before: Uint8Array;
  readonly action: SectorRecord['action'];
}

export async function readSamples(
  read: ReadRange,
  { sectors, differences, expected }: RunRecord,
): Promise<ChangedSample[]> {
  const starts = new Set(differences.sectors.map(({ start }) => start));
  const samples: ChangedSample[] = [];
  for (const { sector, action, before } of sectors) {
    if (!before || !starts.has(sector.start) || samples.length === MOST_SAMPLES_BEFORE) continue;
    const range = rangeOf(before);
    const found = await read(range);
    samples.push({ address: range.start, before: before.bytes, action, found, expected: expected.read(range) });
  }
  return samples;
}

export function observeBefore(
  samples: readonly ChangedSample[],
  { sectors, differences, expected, regions }: RunRecord,
): Observation[] {
  if (samples.length === 0) return [];
  const isErased = erasedBy(regions);
  const count = samples.length;
  const changed = samples.filter(({ before, found }) => !sameBytes(before, found)).length;
  if (changed > 0) {
    const isOnlyCleared = samples.every(isCleared) && samples.some(isNeither);
    return [
      seen('changed', { samples: count, changed }),
      ...(isOnlyCleared ? [seen('bits-only-cleared', { samples: count })] : []),
    ];
  }
  const blank = samples.every(({ before }) => isErased(before));
  const wrong = new Set(differences.sectors.map(({ start }) => start));
  const written = sectors.filter(({ action }) => action !== 'keep');
  const [held, failed] = [written.filter(({ sector }) => !wrong.has(sector.start)), wrong.size];
  const neededNoErase = ({ before }: SectorRecord): boolean =>
    before === undefined || isErased(before.bytes) || sameBytes(before.bytes, expected.read(rangeOf(before)));
  const onlyBlankHold = !blank && held.length > 0 && held.every(neededNoErase);
  return [
    seen('unchanged', { samples: count, blank }),
    ...(onlyBlankHold ? [seen('blank-sectors-hold', { held: held.length, failed })] : []),
  ];
}

/** Nothing but bits that the image clears has changed. */
function isCleared({ before, found, expected }: ChangedSample): boolean {
  return found.every((byte, i) => byte === ((before[i] ?? 0) & (expected[i] ?? 0)));
}

function isNeither({ before, found, expected }: ChangedSample): boolean {
  return !sameBytes(found, before) && !sameBytes(found, expected);
}

function erasedBy([region]: readonly Region[]): (bytes: Uint8Array) => boolean {
  const erasedValue = region?.erasedValue ?? 0xff;
  return (bytes) => bytes.every((byte) => byte === erasedValue);
}
