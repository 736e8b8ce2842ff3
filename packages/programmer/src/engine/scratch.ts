/** An experiment in a sector that nobody needs: erase it, write a pattern, read it back, and see what became of it. */
import { MemoryImage } from '@sureflash/image';
import { type Observation, observeRun, observeWork, type RunRecord, seen } from '../diagnosis/index.ts';
import { FlashError } from '../errors.ts';
import { describeRegions, type Range, type Sector } from '../target/geometry.ts';
import { writeAndVerify } from './attempt.ts';
import { sameBytes } from './bytes.ts';
import { recordOf } from './failure.ts';
import { planProgram } from './plan.ts';
import { readAll } from './read.ts';
import { likelyChip, loaderOf, type Subject } from './subject.ts';
import { survey } from './survey.ts';

/** Bytes of each neighbour that are looked at before and after. */
const NEIGHBOUR_BYTES = 256;

/**
 * Erases the sector that holds `address`, writes a pattern over all of it, reads it back, and leaves it erased. What it
 * held is lost; nothing else should change, and its neighbours are looked at.
 * @throws FlashError `plan/outside`, `plan/read-only`; what the target throws
 */
export async function tryScratch(subject: Subject, address: number, signal?: AbortSignal): Promise<Observation[]> {
  const { target } = subject;
  const flash = target.geometry.filter(({ kind }) => kind === 'flash');
  const sectors = flash.flatMap((region) => region.sectors);
  const sector = sectors.find(({ start, end }) => address >= start && address < end);
  if (!sector)
    throw new FlashError('plan/outside', { start: address, end: address + 1, available: describeRegions(flash) });
  if (!sector.writable || !sector.erasable)
    throw new FlashError('plan/read-only', { start: sector.start, end: sector.end });
  const image = new MemoryImage([{ address: sector.start, bytes: patternFor(sector) }]);
  const neighbours = sectors.filter(({ start, end }) => end === sector.start || start === sector.end);
  const before = await heads(subject, neighbours);
  const options = signal ? { signal } : {};
  const findings = await survey(target, image, flash, { keepRest: false, replaceAll: true, ...options });
  const attempt = await writeAndVerify({ ...subject, image }, planProgram(image, findings, subject.chip), options);
  const record = recordOf(target, backgroundFor(subject), attempt);
  const found = await outcome(subject, record, sector);
  const after = await heads(subject, neighbours);
  await target.erase([sector], options);
  const { segments } = image;
  const last = segments[0]?.bytes.subarray(-(record.blockSize ?? NEIGHBOUR_BYTES)).subarray(0, NEIGHBOUR_BYTES);
  const echoed = last !== undefined && after.length > 0 && after.every((head) => sameBytes(head, last.slice()));
  if (echoed) return [...found, seen('reads-last-block', { address: sector.start, blockSize: last.length })];
  const isBlank = (bytes: Uint8Array | undefined): boolean =>
    bytes?.every((byte) => byte === findings[0]?.region.erasedValue) ?? false;
  const lost = neighbours.filter((_, i) => isBlank(after[i]) && !isBlank(before[i])).map(({ index }) => index);
  return [...found, ...(lost.length > 0 ? [seen('neighbours-lost', { sectors: lost })] : [])];
}

function backgroundFor(subject: Subject) {
  const { blockSize } = loaderOf(subject);
  const chip = likelyChip(subject);
  return { evidence: [], ...(chip && { chip }), ...(blockSize !== undefined && { blockSize }) };
}

async function outcome({ target }: Subject, record: RunRecord, { start, end }: Range): Promise<Observation[]> {
  if (record.differences.differing > 0) return await observeRun(async (range) => await readAll(target, range), record);
  const tookMs = record.work?.tookMs ?? 0;
  return [seen('scratch-holds', { start, end, tookMs }), ...observeWork(record)];
}

async function heads({ target }: Subject, sectors: readonly Sector[]): Promise<Uint8Array[]> {
  const bytes: Uint8Array[] = [];
  for (const { start, end } of sectors) {
    bytes.push(await readAll(target, { start, end: Math.min(end, start + NEIGHBOUR_BYTES) }));
  }
  return bytes;
}

/** Bytes that differ from block to block and from address to address, none of them erased for long. */
function patternFor({ start, end }: Range): Uint8Array {
  let state = start >>> 0;
  return Uint8Array.from({ length: end - start }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state >>> 24;
  });
}
