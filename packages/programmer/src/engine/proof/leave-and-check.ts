/**
 * Reads a program again after the device has left its bootloader and come back: a cache that is lost at leave, and cells that do
 * not hold, are seen there alone.
 */
import type { MemoryImage } from '@sureflash/image';
import { seen } from '../../diagnosis/observation.ts';
import { diagnose } from '../../diagnosis/rank.ts';
import { FlashError, isFlashError } from '../../errors.ts';
import { observeKind } from '../../evidence/loader.ts';
import { chipOf } from '../../target/about.ts';
import type { Device } from '../../target/device.ts';
import type { RunOptions } from '../run/progress.ts';
import { type Mismatch, type Proof, proveImage } from './proof.ts';

/** How a device comes back after it has left. */
export interface ComeBack {
  /** Whether a device that was found is the one that left, in the same loader: its program may show another one. */
  readonly isBack: (found: Device) => boolean;
}

/** Gets the device that has left, when it is in its bootloader again. @throws FlashError `device/not-back` */
export type AwaitReturn = (back: ComeBack) => Promise<Device>;

/** A loader that has this long to leave and still answers has stayed on the bus (bitManifestationTolerant, DFU 1.1 §4.1.3). */
const LEAVE_LIMIT_MS = 5_000;
const LEAVE_LOOK_MS = 50;

interface LeaveAndCheck extends RunOptions {
  readonly image: MemoryImage;
  /** Where the program starts. */
  readonly startAt: number;
  readonly awaitReturn: AwaitReturn;
}

export interface CheckedAgain {
  readonly device: Device;
  /** Bytes that were read again and are right. */
  readonly bytes: number;
}

/**
 * Starts the program, waits for the device, and reads every byte of the image again.
 * @returns the device as it came back; it belongs to whoever has found it
 * @throws FlashError `verify/not-kept` with a diagnosis; `device/not-back`; what the target throws; `signal.reason`
 */
export async function leaveAndCheck(
  device: Device,
  { image, startAt, awaitReturn, ...running }: LeaveAndCheck,
): Promise<CheckedAgain> {
  const { about } = device;
  await device.target.leave(startAt);
  await untilGone(device, running.signal);
  const isBack = (found: Device): boolean => found.about.kind === about.kind && found.about.uid === about.uid;
  const again = await awaitReturn({ isBack });
  const proof = await proveImage(again.target, image, again.target.geometry, running);
  if (proof.differing > 0) throw notKept(again, proof);
  return { device: again, bytes: proof.compared };
}

/** A device that is about to leave answers for some time: what it is asked then tells nothing. */
async function untilGone({ target, clock }: Device, signal: AbortSignal | undefined): Promise<void> {
  const deadline = clock.now() + LEAVE_LIMIT_MS;
  try {
    while (clock.now() < deadline && ((await target.answers?.()) ?? false)) await clock.sleep(LEAVE_LOOK_MS, signal);
  } catch (error) {
    if (!isFlashError(error)) throw error;
  }
}

/** More wrong bytes than this are a part of a block. */
const MOST_CHANGED_BYTES = 64;
const MOST_CELL_BITS = 2;

function extentOfChange({ first, differing }: Proof): 'cells' | 'bytes' | 'blocks' {
  if (differing > MOST_CHANGED_BYTES) return 'blocks';
  const bits = ({ expected, found }: Mismatch): number => (expected ^ found).toString(2).replaceAll('0', '').length;
  return first.every((each) => bits(each) <= MOST_CELL_BITS) ? 'cells' : 'bytes';
}

function notKept({ about }: Device, proof: Proof): FlashError {
  const { first, differing, compared, excerpt } = proof;
  const [mismatch] = first;
  const facts = { address: mismatch?.address ?? 0, expected: mismatch?.expected ?? 0, found: mismatch?.found ?? 0 };
  const told = seen('changed-after-leave', { ...facts, differing, compared, extent: extentOfChange(proof) });
  const diagnosis = diagnose([observeKind(about), told], chipOf(about));
  return new FlashError('verify/not-kept', { ...facts, differing, compared }).with({ diagnosis, excerpt });
}
