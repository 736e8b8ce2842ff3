/** How well deviations of erases agree with what became of old content, whatever was written there. It simulates nothing. */

import type { Seen } from '../estimate/seen.ts';
import { MUST, MUST_NOT } from '../exact/needs.ts';
import type { Model } from '../grammar/primitive.ts';
import { isOneRun, placeInRuns } from '../primitives/runs.ts';
import { firstFrom } from '../recording/ascending.ts';
import type { Ground, Step } from '../recording/steps.ts';
import { applies, type Machine, machineOf, modelRunsOf } from '../simulate/machine.ts';
import { sourceIndices, tableAt, transformFactsOf, transformOf } from '../simulate/transform.ts';

/** Some bytes of flash of which it can be told whether they were erased since they were first read. */
export interface Spots {
  /** Their offsets, ascending. */
  readonly at: readonly number[];
  readonly isErased: readonly boolean[];
}

/** Writes clear bits and set none: so many bytes tell without doubt. */
const SPOT_BYTES = 8;
const LEAST_CLEAR_BITS = 12;
/** Spots are looked for this far apart, and more densely at the ends of sectors. */
const SPOTS_EVERY = 64;

/** What cells held at first and at last, as a loader that reads like `machine` tells; -1 where nothing does. */
interface OldAndNew {
  readonly old: Int16Array;
  readonly now: Int16Array;
  /** Bits that answers tell, and no write was asked to clear. */
  readonly told: Uint8Array;
}

const spotsAsAsked = new WeakMap<Seen, Spots>();

export function spotsOf(seen: Seen, machine: Machine): Spots {
  if (machine.chains.read.length > 0) return spotsBehind(seen, machine);
  const spots = spotsAsAsked.get(seen) ?? spotsBehind(seen, machine);
  spotsAsAsked.set(seen, spots);
  return spots;
}

function spotsBehind(seen: Seen, machine: Machine): Spots {
  const { old, now, told } = oldAndNew(seen, machine);
  const at: number[] = [];
  const isErased: boolean[] = [];
  for (let a = 0; a + SPOT_BYTES <= old.length; a += SPOTS_EVERY / 8) {
    if (a % SPOTS_EVERY >= SPOT_BYTES && a % SPOTS_EVERY < SPOTS_EVERY - SPOT_BYTES) continue;
    let clear = 0;
    let set = 0;
    let kept = 0;
    for (let i = a; i < a + SPOT_BYTES; i++) {
      const before = old[i] ?? -1;
      const after = now[i] ?? -1;
      if (before < 0 || after < 0) continue;
      const bits = ~before & (told[i] ?? 0) & 0xff;
      clear += bitCountOf(bits);
      set |= after & bits;
      kept |= ~after & bits;
    }
    // A part of the spot was erased: the border lies in it.
    if (clear < LEAST_CLEAR_BITS || (set !== 0 && kept !== 0)) continue;
    at.push(a);
    isErased.push(set !== 0);
  }
  return { at, isErased };
}

function bitCountOf(bits: number): number {
  let n = 0;
  for (let left = bits; left !== 0; left &= left - 1) n++;
  return n;
}

function oldAndNew({ steps, ground: { size } }: Seen, { chains, ground }: Machine): OldAndNew {
  const old = new Int16Array(size).fill(-1);
  const now = new Int16Array(size).fill(-1);
  const told = new Uint8Array(size).fill(0xff);
  const firstChange = steps.find(({ kind }) => kind !== 'read')?.at ?? steps.length;
  const lastChange = steps.findLast(({ kind }) => kind !== 'read')?.at ?? -1;
  for (const step of steps) {
    if (step.kind !== 'read' || (step.at > firstChange && step.at < lastChange)) continue;
    const contents = step.at < firstChange ? old : now;
    const runs = modelRunsOf(chains.read, step, ground) ?? [];
    const constant = chains.read.some((each) => applies(each, step) && (each.hooks.constant ?? each.hooks.source));
    if (constant) continue;
    const transform = transformOf(chains.read, step);
    const sources = transform && sourceIndices(transform, step.length);
    const whole = isOneRun(runs, step.length) ? runs[1] : undefined;
    for (let i = 0; i < step.bytes.length; i++) {
      const from = sources ? (sources[i] ?? -1) : i;
      const a = from < 0 ? -1 : whole === undefined ? (placeInRuns(runs, from) ?? -1) : whole + from;
      if (a < 0 || a >= size || (contents[a] ?? 0) >= 0) continue;
      const table = transform && tableAt(transform, i);
      const facts = table && transformFactsOf(table);
      const byte = step.bytes[i] ?? 0;
      contents[a] = facts ? (facts.value[byte] ?? 0) : byte;
      if (facts) told[a] = (told[a] ?? 0) & (facts.told[byte] ?? 0);
    }
  }
  for (const { kind, address, bytes } of steps) {
    if (kind !== 'write') continue;
    for (let i = Math.max(0, -address); i < Math.min(bytes.length, size - address); i++)
      told[address + i] = (told[address + i] ?? 0) & (bytes[i] ?? 0);
  }
  return { old, now, told };
}

/** For each erase by its place among them, whether it must be lost or must not be, by the spots of its own sector. */
export function erasesLost({ at, isErased }: Spots, erases: readonly Step[]): Uint8Array {
  return Uint8Array.from(erases, ({ address, length }) => {
    let need = 0;
    for (let n = firstFrom(at, address); n < at.length && (at[n] ?? 0) < address + length; n++)
      need |= isErased[n] ? MUST_NOT : MUST;
    return need & MUST_NOT ? MUST_NOT : need;
  });
}

/** Spots of which it is right whether they were erased, if erases go as `model` says. */
export function erasesFit(spots: Spots, model: Model, erases: readonly Step[], ground: Ground): number {
  return fitOf(spots, spotsHit(spots, model, erases, ground));
}

export const fitOf = ({ isErased }: Spots, hits: Uint8Array): number =>
  isErased.reduce((sum, one, n) => sum + ((hits[n] === 1) === one ? 1 : 0), 0);

/** 1 for each spot that is erased, if erases go as `model` says. */
export function spotsHit(spots: Spots, model: Model, erases: readonly Step[], ground: Ground): Uint8Array {
  const hits = new Uint8Array(spots.at.length);
  for (const own of spotsOfEach(spots, model, erases, ground)) for (const n of own) hits[n] = 1;
  return hits;
}

/** For each erase, the spots that it erases, if it goes as `model` says. */
export function spotsOfEach({ at }: Spots, model: Model, erases: readonly Step[], ground: Ground): number[][] {
  const chain = machineOf(model, ground).chains.erase;
  return erases.map((step) => {
    const own: number[] = [];
    const runs = modelRunsOf(chain, step, ground) ?? [];
    for (let r = 0; r < runs.length; r += 3) {
      const start = runs[r + 1] ?? 0;
      const end = start + (runs[r + 2] ?? 0);
      for (let n = firstFrom(at, start); n < at.length && (at[n] ?? 0) + SPOT_BYTES <= end; n++) own.push(n);
    }
    return own;
  });
}
