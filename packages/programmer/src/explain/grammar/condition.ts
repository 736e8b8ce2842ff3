/** When a deviation strikes: a predicate on single operations, with what it costs to state. It knows no deviation. */
import type { Step } from '../recording/steps.ts';

export type ConditionKind =
  | 'first'
  | 'not-first'
  | 'only'
  | 'from-count'
  | 'up-to-count'
  | 'from-change'
  | 'every'
  | 'all-but-every'
  | 'every-in-run'
  | 'all-but-every-in-run'
  | 'first-of-run'
  | 'not-first-of-run'
  | 'first-run'
  | 'not-first-run'
  | 'from-address'
  | 'below-address'
  | 'address-bit'
  | 'short'
  | 'full'
  | 'shorter'
  | 'longer'
  | 'odd-length'
  | 'after-erase'
  | 'later-after-erase'
  | 'after-write'
  | 'from-bytes'
  | 'from-number'
  | 'ends-from'
  | 'begins-with';

export interface Condition {
  readonly kind: ConditionKind;
  readonly values: readonly number[];
  readonly bits: number;
  readonly holds: (step: Step) => boolean;
}

/** What it costs to state a number: powers of two are cheap. */
export function bitsOfNumber(value: number): number {
  const n = Math.abs(value);
  if (n <= 1) return 1;
  const odd = n / (n & -n);
  if (odd === 1) return 3;
  return Math.min(4 + 2 * Math.log2(odd), 4 + Math.log2(n));
}

type ConditionRow = { readonly bits: number; readonly holds: (step: Step, a: number, b: number) => boolean };

const CONDITIONS: Readonly<Record<ConditionKind, ConditionRow>> = {
  first: { bits: 2, holds: ({ index }) => index === 0 },
  'not-first': { bits: 2, holds: ({ index }) => index > 0 },
  only: { bits: 4, holds: ({ index }, k) => index === k },
  'from-count': { bits: 3, holds: ({ index }, n) => index >= n },
  'up-to-count': { bits: 4, holds: ({ index }, n) => index < n },
  'from-change': { bits: 4, holds: ({ changes }, n) => changes >= n },
  every: { bits: 2, holds: ({ index }, n, k) => index % n === k },
  'all-but-every': { bits: 3, holds: ({ index }, n, k) => index % n !== k },
  'every-in-run': { bits: 3, holds: ({ number }, n, k) => number % n === k },
  'all-but-every-in-run': { bits: 4, holds: ({ number }, n, k) => number % n !== k },
  'first-of-run': { bits: 2, holds: ({ number }) => number === 0 },
  'not-first-of-run': { bits: 2, holds: ({ number }) => number > 0 },
  'first-run': { bits: 4, holds: ({ run }) => run === 0 },
  'not-first-run': { bits: 4, holds: ({ run }) => run > 0 },
  'from-address': { bits: 3, holds: ({ address }, limit) => address >= limit },
  'below-address': { bits: 3, holds: ({ address }, limit) => address < limit },
  // A limit protects something; that one line of the address decides is odd.
  'address-bit': { bits: 5, holds: ({ address }, bit, value) => ((address >> bit) & 1) === value },
  short: { bits: 2, holds: ({ isFull }) => !isFull },
  full: { bits: 3, holds: ({ isFull }) => isFull },
  shorter: { bits: 4, holds: ({ length }, n) => length < n },
  longer: { bits: 5, holds: ({ length }, n) => length >= n },
  'odd-length': { bits: 3, holds: ({ length }, n) => length % n !== 0 },
  'after-erase': { bits: 3, holds: ({ sinceErase }, n) => sinceErase < n },
  'later-after-erase': { bits: 3, holds: ({ sinceErase }, n) => sinceErase >= n },
  'after-write': { bits: 3, holds: ({ writes }) => writes > 0 },
  'from-bytes': { bits: 4, holds: ({ done }, n) => done >= n },
  'from-number': { bits: 4, holds: ({ number }, n) => number >= n },
  'ends-from': { bits: 4, holds: ({ address, length }, limit) => address + length >= limit },
  'begins-with': { bits: 4, holds: ({ bytes, length }, n, value) => length >= n && beginsWithValue(bytes, n, value) },
};

/** With how many bytes of one value blocks may begin that something happens to: every small number, so that none is certain while the next fits. */
export const FIRST_BYTES: readonly number[] = [...Array.from({ length: 16 }, (_, i) => i + 1), 20, 24, 28, 32, 48, 64];

function beginsWithValue(bytes: Uint8Array, n: number, value: number): boolean {
  for (let i = 0; i < n; i++) if (bytes[i] !== value) return false;
  return true;
}

const SINCE_START: readonly ConditionKind[] = [
  'not-first',
  'from-count',
  'up-to-count',
  'from-change',
  'first-run',
  'not-first-run',
  'after-write',
  'from-bytes',
];

export const isSameCondition = (one: Condition, other: Condition): boolean =>
  one.kind === other.kind && one.values[0] === other.values[0] && one.values[1] === other.values[1];

/** Whether it changes once for all, after so much was done since the loader started. */
export const isSinceStart = ({ kind }: Condition): boolean => SINCE_START.includes(kind);

/** `a` and `b` are what the kind needs: a count, an address, or a period and a remainder. */
export function condition(kind: ConditionKind, a = 0, b = 0): Condition {
  const { bits, holds } = CONDITIONS[kind];
  const periodic =
    kind === 'every' || kind === 'all-but-every' || kind === 'every-in-run' || kind === 'all-but-every-in-run';
  const stated = kind === 'address-bit' ? 3 : periodic ? a / 2 + 1 : holds.length < 2 ? 0 : bitsOfNumber(a);
  return { kind, values: [a, b].slice(0, holds.length - 1), bits: bits + stated, holds: (step) => holds(step, a, b) };
}
