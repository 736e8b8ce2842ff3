/** Proposes stretches of answers that hold one value whatever was read. It decides nothing. */
import type { Expectation } from '../expect.ts';

/** By index from the start of an answer. */
export interface FixedStretch {
  readonly from: number;
  readonly to: number;
  readonly value: number;
}

/** A read with fewer values bears any mark. */
export const LEAST_DIFFERENT = 3;
/** Answers in which the byte at an index is wrong, and of them the share in which it is the same. */
const LEAST_FIXED_READS = 6;
const LEAST_FIXED_SHARE = 0.6;
const MOST_STRETCHES = 4;

/** Longer stretches that all answers have in common may be anything. */
const MOST_ALWAYS_BYTES = 256;

/** Stretches that hold one value in all answers, or are wrong and hold it in most of them; none where there are many. */
export function fixedStretches(reads: readonly Expectation[]): FixedStretch[] {
  const always = stretchesAlike(valuesInAll(reads)).filter(({ from, to }) => to - from <= MOST_ALWAYS_BYTES);
  const wrong = reads.filter(({ differing, step }) => differing > 0 && hasMany(step.bytes));
  const usual = wrong.length < LEAST_FIXED_READS ? [] : stretchesAlike(usualValues(wrong));
  return [always, usual].flatMap((some) => (some.length > MOST_STRETCHES ? [] : some));
}

function stretchesAlike(values: Int16Array): FixedStretch[] {
  const stretches: FixedStretch[] = [];
  for (let from = 0; from < values.length; ) {
    const value = values[from] ?? -1;
    let to = from + 1;
    while (to < values.length && values[to] === value) to++;
    if (value >= 0) stretches.push({ from, to, value });
    from = to;
  }
  return stretches;
}

/** For each index the value that all answers have there, some of them wrong; -1 where there is none. */
function valuesInAll(reads: readonly Expectation[]): Int16Array {
  const length = reads.reduce((most, { step }) => Math.max(most, step.length), 0);
  const values = new Int16Array(length).fill(-1);
  const wrong = new Uint16Array(length);
  const all = new Uint16Array(length);
  for (const { step, differs } of reads) {
    for (let i = 0; i < step.bytes.length; i++) {
      if (all[i] === 0) values[i] = step.bytes[i] ?? -1;
      else if (values[i] !== step.bytes[i]) values[i] = -1;
      all[i] = (all[i] ?? 0) + 1;
      wrong[i] = (wrong[i] ?? 0) + (differs[i] ?? 0);
    }
  }
  return values.map((value, i) => ((wrong[i] ?? 0) >= LEAST_FIXED_READS ? value : -1));
}

/** Whether bytes have more values than what bears any mark. */
export function hasMany(bytes: Uint8Array): boolean {
  const values = new Set<number>();
  for (const byte of bytes) if (values.add(byte).size >= LEAST_DIFFERENT) return true;
  return false;
}

/** For each index the value that most of the wrong answers have there, -1 where they have several. */
function usualValues(wrong: readonly Expectation[]): Int16Array {
  const length = wrong.reduce((most, { step }) => Math.max(most, step.length), 0);
  const values = new Int16Array(length).fill(-1);
  const votes = new Int16Array(length);
  for (const { step, differs } of wrong) {
    for (let i = 0; i < step.length; i++) {
      if (differs[i] !== 1) continue;
      const vote = votes[i] ?? 0;
      if (vote === 0) values[i] = step.bytes[i] ?? 0;
      votes[i] = values[i] === step.bytes[i] ? vote + 1 : vote - 1;
    }
  }
  const all = new Uint16Array(length);
  const same = new Uint16Array(length);
  for (const { step, differs } of wrong) {
    for (let i = 0; i < step.length; i++) {
      if (differs[i] !== 1) continue;
      all[i] = (all[i] ?? 0) + 1;
      if (step.bytes[i] === values[i]) same[i] = (same[i] ?? 0) + 1;
    }
  }
  return values.map((value, i) => {
    const n = all[i] ?? 0;
    return n >= LEAST_FIXED_READS && (same[i] ?? 0) >= n * LEAST_FIXED_SHARE ? value : -1;
  });
}
