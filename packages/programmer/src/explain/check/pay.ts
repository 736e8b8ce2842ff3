/** What bits cost that a model leaves open, as what was read tells them. It knows no cells. */

import { bitCount } from '../memory/fours.ts';
import type { Step } from '../recording/steps.ts';
import type { Check } from './check-state.ts';
import { fixed, isInPattern, type Prices } from './prices.ts';

export interface Paying {
  readonly state: Check;
  readonly prices: Prices | undefined;
  readonly erasedValue: number;
  readonly size: number;
  /** Of the read that is looked at, 1 where a right loader is known to give what was read. */
  sureNow: Uint8Array | undefined;
}

/** A byte that repeats the one before it costs next to nothing: stretches of one value are everywhere in flash. */
const REPEATED_PRICE = fixed(0.1);
/** That flash is blank somewhere, or holds there what it holds everywhere, is no news at all. */
const BLANK_PRICE = fixed(0.0001);
/** No byte is equal to it. */
const NO_VALUE = -1;

/**
 * For bytes of a read, [from, to), of each of which the same bits are open. `isCell`: a cell of the flash stands behind each;
 * else the model does not say where they come from.
 */
// oxlint-disable-next-line max-params -- called for each stretch of bytes: no object is made for one
export function pay(paying: Paying, step: Step, from: number, to: number, open: number, isCell: boolean): void {
  const { state, prices, sureNow } = paying;
  if (prices === undefined) return;
  const { bytes } = step;
  state.openBits += bitCount(open) * (to - from);
  state.learned = onlyByte(bytes, from, to, state.learned);
  if (!isCell || open !== 0xff || from > 0 || to < bytes.length) {
    payEach(paying, prices, step, from, to, open, isCell);
    return;
  }
  // What stood behind all of a read was unknown: one model after another pays for that.
  const known = prices.ofReads.get(step);
  if (known && known.sure === sureNow) {
    state.cost += known.cost;
    state.luckCost += known.luckCost;
    state.blankCost += known.blankCost;
    return;
  }
  const { cost, luckCost, blankCost } = state;
  payEach(paying, prices, step, from, to, open, isCell);
  prices.ofReads.set(step, {
    sure: sureNow,
    cost: state.cost - cost,
    luckCost: state.luckCost - luckCost,
    blankCost: state.blankCost - blankCost,
  });
}

// oxlint-disable-next-line max-params -- called for each stretch of bytes: no object is made for one
function payEach(
  { state, sureNow, erasedValue, size }: Paying,
  prices: Prices,
  { bytes, address }: Step,
  from: number,
  to: number,
  open: number,
  isCell: boolean,
): void {
  const share = bitCount(open) / 8;
  const { ofByte } = prices;
  const pattern = prices.pattern.length > 0 ? prices : undefined;
  const blank = isCell ? erasedValue : NO_VALUE;
  const isOutside = address < 0 || address >= size;
  let { cost, luckCost, blankCost } = state;
  let before = from > 0 ? (bytes[from - 1] ?? NO_VALUE) : NO_VALUE;
  for (let i = from; i < to; i++) {
    const found = bytes[i] ?? 0;
    const isBlank = found === blank || (pattern !== undefined && isInPattern(pattern, address + i, found));
    const ofAll = isBlank ? BLANK_PRICE : found === before ? REPEATED_PRICE : (ofByte[found] ?? 8);
    before = found;
    if (sureNow === undefined || sureNow[i] !== 1) {
      cost += ofAll * share;
      continue;
    }
    // Nobody reads what every such chip holds outside its flash from another place by chance.
    const price = (isOutside ? 8 : ofAll) * share;
    cost += price;
    luckCost += price;
    // A write may have cleared the other bits of it.
    if (isCell && ((found ^ erasedValue) & open) === 0) blankCost += price;
  }
  state.cost = cost;
  state.luckCost = luckCost;
  state.blankCost = blankCost;
}

/** The only byte among those of a read, [from, to), and those before; -1 for several. */
// oxlint-disable-next-line max-params -- called for each stretch of bytes: no object is made for one
function onlyByte(bytes: Uint8Array, from: number, to: number, before: number | undefined): number {
  const only = before ?? bytes[from] ?? 0;
  for (let i = from; i < to && only >= 0; i++) if (bytes[i] !== only) return -1;
  return only;
}
