/** One round of a job: erase, write, read everything back. */
import type { Device } from '../target/device.ts';
import type { Target } from '../target/target.ts';
import { eraseAndWrite } from './change/erase-and-write.ts';
import type { KeptBytes, Safekeeping } from './change/kept-bytes.ts';
import { type Proof, proveImage } from './proof/proof.ts';
import { proveByDigest } from './proof/proof-by-digest.ts';
import { proveByReadBack } from './proof/proof-by-read-back.ts';
import type { RunOptions } from './run/progress.ts';
import type { Timed } from './run/timing.ts';
import type { Plan, SectorPlan } from './survey/plan.ts';
import type { FailedRun } from './why/failure.ts';

export interface AttemptOptions extends RunOptions {
  /**
   * Where the bytes beside the image are safe from the first erase until they are proven to be back. Without one they are
   * in memory alone, and lost with the process.
   */
  readonly keptBytes?: KeptBytes | undefined;
  /**
   * Prove what was written by CRCs that the chip computes itself, where it can: through a debug probe. Otherwise, and by default,
   * every byte is read back.
   */
  readonly quickProof?: boolean | undefined;
}

export interface Attempt extends FailedRun {
  readonly verifyMs: number;
  readonly provenByCrc: boolean;
}

interface AttemptWriteOptions extends RunOptions {
  readonly chip?: Timed | undefined;
  readonly quickProof?: boolean | undefined;
  readonly safekeeping: Safekeeping;
  /** The first erase of a loader that nobody knows is looked at; its reads must be such as can be believed. */
  readonly looksAtErase?: boolean;
}

/** @throws what the target throws, what the store throws, `signal.reason`; the link is at rest then */
export async function writeAndVerify(
  { target, clock }: Device,
  plan: Plan,
  { chip, signal, onProgress, safekeeping, quickProof = false, looksAtErase = false }: AttemptWriteOptions,
): Promise<Attempt> {
  const shared = { signal, onProgress };
  const begun: SectorPlan[] = [];
  const onBegin = (sectors: readonly SectorPlan[]): void => void begun.push(...sectors);
  await safekeeping.begin(plan.sectors);
  try {
    const started = clock.now();
    let lookMs = 0;
    const onLook = (ms: number): void => {
      lookMs += ms;
    };
    const looks = looksAtErase ? { onLook, guard: safekeeping.guard() } : {};
    const done = await eraseAndWrite(plan, target, {
      clock,
      chip,
      ...shared,
      ...looks,
      onBegin,
      readBack: !quickProof,
    });
    const written = clock.now();
    const nothingToDo = plan.sectors.every(({ action }) => action === 'keep');
    // The survey of an unchanged flash has compared every byte already, read or by its CRC: that was the proof.
    const quick =
      quickProof && !nothingToDo ? await proveByDigest(target, plan.expected, target.geometry, shared) : undefined;
    const proof = nothingToDo
      ? { compared: plan.expected.byteLength, differing: 0, first: [], sectors: [] }
      : (quick ?? (await proveByReading(target, plan, shared)));
    if (proof.differing > 0)
      await safekeeping.narrow(begun.filter(({ sector }) => proof.sectors.some(({ start }) => start === sector.start)));
    return {
      plan,
      done,
      proof,
      tookMs: written - started - lookMs,
      verifyMs: clock.now() - written,
      provenByCrc: quick !== undefined || (nothingToDo && plan.sectors.some(({ byCrc }) => byCrc)),
    };
  } catch (error) {
    await safekeeping.narrow(begun);
    throw error;
  }
}

/** Every byte is read: while the rest was written, where the target could do that, or now. */
async function proveByReading(target: Target, { expected }: Plan, options: RunOptions): Promise<Proof> {
  const regions = target.geometry;
  return (
    (await proveByReadBack(target, expected, regions, options)) ??
    (await proveImage(target, expected, regions, options))
  );
}
