/** One way in which a loader can deviate, as hooks that the machine calls. Nothing else knows what a deviation means. */

import type { Ground, Step, StepKind } from '../recording/steps.ts';
import { bitsOfNumber, type Condition } from './condition.ts';

/**
 * Where the bytes of an operation go: triples of index in the block, offset in flash, and length. For a read, where its
 * bytes come from.
 */
export type Runs = readonly number[];

/** What happens to the bytes of a block on their way. */
export interface DataHook {
  /** Byte `i` of the block comes from this index, or is a mark of `marks.ts`. */
  readonly move?: (i: number, length: number) => number;
  /** Instead of `move`, where that depends on where the block lies. */
  readonly moveIn?: (step: Step) => (i: number, length: number) => number;
  /** 256 values: what each byte becomes. */
  readonly table?: Uint8Array;
  /** Only bytes whose index has this remainder by this period become so. */
  readonly lane?: readonly [period: number, remainder: number];
  /** The index from which on remainders count anew. */
  readonly cut?: (step: Step) => number;
  /** Some bytes are those of the block before. */
  readonly looksBack?: boolean;
  /** What is before a piece of a block is the piece before: blocks are cut at multiples of it. */
  readonly grain?: number;
  /** How long a block of a write is behind it; default as long as before. */
  readonly resize?: (length: number) => number;
  /** Exclusive-or with this, by index, offset in flash and operation. */
  readonly key?: (i: number, address: number, step: Step) => number;
}

/** Where a read or a write takes its bytes instead. */
export interface SourceHook {
  /** The step whose bytes are given, `undefined` for the step's own; `'none'`: there is no such step. */
  readonly instead: (step: Step, steps: readonly Step[]) => number | 'none' | undefined;
  /** Not what that read gave, but what a right one would have given then. */
  readonly isRaw?: true;
  /** A block that was longer is cut before anything else changes it. */
  readonly isCut?: true;
  /** Bytes of that step start here. */
  readonly offset?: (step: Step, source: Step) => number;
}

/** Part of a read, by indices. It comes from flash as it is, unless one of the others is there. */
export interface LinePiece {
  readonly from: number;
  readonly to: number;
  /** Place of the read at whose time the line of a cache was filled from which it comes. */
  readonly filledAt?: number;
  /** Instead: just these bytes, whatever else deviates. */
  readonly bytes?: Uint8Array;
  /** Instead: what stood there before anything was changed, whatever else deviates. */
  readonly isFromStart?: true;
}

/** Both by the place of a read among the steps. */
export interface LinePlan {
  readonly pieces: ReadonlyMap<number, readonly LinePiece[]>;
  /** Which flash it fills lines with that a later read uses. */
  readonly filled: ReadonlyMap<number, readonly (readonly [start: number, end: number])[]>;
  /** So many bytes from the start of the flash are kept as they were before the first change. */
  readonly keepsFirst?: number;
}

/** An operation that looks at flash first. */
export interface Guard {
  /** What it looks at. */
  readonly at: (step: Step, ground: Ground) => readonly [start: number, end: number];
  /** It does nothing if all of that is erased (`blank`), or if any of it is not (`used`). */
  readonly dropsIf: 'blank' | 'used';
}

export type PrimitiveKind =
  | 'as-read'
  | 'lost'
  | 'late'
  | 'head-lost'
  | 'tail-lost'
  | 'head-only'
  | 'tail-only'
  | 'odd-tail-lost'
  | 'shift'
  | 'stride'
  | 'base-ignored'
  | 'pointer'
  | 'base-twice'
  | 'reorder'
  | 'number-wraps'
  | 'aligned'
  | 'scaled'
  | 'one-place'
  | 'previous-address'
  | 'line'
  | 'lines-exchanged'
  | 'modulo'
  | 'also'
  | 'bounded'
  | 'padded'
  | 'closed-up'
  | 'erases-first'
  | 'widened'
  | 'again'
  | 'copied'
  | 'blank-check'
  | 'swap'
  | 'reversed'
  | 'rotated'
  | 'repeated'
  | 'strided'
  | 'spread'
  | 'stripes'
  | 'hole'
  | 'patched'
  | 'table'
  | 'keyed'
  | 'previous-data'
  | 'first-data'
  | 'combine'
  | 'erase-unit'
  | 'erase-neighbour'
  | 'erase-sectors'
  | 'erase-all'
  | 'erase-rest'
  | 'erase-value'
  | 'constant'
  | 'echo'
  | 'cache'
  | 'lag';

/** Order in which the parts of a loader act on one operation. */
export const STAGES = { gate: 0, part: 1, block: 2, byte: 3, second: 4, data: 5, source: 6 } as const;
export type Stage = keyof typeof STAGES;

export type Combine = 'and' | 'overwrite' | 'or' | 'xor';

export interface Hooks {
  /** The operation does nothing. */
  readonly drops?: true | undefined;
  readonly runs?:
    | ((runs: Runs, step: Step, ground: Ground, within?: readonly [low: number, high: number]) => Runs)
    | undefined;
  /** Bounds of all offsets that can come to lie between two others, where that is worth knowing. */
  readonly reach?: ((low: number, high: number, step: Step) => readonly [number, number]) | undefined;
  /** Bounds of where anything between two offsets can go; lets the machine skip what it cannot touch. */
  readonly box?: ((low: number, high: number, step: Step, ground: Ground) => readonly [number, number]) | undefined;
  /** Every byte stays, or goes just so far up or down; an erase takes the sector that holds where its address has gone. */
  readonly distance?: number | undefined;
  /** Blocks may be cut at multiples of it, and each piece goes elsewhere. */
  readonly grain?: number | undefined;
  readonly data?: DataHook | undefined;
  readonly source?: SourceHook | undefined;
  readonly combine?: Combine | undefined;
  /** What an erased cell becomes. */
  readonly erasesTo?: ((old: number) => number) | undefined;
  readonly erasesUnknown?: ((unknown: number) => number) | undefined;
  /** Every read gives this. */
  readonly constant?: number | undefined;
  /** Bytes of a read that no flash stands behind hold this; they are unknown without it. */
  readonly fill?: number | undefined;
  /** What a write erases before it programs. */
  readonly erasesFirst?: ((step: Step, ground: Ground) => readonly [number, number]) | undefined;
  readonly guard?: Guard | undefined;
  /** Reads come from the lines of a cache. */
  readonly lines?: ((steps: readonly Step[]) => LinePlan) | undefined;
  /** The steps that take effect, in the order in which they do. */
  readonly schedule?: ((steps: readonly Step[]) => readonly Step[]) | undefined;
  /** The steps as those see them that come after this, each in its place. */
  readonly sees?: ((steps: readonly Step[]) => readonly Step[]) | undefined;
}

export interface Primitive {
  readonly kind: PrimitiveKind;
  readonly stage: Stage;
  /** The operations that deviate. */
  readonly on: readonly StepKind[];
  readonly parameters: Readonly<Record<string, number>>;
  /** What it costs to state this, without its condition. */
  readonly bits: number;
  readonly condition?: Condition | undefined;
  readonly hooks: Hooks;
}

/**
 * The same, with all members and all hooks in one order: what walks through primitives by the thousand is several times
 * quicker where it meets one layout.
 */
export function evenly(primitive: Primitive): Primitive {
  if (even.has(primitive)) return primitive;
  const { kind, stage, on, parameters, bits, condition, hooks: own } = primitive;
  const hooks: Required<Hooks> = {
    drops: own.drops,
    runs: own.runs,
    reach: own.reach,
    box: own.box,
    distance: own.distance,
    grain: own.grain,
    data: own.data,
    source: own.source,
    combine: own.combine,
    erasesTo: own.erasesTo,
    erasesUnknown: own.erasesUnknown,
    constant: own.constant,
    fill: own.fill,
    erasesFirst: own.erasesFirst,
    guard: own.guard,
    lines: own.lines,
    schedule: own.schedule,
    sees: own.sees,
  };
  const made = { kind, stage, on, parameters, bits, condition, hooks };
  even.add(made);
  return made;
}

const even = new WeakSet<Primitive>();

/** A loader: as asked, but for these. */
export type Model = readonly Primitive[];

/** Each primitive is an assumption of its own. */
const BITS_PER_PRIMITIVE = 3;

export function bitsOfModel(model: Model): number {
  return model.reduce((sum, { bits, condition }) => sum + BITS_PER_PRIMITIVE + bits + (condition?.bits ?? 0), 0);
}

/** A number in a parameter or a condition may be any: for rivals it counts this much at most. */
const BITS_PER_NUMBER = 2;

/** What the form of a model costs, whatever its numbers are. */
export function formBits(model: Model): number {
  return model.reduce((sum, { bits, parameters, condition }) => {
    const numbers = Object.values(parameters).reduce((all, value) => all + dearer(value), 0);
    const more = condition ? condition.bits - (condition.values[0] === undefined ? 0 : dearer(condition.values[0])) : 0;
    return sum + BITS_PER_PRIMITIVE + Math.max(2, bits - numbers) + more;
  }, 0);
}

const dearer = (value: number): number => Math.max(0, bitsOfNumber(value) - BITS_PER_NUMBER - 1);

export const isOfReads = ({ on }: Primitive): boolean => on.length === 1 && on[0] === 'read';

export function when(condition: Condition, primitive: Primitive): Primitive {
  return evenly({ ...primitive, condition });
}

const keys = new WeakMap<Primitive, string>();

/** A short name that tells any two primitives apart; for keys and logs, not for people. */
export function keyOf(primitive: Primitive): string {
  const known = keys.get(primitive);
  if (known !== undefined) return known;
  const { kind, on, parameters, condition } = primitive;
  let key = `${kind}(`;
  for (const each of on) key += each[0];
  for (const name of Object.keys(parameters)) key += ` ${name}=${parameters[name]}`;
  key += condition ? `)@${condition.kind}(${condition.values.join(' ')})` : ')';
  keys.set(primitive, key);
  return key;
}

export function keyOfModel(model: Model): string {
  return model.map(keyOf).join(' + ') || 'as asked';
}
