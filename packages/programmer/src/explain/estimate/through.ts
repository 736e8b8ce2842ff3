/** What was seen, held against a loader that deviates already: what it leaves is what a second deviation has to explain. */

import { isOneRun, placeInRuns } from '../primitives/runs.ts';
import type { Step } from '../recording/steps.ts';
import { type Machine, modelRunsOf } from '../simulate/machine.ts';
import { sourceIndices, transformOf } from '../simulate/transform.ts';
import { type Seen, type SeenBlock, shareOfStrange } from './seen.ts';

/** A loader, and what it gives otherwise than it was read: marks and bytes, for each read by its place. */
export interface Through {
  readonly machine: Machine;
  readonly wrong: ReadonlyMap<number, Uint8Array>;
  readonly expected: ReadonlyMap<number, Uint8Array>;
}

/** The steps that wrote each byte of flash last, and the index in their block; -1 where none did. */
interface LastWritten {
  readonly by: Int32Array;
  readonly index: Int32Array;
}

/**
 * As `see`, with a loader like `machine` in place of a right one: its blocks hold what that gives where they are read,
 * `found` what was read there.
 */
export function seeThrough(seen: Seen, { machine: { chains, ground }, wrong, expected: bytesOf }: Through): Seen {
  const reads = seen.reads.map((read) => {
    const differs = wrong.get(read.step.at) ?? new Uint8Array(read.step.length);
    return { ...read, differs, differing: differs.reduce((sum, one) => sum + one, 0) };
  });
  const written = writtenBy(seen, chains.write);
  const blocks = new Map<number, { bytes: Uint8Array; found: Int16Array }>();
  for (const { step } of seen.blocks)
    blocks.set(step.at, { bytes: Uint8Array.from(step.bytes), found: new Int16Array(step.length).fill(-1) });
  const lastChange = seen.steps.findLast(({ kind }) => kind !== 'read')?.at ?? -1;
  for (const { step } of seen.after) {
    if (step.at < lastChange) continue;
    const transform = transformOf(chains.read, step);
    const marks = wrong.get(step.at);
    const expected = bytesOf.get(step.at);
    const runs = modelRunsOf(chains.read, step, ground) ?? [];
    const sources = transform && sourceIndices(transform, step.length);
    const whole = isOneRun(runs, step.length) ? runs[1] : undefined;
    for (let i = 0; i < step.length; i++) {
      const from = sources ? (sources[i] ?? -1) : i;
      const at = whole === undefined ? (placeInRuns(runs, from) ?? -1) : from < 0 ? -1 : whole + from;
      const block = at < 0 || at >= ground.size ? undefined : blocks.get(written.by[at] ?? -1);
      const index = written.index[at] ?? -1;
      if (!block || (block.found[index] ?? 0) >= 0 || step.unstable?.has(i)) continue;
      block.found[index] = step.bytes[i] ?? 0;
      block.bytes[index] = (marks?.[i] === 1 ? expected?.[i] : step.bytes[i]) ?? 0;
    }
  }
  const through = seen.blocks.map(({ step }): SeenBlock => {
    const { bytes, found } = blocks.get(step.at) ?? { bytes: step.bytes, found: new Int16Array(step.length).fill(-1) };
    const differing = bytes.reduce((sum, byte, i) => sum + ((found[i] ?? -1) >= 0 && found[i] !== byte ? 1 : 0), 0);
    return { step: { ...step, bytes }, found, wrong: differing };
  });
  const isAfter = new Set(seen.after.map(({ step }) => step.at));
  const after = reads.filter(({ step }) => isAfter.has(step.at));
  return { ...seen, blocks: through, reads, after, strangeShare: shareOfStrange(ground, through, seen.firstRead) };
}

const asAsked = new WeakMap<readonly Step[], LastWritten>();

function writtenBy({ steps, ground }: Seen, chain: Machine['chains']['write']): LastWritten {
  const known = chain.length === 0 ? asAsked.get(steps) : undefined;
  if (known) return known;
  const by = new Int32Array(ground.size).fill(-1);
  const index = new Int32Array(ground.size);
  for (const step of steps) {
    if (step.kind !== 'write') continue;
    const runs = modelRunsOf(chain, step, ground) ?? [];
    for (let r = 0; r < runs.length; r += 3) {
      const [from = 0, to = 0, length = 0] = [runs[r], runs[r + 1], runs[r + 2]];
      for (let a = Math.max(0, to); a < Math.min(ground.size, to + length); a++) {
        by[a] = step.at;
        index[a] = from + a - to;
      }
    }
  }
  if (chain.length === 0) asAsked.set(steps, { by, index });
  return { by, index };
}
