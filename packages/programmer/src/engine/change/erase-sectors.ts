/** Erases sectors and proves that they are erased. */
import { FlashError, hasCode } from '../../errors.ts';
import { joined, regionHolding, type Sector } from '../../target/geometry.ts';
import type { Target } from '../../target/target.ts';
import { readChunks } from '../memory/read-memory.ts';
import type { RunOptions } from '../run/progress.ts';
import { eraseMs } from '../run/timing.ts';
import { eraseFirst, mustTryErase, type NeighbourGuard } from './first-erase.ts';

interface EraseSectorsOptions extends RunOptions {
  /** The first erase of a loader that nobody knows is looked at. */
  readonly looksAtErase?: boolean;
  /** Keeps what that erase may take of its neighbours. */
  readonly guard?: NeighbourGuard;
}

/** @throws FlashError `verify/not-erased`, what the target throws, `signal.reason`; the link is at rest then */
export async function eraseSectors(
  target: Target,
  sectors: readonly Sector[],
  options: EraseSectorsOptions = {},
): Promise<void> {
  await atRest(target, async () => {
    await eraseOneByOne(target, sectors, options);
    await proveErased(target, sectors, options);
  });
}

/** Uniform pages up to this size are erased all at once about as quickly as one of them (F0, F1, F3, G4, L4). */
const PAGE_BYTES = 4096;

/**
 * All flash: at once where that is quicker, else sector by sector. Loaders that refuse or ignore a mass erase are
 * found out by the proof, and erased sector by sector.
 * @throws as `eraseSectors`
 */
export async function eraseAllFlash(
  target: Target,
  sectors: readonly Sector[],
  options: RunOptions = {},
): Promise<void> {
  const arePages = sectors.length > 1 && sectors.every(({ start, end }) => end - start <= PAGE_BYTES);
  if (arePages && (await massErased(target, sectors, options))) return;
  await eraseSectors(target, sectors, options);
}

async function massErased(target: Target, sectors: readonly Sector[], options: RunOptions): Promise<boolean> {
  const { signal, onProgress } = options;
  const bytes = totalBytes(sectors);
  try {
    await atRest(target, async () => {
      onProgress?.({ type: 'phase', phase: 'erase', bytes });
      await target.eraseAll({ signal });
      for (const sector of sectors) onProgress?.({ type: 'sector', phase: 'erase', sector, state: 'erased' });
      onProgress?.({ type: 'step', phase: 'erase', done: bytes, fraction: 1, address: sectors[0]?.start ?? 0 });
      onProgress?.({ type: 'phase-end', phase: 'erase' });
      await proveErased(target, sectors, options);
    });
    return true;
  } catch (error) {
    if (hasCode(error, 'dfu/status', 'dfu/protocol', 'usb/stall', 'flash/refused', 'verify/not-erased')) return false;
    throw error;
  }
}

async function atRest(target: Target, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    await target.settle();
    throw error;
  }
}

async function eraseOneByOne(
  target: Target,
  sectors: readonly Sector[],
  { signal, onProgress, looksAtErase = false, guard }: EraseSectorsOptions,
): Promise<void> {
  const total = totalBytes(sectors);
  const totalMs = sectors.reduce((sum, { start, end }) => sum + eraseMs(end - start, undefined), 0);
  let done = 0;
  let passedMs = 0;
  onProgress?.({ type: 'phase', phase: 'erase', bytes: total });
  const onErased = (sector: Sector): void => {
    done += sector.end - sector.start;
    passedMs += eraseMs(sector.end - sector.start, undefined);
    onProgress?.({ type: 'sector', phase: 'erase', sector, state: 'erased' });
    onProgress?.({ type: 'step', phase: 'erase', done, fraction: passedMs / totalMs, address: sector.start });
  };
  const [first] = sectors;
  const isTried = first !== undefined && looksAtErase && mustTryErase(target);
  if (isTried) {
    await eraseFirst(target, first, { signal, guard });
    onErased(first);
  }
  await target.erase(isTried ? sectors.slice(1) : sectors, { signal, onErased });
  onProgress?.({ type: 'phase-end', phase: 'erase' });
}

async function proveErased(
  target: Target,
  sectors: readonly Sector[],
  { signal, onProgress }: RunOptions,
): Promise<void> {
  const total = totalBytes(sectors);
  let done = 0;
  onProgress?.({ type: 'phase', phase: 'verify', bytes: total });
  for (const span of joined(sectors)) {
    const erasedValue = regionHolding(target.geometry, span)?.erasedValue ?? 0xff;
    for await (const { address, bytes } of readChunks(target, span, { signal })) {
      const at = bytes.findIndex((byte) => byte !== erasedValue);
      if (at >= 0) throw new FlashError('verify/not-erased', { address: address + at, found: bytes[at] ?? 0 });
      done += bytes.length;
      onProgress?.({ type: 'step', phase: 'verify', done, fraction: done / total, address });
    }
  }
  onProgress?.({ type: 'phase-end', phase: 'verify' });
}

function totalBytes(sectors: readonly Sector[]): number {
  return sectors.reduce((sum, { start, end }) => sum + end - start, 0);
}
