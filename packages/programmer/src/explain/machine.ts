/** Runs operations on cells as a model of a loader would. It knows the hooks of deviations, and none of their names. */
import {
  type ByteAt,
  type Cells,
  clearCells,
  combineCells,
  eraseCells,
  fillErased,
  programUnits,
  type Span,
} from './cells.ts';
import type { Combine, Model, Primitive, Runs } from './primitive.ts';
import { NO_BYTE, STAGES } from './primitive.ts';
import { clipRuns, cutRuns } from './primitives/runs.ts';
import type { Ground, Step, StepKind } from './steps.ts';
import { sourceIndex, type Transform, tableAt, transformOf } from './transform.ts';

/** A model, sorted by the operations that it changes. */
export interface Machine {
  readonly ground: Ground;
  readonly chains: Readonly<Record<StepKind, readonly Primitive[]>>;
  readonly order?: (steps: readonly Step[]) => readonly Step[];
}

export function machineOf(model: Model, ground: Ground): Machine {
  const sorted = [...model].sort((a, b) => STAGES[a.stage] - STAGES[b.stage]);
  const on = (kind: StepKind): Primitive[] => sorted.filter((primitive) => primitive.on.includes(kind));
  const schedules = sorted.flatMap(({ hooks }) => (hooks.schedule ? [hooks.schedule] : []));
  const chains = { erase: on('erase'), write: on('write'), read: on('read') };
  if (schedules.length === 0) return { ground, chains };
  return { ground, chains, order: (steps) => schedules.reduce((all, schedule) => schedule(all), steps) };
}

/** Where a read's bytes come from. */
export interface ReadPlan {
  readonly step: Step;
  readonly runs: Runs;
  readonly transform: Transform | undefined;
  /** Every byte is this. */
  readonly constant: number | undefined;
  /** The bytes of this step are given instead, from this index on; `none`: those of no step. */
  readonly instead: { readonly step: Step; readonly offset: number; readonly isRaw: boolean } | 'none' | undefined;
  /** What stands where no flash does; unknown without it. */
  readonly fill: number | undefined;
  /** Offset in flash of byte `i` of the last read before that was long enough. */
  readonly before?: (i: number) => number | undefined;
  /** Only these indices matter. */
  readonly only?: { readonly from: number; readonly to: number };
  /** Some bytes have no flash behind them. */
  readonly isPartial: boolean;
}

/** Told of every read in its turn; `false` ends the run. `raws` holds what right reads would have given, where kept. */
export type OnRead = (plan: ReadPlan, raws?: Raws) => boolean;

/** What a right read would have given at its time, by the step's place; only where a model gives such answers later. */
export type Raws = Map<number, { readonly value: Uint8Array; readonly unknown: Uint8Array }>;

function rawOf(step: Step, cells: Cells): { value: Uint8Array; unknown: Uint8Array } {
  const raw = { value: new Uint8Array(step.length), unknown: new Uint8Array(step.length).fill(0xff) };
  overlaps(cells, wholeOf(step), ({ start, value, unknown }, low, high, from) => {
    raw.value.set(value.subarray(low - start, high - start), from);
    raw.unknown.set(unknown.subarray(low - start, high - start), from);
  });
  return raw;
}

const applies = ({ condition }: Primitive, step: Step): boolean => !condition || condition.holds(step);
const wholeOf = ({ address, length }: Step): Runs => [0, address, length];

export interface Interest {
  /** Only these indices of the block matter. */
  readonly indices?: readonly [low: number, high: number];
  /** Only these offsets matter. */
  readonly offsets?: readonly [low: number, high: number];
}

/** Where a step's bytes go or come from; `undefined` where it has no effect. More than what matters may be given. */
export function modelRunsOf(
  chain: readonly Primitive[],
  step: Step,
  ground: Ground,
  { indices, offsets }: Interest = {},
): Runs | undefined {
  let runs: Runs = wholeOf(step);
  if (indices) runs = cutRuns(runs, ...indices);
  for (const [i, primitive] of chain.entries()) {
    const { drops, runs: change, reach } = primitive.hooks;
    if ((!drops && !change) || !applies(primitive, step)) continue;
    if (drops) return undefined;
    if (offsets && reach && !chain.slice(i + 1).some(({ hooks }) => hooks.runs))
      runs = clipRuns(runs, ...reach(...offsets));
    if (change) runs = change(runs, step, ground);
  }
  return runs;
}

/** Whether a step can touch anything in [low, high). */
function mayTouch(
  chain: readonly Primitive[],
  step: Step,
  ground: Ground,
  [low, high]: readonly [number, number],
): boolean {
  let start = step.address;
  let end = start + step.length;
  for (const primitive of chain) {
    const { runs, box } = primitive.hooks;
    if (!runs || !applies(primitive, step)) continue;
    if (!box) return true;
    [start, end] = box(start, end, step, ground);
  }
  return start < high && end > low;
}

export interface Execution {
  readonly machine: Machine;
  readonly steps: readonly Step[];
  readonly cells: Cells;
  readonly onRead: OnRead;
  /** For each step whether it touches `cells` in a right loader: others are skipped where nothing deviates. */
  readonly touches?: Uint8Array;
  /** Only part of the flash is simulated, for the sake of these bytes of this read: nothing after it matters. */
  readonly focus?: Focus;
  /** Those of `steps` that can matter, in their order; default all. */
  readonly some?: readonly Step[];
}

export interface Focus {
  readonly step: Step;
  readonly from: number;
  readonly to: number;
}

/** @returns whether the run went to its end */
export function execute({ machine, steps, cells, onRead, touches, focus, some = steps }: Execution): boolean {
  const { chains, ground } = machine;
  const raws: Raws | undefined = chains.read.some(({ hooks }) => hooks.source?.isRaw) ? new Map() : undefined;
  const low = cells[0]?.start ?? 0;
  const high = cells.at(-1)?.end ?? 0;
  for (const step of machine.order?.(steps) ?? some) {
    const chain = chains[step.kind];
    if (chain.length === 0) {
      if (touches ? !touches[step.at] : step.address >= high || step.address + step.length <= low) continue;
    } else if (step === focus?.step || (step.kind === 'read' && !focus)) {
      // Bytes of a read that no flash stands behind are seen all the same.
    } else if (!mayTouch(chain, step, ground, [low, high])) continue;
    if (step.kind === 'read') {
      raws?.set(step.at, rawOf(step, cells));
      if (!onRead(readPlan(chain, step, { ground, steps, offsets: [low, high] }), raws)) return false;
      if (step === focus?.step) return true;
      continue;
    }
    const runs = chain.length === 0 ? wholeOf(step) : modelRunsOf(chain, step, ground, { offsets: [low, high] });
    if (!runs) continue;
    if (step.kind === 'erase') eraseRuns(cells, runs, chain, { step, ground });
    else writeRuns(cells, runs, chain, { step, ground, steps });
  }
  return true;
}

interface MachineReading {
  readonly ground: Ground;
  readonly steps: readonly Step[];
  readonly offsets: readonly [number, number];
}

function readPlan(chain: readonly Primitive[], step: Step, { ground, steps, offsets }: MachineReading): ReadPlan {
  const plain = { step, constant: undefined, instead: undefined, fill: undefined };
  if (chain.length === 0) return { ...plain, runs: wholeOf(step), transform: undefined, isPartial: false };
  const active = chain.filter((primitive) => applies(primitive, step));
  const isCut = active.some(({ stage, hooks }) => hooks.drops || (stage === 'part' && hooks.runs));
  const runs = modelRunsOf(active, step, ground, isCut ? {} : { offsets }) ?? [];
  const transform = transformOf(active, step);
  const constant = active.find(({ hooks }) => hooks.constant !== undefined)?.hooks.constant;
  const source = active.find(({ hooks }) => hooks.source)?.hooks.source;
  const fill = active.find(({ hooks }) => hooks.fill !== undefined)?.hooks.fill;
  const at = source?.instead(step, steps);
  const other = typeof at === 'number' ? steps[at] : undefined;
  const instead =
    at === 'none'
      ? at
      : other && { step: other, offset: source?.offset?.(step, other) ?? 0, isRaw: source?.isRaw === true };
  return { step, constant, fill, runs, transform, instead, isPartial: isCut, before: beforeOf(step, steps) };
}

/** Where byte `i` of the read before was read from; `undefined` where that had none. */
export function beforeOf(step: Step, steps: readonly Step[]): (i: number) => number | undefined {
  return (i) => {
    for (let at = step.at - 1; at >= 0; at--) {
      const other = steps[at];
      if (other?.kind === 'read') return other.length > i ? other.address + i : undefined;
    }
    return undefined;
  };
}

/** Calls `each` with every part of `runs` that lies in flash and in a span. */
export function overlaps(
  cells: Cells,
  runs: Runs,
  each: (span: Span, low: number, high: number, from: number) => void,
): void {
  for (let r = 0; r < runs.length; r += 3) {
    const to = runs[r + 1] ?? 0;
    const end = to + (runs[r + 2] ?? 0);
    for (const span of cells) {
      if (span.end <= to) continue;
      if (span.start >= end) break;
      const low = Math.max(to, span.start);
      each(span, low, Math.min(end, span.end), (runs[r] ?? 0) + low - to);
    }
  }
}

/** As `overlaps`, without what lies outside the flash: nothing changes there. */
function changesMade(
  { size }: Ground,
  cells: Cells,
  runs: Runs,
  each: (span: Span, low: number, high: number, from: number) => void,
): void {
  overlaps(cells, runs, (span, start, end, from) => {
    const low = Math.max(0, start);
    const high = Math.min(size, end);
    if (low < high) each(span, low, high, from + low - start);
  });
}

function eraseRuns(
  cells: Cells,
  runs: Runs,
  chain: readonly Primitive[],
  { step, ground }: { step: Step; ground: Ground },
): void {
  const special = chain.find((primitive) => primitive.hooks.erasesTo && applies(primitive, step))?.hooks;
  changesMade(ground, cells, runs, (span, low, high) => {
    if (!special?.erasesTo) {
      eraseCells(span, low, high, ground.erasedValue);
      return;
    }
    for (let o = low - span.start; o < high - span.start; o++) {
      const unknown = special.erasesUnknown?.(span.unknown[o] ?? 0) ?? 0;
      span.value[o] = special.erasesTo(span.value[o] ?? 0) & ~unknown;
      span.unknown[o] = unknown;
    }
  });
}

interface Writing {
  readonly step: Step;
  readonly ground: Ground;
  readonly steps: readonly Step[];
}

function writeRuns(cells: Cells, runs: Runs, chain: readonly Primitive[], { step, ground, steps }: Writing): void {
  const bytes = arrivingBytes(chain, step, steps);
  if (!bytes) return;

  const transform = chain.length > 0 ? transformOf(chain, step) : undefined;
  const erasing = chain.find((primitive) => primitive.hooks.erasesFirst && applies(primitive, step));
  const first = erasing?.hooks.erasesFirst?.(step, ground);
  if (first) {
    changesMade(ground, cells, [0, first[0], first[1] - first[0]], (span, low, high) =>
      eraseCells(span, low, high, ground.erasedValue),
    );
  }
  const how = combineOf(chain, step);
  const { unit, erasedValue: erased } = ground;
  changesMade(ground, cells, runs, (span, low, high, from) => {
    const isPlain = !transform && how === 'and' && from >= 0;
    if (isPlain && fillErased(span, [low, high], bytes.subarray(from), { unit, erased })) return;
    const byteAt = byteReader(bytes, transform, { step, offset: low - from, steps });
    if (how !== 'and') combineCells(span, [low, high], from, { byteAt, how });
    else if (unit === 1) clearCells(span, [low, high], from, byteAt);
    else programUnits(span, [low, high], from, { byteAt, unit, erased });
  });
}

function combineOf(chain: readonly Primitive[], step: Step): Combine {
  for (const primitive of chain)
    if (primitive.hooks.combine && applies(primitive, step)) return primitive.hooks.combine;
  return 'and';
}

/** The bytes that a write has: its own, or those of another step. */
function arrivingBytes(chain: readonly Primitive[], step: Step, steps: readonly Step[]): Uint8Array | undefined {
  const source = chain.find((primitive) => primitive.hooks.source && applies(primitive, step))?.hooks.source;
  const at = source?.instead(step, steps);
  if (at === undefined) return step.bytes;
  return at === 'none' ? undefined : steps[at]?.bytes;
}

/** Byte `i` of the block before, or of the last one that was long enough; 0 where there is none. */
function oldByte(step: Step, steps: readonly Step[], i: number, isBuffer: boolean): number {
  for (let at = step.at - 1; at >= 0; at--) {
    const other = steps[at];
    if (other?.kind !== 'write') continue;
    if (other.length > i) return other.bytes[i] ?? 0;
    if (!isBuffer) return 0;
  }
  return 0;
}

/** `offset`: what to add to an index to get its offset in flash. */
function byteReader(
  bytes: Uint8Array,
  transform: Transform | undefined,
  { step, offset, steps }: { step: Step; offset: number; steps: readonly Step[] },
): ByteAt {
  const { length } = bytes;
  if (!transform) return (i) => (i < length ? (bytes[i] ?? -1) : -1);
  const { keys, moves } = transform;
  return (i) => {
    const at = moves.length > 0 ? sourceIndex(transform, i, length) : i;
    if (at === NO_BYTE.none || at >= length) return -1;
    let byte =
      at === NO_BYTE.before || at === NO_BYTE.buffer
        ? oldByte(step, steps, i, at === NO_BYTE.buffer)
        : at === NO_BYTE.zero
          ? 0
          : at === NO_BYTE.ones
            ? 0xff
            : (bytes[at] ?? 0);
    const table = tableAt(transform, i);
    if (table) byte = table[byte] ?? 0;
    for (const key of keys) byte ^= key(i, offset + i, step);
    return byte & 0xff;
  };
}
