/** What is counted while a model is held against what reads gave. It holds nothing against anything. */

/** What came out of a run of a model over everything that was recorded. */
export interface Check {
  /** Bytes that the model predicts otherwise than they were read. */
  contradictions: number;
  /** Bits of them. */
  contradictedBits: number;
  /** Reads that hold such bytes. */
  contradictedReads: number;
  /** What it costs to state all bits that were read and that the model leaves open; they are counted where they have a price. */
  cost: number;
  openBits: number;
  /** What of the cost is for bytes that a right loader gives as they were read: the model needs luck for them. */
  luckCost: number;
  /** What of that is for bits that came out as in a cell that was blank. */
  blankCost: number;
  /** Bits of counted bytes that the model told before they were seen. */
  toldBits: number;
  /** Operations that look at flash first, and those of them of which nobody knows what they saw. */
  guards: number;
  openGuards: number;
  /** The only byte that was learned so far, -1 for several, `undefined` for none. */
  learned: number | undefined;
}

/** What a run has paid and told, without what it contradicts. */
type Accounts = Pick<Check, 'cost' | 'openBits' | 'luckCost' | 'blankCost' | 'toldBits' | 'learned'>;

export const freshCheck = (): Check => checkFrom(NOTHING_PAID);

const NOTHING_PAID: Accounts = {
  cost: 0,
  openBits: 0,
  luckCost: 0,
  blankCost: 0,
  toldBits: 0,
  learned: undefined,
};

/** With no contradiction so far. */
export const checkFrom = ({ cost, openBits, luckCost, blankCost, toldBits, learned }: Readonly<Accounts>): Check => ({
  contradictions: 0,
  contradictedBits: 0,
  contradictedReads: 0,
  cost,
  openBits,
  luckCost,
  blankCost,
  toldBits,
  guards: 0,
  openGuards: 0,
  learned,
});
