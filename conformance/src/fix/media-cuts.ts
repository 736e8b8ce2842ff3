/**
 * Every cut of a programming run behind a generated media file, from one run: a program that lost its power knows nothing but
 * what the flash holds, so that cuts that leave the same cells are one. It samples the run; it cuts nothing itself.
 */
import type { MemoryImage } from '@sureflash/image';
import { microcontrollerChips } from '@sureflash/virtual';
import { cellsHeldBy, type FlashCall } from './arm-media.ts';
import { MediaRig, type MediaRigOptions } from './media-rig.ts';

export interface CutPoint {
  /** Transfers at which a cut leaves these cells. */
  readonly transfers: number[];
  /** Cells before the call that is cut, or at rest. */
  readonly held: readonly { readonly address: number; readonly bytes: Uint8Array }[];
  /** The call that is cut, and after how many ms. */
  readonly call?: FlashCall;
  readonly elapsedMs: number;
}

/**
 * Programs `image` once. @param delayMs from a transfer to the cut
 * @returns how many transfers it took, and what cutting it at each of them leaves
 */
export async function cutPointsOf(
  options: MediaRigOptions,
  image: MemoryImage,
  delayMs: number,
): Promise<{ readonly transfers: number; readonly points: readonly CutPoint[] }> {
  const rig = new MediaRig(options);
  const facts = microcontrollerChips.get(options.subject.model);
  if (!facts) throw new Error(`no model of ${options.subject.model}`);
  const points = new Map<string, CutPoint>();
  const calls = new Map<FlashCall, number>();
  const sample = (index: number): void => {
    const now = rig.clock.now();
    const { pending } = rig.media;
    if (pending && !calls.has(pending)) calls.set(pending, calls.size + 1);
    const runs = pending !== undefined && now < pending.endsAt;
    if (!runs) rig.media.settle();
    const elapsedMs = runs ? now - pending.since : 0;
    const key = runs ? `in call ${calls.size} after ${elapsedMs}` : `after call ${calls.size}`;
    const known = points.get(key);
    if (known) known.transfers.push(index);
    else {
      const held = cellsHeldBy(rig.board.flash, facts);
      points.set(key, { transfers: [index], held, elapsedMs, ...(runs && { call: pending }) });
    }
  };
  await rig.program(image, (index) => {
    if (delayMs === 0) sample(index);
    else void rig.clock.sleep(delayMs).then(() => sample(index));
  });
  await rig.clock.sleep(delayMs);
  return { transfers: rig.transfers, points: [...points.values()] };
}

/** A board whose power went away at this point and came back. @param seed decides what half-done cells hold */
export async function boardAfterCut(
  options: MediaRigOptions,
  { held, call, elapsedMs }: CutPoint,
  seed: number,
): Promise<MediaRig> {
  const rig = new MediaRig({ ...options, held, seed });
  while (!rig.board.device) await rig.clock.sleep(10);
  if (call) {
    const now = rig.clock.now();
    if (call.callback === 'erase') rig.media.erase(call.address, now);
    else rig.media.write(call.address, call.bytes, now);
    await rig.clock.sleep(elapsedMs);
  }
  rig.unplug();
  await rig.clock.sleep(100);
  rig.board.plug();
  while (!rig.board.device) await rig.clock.sleep(10);
  return rig;
}
