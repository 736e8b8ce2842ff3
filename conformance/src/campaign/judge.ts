/**
 * Whether the named cause is right. Each kind of fault has the causes that its evidence allows, written down here by what
 * a person with the same evidence could know, not by what is named.
 */
import type { CauseId } from '@sureflash/programmer/diagnosis';
import { faultKinds } from '@sureflash/virtual';
import type { Ending } from './workbench.ts';

/**
 * `right`: alone, and it is the one. `among`: with rivals, one of which it is. `open`: nothing is named. `wrong`: what is
 * named is not it.
 */
export type Naming = 'right' | 'among' | 'open' | 'wrong';

export interface Judgement {
  /** Whether the evidence allows to name a cause. */
  readonly knowable: boolean;
  readonly naming: Naming;
}

type ByCode = Readonly<Record<string, readonly CauseId[]>>;

/** A device that names an error, or says that it is busy, is taken at its word: no host can know better. */
const ITS_WORD: ByCode = {
  'dfu/status': ['operation-refused', 'address-refused'],
  'device/read-protected': ['read-protected'],
  'dfu/stuck': ['stuck-busy'],
  'usb/transfer': ['usb-link'],
};

/** A reply that the protocol does not allow. */
const BROKEN_REPLY: ByCode = {
  'dfu/protocol': ['nonsense', 'usb-link'],
  'read/short': ['nonsense', 'usb-link'],
  'device/unstable-read': ['nonsense', 'usb-link'],
};
const NO_ANSWER: ByCode = { 'usb/timeout': ['usb-link'] };
const LEFT: ByCode = { 'usb/gone': ['reset-in-mid-run'] };
const STUCK: ByCode = { 'verify/mismatch': ['stuck-bits'] };

/** What a run shows that ended with this code. A code that is not here shows nothing of the fault. */
const KNOWABLE: Readonly<Record<string, ByCode>> = {
  'request-lost': NO_ANSWER,
  'answer-lost': NO_ANSWER,
  'nak-for-ever': NO_ANSWER,
  'busy-for-ever': { ...BROKEN_REPLY, 'dfu/stuck': ['stuck-busy'] },
  'cells-stuck-at-0': STUCK,
  'cells-stuck-at-1': STUCK,
  'restart-unseen': BROKEN_REPLY,
};

/** What may be said although the evidence does not prove it. */
const POSSIBLE: Readonly<Record<string, readonly CauseId[]>> = {
  'stall-for-ever': ['nonsense'],
  'answer-flipped': ['unstable-content'],
  'answer-stale': ['unstable-content'],
  'data-flipped': ['operation-lost'],
  'data-short': ['operation-lost'],
  'request-swallowed': ['operation-lost'],
  'block-number-high': ['operation-lost'],
  'block-number-low': ['operation-lost'],
  'error-hidden': ['operation-lost'],
  'restart-unseen': ['operation-lost'],
  'erase-skipped': ['erase-ignored', 'changes-ignored', 'operation-lost'],
  'write-skipped': ['writes-ignored', 'changes-ignored', 'operation-lost'],
  'changes-skipped': ['erase-ignored', 'writes-ignored', 'changes-ignored'],
  'dead-sector': ['erase-ignored', 'changes-ignored', 'dead-sector'],
};

function knowable(kind: string): ByCode {
  const area = faultKinds.find(({ name }) => name === kind)?.area;
  return KNOWABLE[kind] ?? (area === 'loader' ? BROKEN_REPLY : area === 'power' ? LEFT : {});
}

/**
 * @param shows the causes that the board itself shows without any fault
 * @returns `undefined` for a run that did not fail: there is nothing to name
 */
export function judge(
  kind: string,
  shows: readonly CauseId[],
  { kind: ended, code, cause, rivals }: Ending,
): Judgement | undefined {
  if (ended !== 'error') return undefined;
  const shown = knowable(kind)[code];
  const accepted = [...(shown ?? []), ...(POSSIBLE[kind] ?? []), ...(ITS_WORD[code] ?? []), ...shows];
  const isKnowable = shown !== undefined || shows.length > 0;
  if (cause === undefined) return { knowable: isKnowable, naming: 'open' };
  const named = [cause, ...rivals];
  if (!named.some((each) => accepted.includes(each))) return { knowable: isKnowable, naming: 'wrong' };
  return { knowable: isKnowable, naming: rivals.length === 0 ? 'right' : 'among' };
}
