/** Erases sectors and proves that they are erased. */
import { FlashError } from '../errors.ts';
import { type Range, type Region, type Sector, sectorsTouched } from '../target/geometry.ts';
import type { Target } from '../target/target.ts';
import type { OnProgress } from './progress.ts';
import { readChunks } from './read.ts';
import { eraseMs } from './timing.ts';

export interface EraseOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: OnProgress;
}

/**
 * The sectors that erasing `range` takes with it, whole.
 * @throws FlashError `plan/outside`, `plan/read-only`
 */
export function planErase(regions: readonly Region[], range: Range): Sector[] {
  const sectors = regions.filter((r) => r.kind === 'flash').flatMap((region) => sectorsTouched(region, range));
  if (sectors.length === 0) throw new FlashError('plan/outside', { ...range, available: regions.map((r) => r.name) });
  const refused = sectors.filter((sector) => !sector.erasable);
  const last = refused.at(-1);
  if (refused[0] && last) throw new FlashError('plan/read-only', { start: refused[0].start, end: last.end });
  return sectors;
}

/** @throws FlashError `verify/not-erased`, what the target throws, `signal.reason` */
export async function eraseSectors(
  target: Target,
  sectors: readonly Sector[],
  { signal, onProgress }: EraseOptions = {},
): Promise<void> {
  const abort = signal ? { signal } : {};
  const total = sectors.reduce((sum, { start, end }) => sum + end - start, 0);
  const totalMs = sectors.reduce((sum, { start, end }) => sum + eraseMs(end - start, undefined), 0);
  let done = 0;
  let passedMs = 0;
  onProgress?.({ type: 'phase', phase: 'erase', bytes: total });
  try {
    for (const sector of sectors) {
      onProgress?.({ type: 'sector', phase: 'erase', sector, state: 'erasing' });
      await target.erase(sector, abort);
      done += sector.end - sector.start;
      passedMs += eraseMs(sector.end - sector.start, undefined);
      onProgress?.({ type: 'sector', phase: 'erase', sector, state: 'erased' });
      onProgress?.({ type: 'step', phase: 'erase', done, fraction: passedMs / totalMs, address: sector.start });
    }
    onProgress?.({ type: 'phase-end', phase: 'erase' });
    await proveErased(target, sectors, { ...abort, ...(onProgress && { onProgress }) });
  } catch (error) {
    await target.settle();
    throw error;
  }
}

async function proveErased(
  target: Target,
  sectors: readonly Sector[],
  { signal, onProgress }: EraseOptions,
): Promise<void> {
  const total = sectors.reduce((sum, { start, end }) => sum + end - start, 0);
  let done = 0;
  onProgress?.({ type: 'phase', phase: 'verify', bytes: total });
  for (const span of joined(sectors)) {
    for await (const { address, bytes } of readChunks(target, span, signal ? { signal } : {})) {
      const at = bytes.findIndex((byte) => byte !== 0xff);
      if (at >= 0) throw new FlashError('verify/not-erased', { address: address + at, found: bytes[at] ?? 0 });
      done += bytes.length;
      onProgress?.({ type: 'step', phase: 'verify', done, fraction: done / total, address });
    }
  }
  onProgress?.({ type: 'phase-end', phase: 'verify' });
}

function joined(sectors: readonly Sector[]): Range[] {
  const spans: { start: number; end: number }[] = [];
  for (const { start, end } of sectors) {
    const last = spans.at(-1);
    if (last?.end === start) last.end = end;
    else spans.push({ start, end });
  }
  return spans;
}
