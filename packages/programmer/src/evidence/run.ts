/** Evidence from a run whose proof failed: what was done, what was expected, and what a second look finds. Reads only. */
import { sameBytes } from '@sureflash/image';
import { type Observation, type ObservationKind, seen } from '../diagnosis/observation.ts';
import { regionHolding } from '../target/geometry.ts';
import { observeBefore, readSamples } from './before.ts';
import { type ComparedPiece, observePatterns } from './patterns.ts';
import { compareSamples, observeChange } from './reads.ts';
import type { RunRecord, SectorRecord } from './run-record.ts';
import { proveSame, type ReadRange } from './same-bytes.ts';

/** Sectors that differ and are read again, and how much of each. */
const MOST_SECTORS = 12;
const MOST_BYTES_EACH = 4096;
const RUN_SAMPLE_BYTES = 64;

/** Two versions of one firmware may well be moved against one another, or differ in a bit: without a run that is no sign. */
const TELLS_ALONE: readonly ObservationKind[] = ['bytes-swapped', 'part-of-blocks'];

/** The proof has failed, whatever the second look may run into: what cannot be read gives no evidence. */
export async function observeRun(read: ReadRange, run: RunRecord): Promise<Observation[]> {
  const wasWritten = run.sectors.length > 0;
  const pieces = await readAgain(read, run).catch(() => []);
  const samples = await readSamples(read, run).catch(() => []);
  const addresses = await observeAddresses(read, pieces);
  // Where every address reads the same, two reads that agree do not say that flash is unchanged.
  const seesFlash = !addresses.some(({ kind }) => kind === 'reads-same');
  return [
    ...observeDifferences(run),
    ...observeOneOperation(pieces, run),
    ...observeWork(run),
    ...(await observeStability(read, pieces, run).catch(() => [])),
    ...addresses,
    ...(seesFlash ? observeBefore(samples, run) : []),
    ...observeNeighbours(pieces, run),
    ...observeBits(pieces, run),
    ...observePatterns(pieces, settingOf(run)).filter(({ kind }) => wasWritten || TELLS_ALONE.includes(kind)),
    ...observeEcho(pieces, run),
  ];
}

/** The time alone, for a run whose proof did not fail. */
export function observeWork({ work, chip }: Pick<RunRecord, 'work' | 'chip'>): Observation[] {
  if (!work || work.bytesWritten === 0) return [];
  const { tookMs, leastMs } = work;
  const name = chip?.names[0];
  if (tookMs < leastMs) return [seen('too-quick', { ...work, ...(name !== undefined && { chip: name }) })];
  // Without the chip's own times the bound is too low to tell anything.
  return chip?.timing ? [seen('time-plausible', { tookMs, leastMs })] : [];
}

function observeDifferences({ differences, sectors }: RunRecord): Observation[] {
  const { first, differing, compared, sectors: wrong } = differences;
  const [mismatch] = first;
  const [from] = wrong;
  const last = wrong.at(-1);
  const touched = sectors.filter(({ action }) => action !== 'keep').length;
  return [
    ...(mismatch ? [seen('mismatch', { ...mismatch, differing, compared })] : []),
    ...(from && last
      ? [
          seen('sectors-differ', {
            count: wrong.length,
            touched: Math.max(touched, wrong.length),
            first: from.index,
            last: last.index,
            start: from.start,
            end: last.end,
          }),
        ]
      : []),
  ];
}

/** Sectors that must be right for one that is not to be an exception. */
const LEAST_RIGHT = 2;

/** A lost erase shows in one sector, a lost block in all that it covers; a misread is gone at the second look. */
function observeOneOperation(
  pieces: readonly ComparedPiece[],
  { differences, sectors, blockSize = 0 }: RunRecord,
): Observation[] {
  if (pieces.every(({ expected, found }) => sameBytes(expected, found))) return [];
  const wrong = differences.sectors;
  const [start, end] = [wrong[0]?.start ?? 0, wrong.at(-1)?.end ?? 0];
  if (wrong.length === 0 || (wrong.length > 1 && end - start > blockSize)) return [];
  const isRight = ({ action, sector }: SectorRecord): boolean =>
    action !== 'keep' && wrong.every((each) => each.start !== sector.start);
  const right = sectors.filter(isRight).length;
  return right < LEAST_RIGHT ? [] : [seen('one-operation', { start, end, sectors: wrong.length, right })];
}

/** The beginning of what differs in some sectors, spread over all of them. */
async function readAgain(read: ReadRange, { differences, expected, regions }: RunRecord): Promise<ComparedPiece[]> {
  const { sectors } = differences;
  const step = Math.max(1, Math.ceil(sectors.length / MOST_SECTORS));
  const pieces: ComparedPiece[] = [];
  for (const sector of sectors.filter((_, i) => i % step === 0)) {
    const erasedValue = regionHolding(regions, sector)?.erasedValue ?? 0xff;
    const [covered] = expected.within(sector);
    if (!covered) continue;
    const known = differences.first.find(({ address }) => address >= sector.start && address < sector.end);
    const start = Math.max(covered.address, known ? known.address - (known.address % MOST_BYTES_EACH) : 0);
    const end = Math.min(covered.address + covered.bytes.length, start + MOST_BYTES_EACH);
    const found = await read({ start, end });
    pieces.push({ address: start, expected: expected.read({ start, end }, erasedValue), found });
  }
  return pieces;
}

/** Where the second look does not find what the proof found, a third one tells whether two like reads differ. */
async function observeStability(
  read: ReadRange,
  pieces: readonly ComparedPiece[],
  { differences }: RunRecord,
): Promise<Observation[]> {
  const other = differences.first.flatMap(({ address, found }) => {
    const piece = pieces.find((each) => address >= each.address && address < each.address + each.found.length);
    return piece && piece.found[address - piece.address] !== found ? [piece] : [];
  });
  // What reads alike now may not do so next time: a place that was right is looked at as well.
  const [piece = pieces[0]] = other;
  if (!piece) return [];
  const range = { start: piece.address, end: piece.address + piece.found.length };
  return await observeChange({ address: range.start, bytes: piece.found }, async () => await read(range));
}

/** Pieces that should differ from one another and are the same come from one place. */
async function observeAddresses(read: ReadRange, pieces: readonly ComparedPiece[]): Promise<Observation[]> {
  const long = pieces.filter(({ found }) => found.length >= RUN_SAMPLE_BYTES);
  const heads = new Set(long.map(({ expected }) => expected.subarray(0, RUN_SAMPLE_BYTES).join()));
  if (heads.size < 2) return [];
  const samples = long
    .slice(0, 4)
    .map(({ address, found }) => ({ address, bytes: found.subarray(0, RUN_SAMPLE_BYTES) }));
  // What was read there reaches further than what is read again.
  const end = Math.max(...long.map(({ address, found }) => address + found.length));
  const region = { start: samples[0]?.address ?? end, end };
  return await proveSame(read, compareSamples(samples), { region, samples });
}

/** Sectors that were to be kept are blank. */
function observeNeighbours(
  pieces: readonly ComparedPiece[],
  { sectors, differences, regions }: RunRecord,
): Observation[] {
  const wrong = new Set(differences.sectors.map(({ start }) => start));
  const lost = sectors.filter(({ sector, action }) => action === 'keep' && wrong.has(sector.start));
  const isBlank = ({ sector }: SectorRecord): boolean => {
    const piece = pieces.find(({ address }) => address >= sector.start && address < sector.end);
    const erased = regionHolding(regions, sector)?.erasedValue ?? 0xff;
    return piece === undefined || piece.found.every((byte) => byte === erased);
  };
  if (lost.length === 0 || !lost.every(isBlank)) return [];
  return [seen('neighbours-lost', { sectors: lost.map(({ sector }) => sector.index) })];
}

/** Wrong bytes may be one in so many for single bits to be at fault. */
const RARE = 50;
const MOST_BITS_EACH = 2;

function observeBits(pieces: readonly ComparedPiece[], { differences, sectors }: RunRecord): Observation[] {
  const { differing, compared } = differences;
  if (sectors.length === 0 || differing * RARE > compared) return [];
  const wrong = pieces.flatMap(({ address, expected, found }) =>
    Array.from(found, (byte, i) => ({ address: address + i, found: byte, expected: expected[i] ?? 0 })).filter(
      (each) => each.found !== each.expected,
    ),
  );
  const [first] = wrong;
  if (!first || wrong.some((each) => ones(each.found ^ each.expected) > MOST_BITS_EACH)) return [];
  const low = wrong.every((each) => (each.found & each.expected) === each.found);
  const high = wrong.every((each) => (each.found | each.expected) === each.found);
  if (!low && !high) return [];
  return [seen('bits-stuck', { value: low ? 0 : 1, bytes: differing, address: first.address })];
}

function ones(byte: number): number {
  let count = 0;
  for (let bits = byte; bits > 0; bits &= bits - 1) count++;
  return count;
}

function settingOf({ expected, regions, differences, sectors, blockSize }: RunRecord) {
  const wrong = new Set(differences.sectors.map(({ start }) => start));
  const [region] = regions;
  return {
    expected,
    erasedValue: region?.erasedValue ?? 0xff,
    differing: differences.sectors,
    nothingRight: sectors.every(({ action, sector }) => action === 'keep' || wrong.has(sector.start)),
    ...(blockSize !== undefined && { blockSize }),
  };
}

/** Everything reads as the block that was written last. */
function observeEcho(pieces: readonly ComparedPiece[], { expected, blockSize, sectors }: RunRecord): Observation[] {
  const end = expected.range?.end;
  if (blockSize === undefined || end === undefined || sectors.length === 0 || pieces.length < 2) return [];
  const last = expected.segments.at(-1);
  if (!last) return [];
  const length = last.bytes.length % blockSize || blockSize;
  const block = last.bytes.subarray(last.bytes.length - length);
  const compared = Math.min(block.length, RUN_SAMPLE_BYTES);
  const isFill = block.every((byte) => byte === block[0]);
  const same = pieces.every(({ found }) => block.subarray(0, compared).every((byte, i) => byte === found[i]));
  return same && !isFill ? [seen('reads-last-block', { address: end - length, blockSize })] : [];
}
