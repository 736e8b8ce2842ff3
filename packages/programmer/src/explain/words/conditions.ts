/** How the conditions under which a deviation strikes are said. */
import { hex } from '../../target/geometry.ts';
import type { Condition, ConditionKind } from '../grammar/condition.ts';
import { bytesText, type PlaceText } from './say.ts';

const CONDITION_SAYS: Readonly<Record<ConditionKind, (a: number, b: number, at: PlaceText) => string>> = {
  first: () => 'the first of them',
  'not-first': () => 'all but the first',
  only: (k) => `number ${k + 1} alone, counted from the start`,
  'from-count': (n) => `from number ${n + 1} on`,
  'up-to-count': (n) => `the first ${n}`,
  'from-change': (n) => `after ${n} erases and writes`,
  every: (n, k) => `number ${k + 1} of every ${n}`,
  'all-but-every': (n, k) => `all but number ${k + 1} of every ${n}`,
  'every-in-run': (n, k) => `block ${k + 1} of every ${n} since the address was set`,
  'all-but-every-in-run': (n, k) => `all but block ${k + 1} of every ${n} since the address was set`,
  'first-of-run': () => 'the first after an address was set',
  'not-first-of-run': () => 'all but the first after an address was set',
  'first-run': () => 'those after the first address that was set',
  'not-first-run': () => 'those after a second address was set',
  'from-address': (limit, _, at) => `from ${at(limit)} on`,
  'below-address': (limit, _, at) => `below ${at(limit)}`,
  'address-bit': (bit, on) => `where address bit A${bit} is ${on}`,
  short: () => 'those that are shorter than a block',
  full: () => 'those of a full block',
  shorter: (n) => `those shorter than ${bytesText(n)}`,
  'odd-length': (n) => `those whose length is no multiple of ${n}`,
  'after-erase': (n) => `the first ${n} after an erase`,
  'later-after-erase': (n) => `all but the first ${n} after an erase`,
  'after-write': () => 'after the first write',
  'from-bytes': (n) => `after ${bytesText(n)}`,
  'from-number': (n) => `from block number ${n + 2} on`,
  'ends-from': (limit, _, at) => `that end at ${at(limit)} or above`,
  'begins-with': (n, byte) => `those that begin with ${bytesText(n)} of ${hex(byte, 2)}`,
  longer: (n) => `those of ${bytesText(n)} or more`,
};

export const conditionWords = ({ kind, values }: Condition, at: PlaceText): string =>
  CONDITION_SAYS[kind](values[0] ?? 0, values[1] ?? 0, at);
