/** Proposes stretches of answers that hold one value whatever was read. It decides nothing. */
import type { Expectation } from '../check/expect.ts';

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

/** No answer is so long. */
const NOT_SEEN = -2;

/** For each index the value that all answers have there, some of them wrong; -1 where there is none. */
function valuesInAll(reads: readonly Expectation[]): Int16Array {
  const length = reads.reduce((most, { step }) => Math.max(most, step.length), 0);
  const values = new Int16Array(length).fill(NOT_SEEN);
  let open = length;
  for (const { step } of reads) {
    const { bytes } = step;
    for (let i = 0; i < bytes.length; i++) {
      const value = values[i] ?? 0;
      if (value === bytes[i] || value === -1) continue;
      if (value === NOT_SEEN) values[i] = bytes[i] ?? 0;
      else {
        values[i] = -1;
        open--;
      }
    }
    // Answers of different content soon have nothing in common.
    if (open === 0) return values;
  }
  return values.map((value, i) => (value >= 0 && isOftenWrong(reads, i) ? value : -1));
}

function isOftenWrong(reads: readonly Expectation[], i: number): boolean {
  let wrong = 0;
  for (const { differs } of reads) wrong += differs[i] ?? 0;
  return wrong >= LEAST_FIXED_READS;
}

/** Whether bytes have more values than what bears any mark. */
export function hasMany(bytes: Uint8Array): boolean {
  const values = new Set<number>();
  for (const byte of bytes) if (values.add(byte).size >= LEAST_DIFFERENT) return true;
  return false;
}

/** Wrong answers that are looked at for the value of an index, before it is looked for in all. */
const MOST_VOTING = 16;

/** For each index the value that most of the wrong answers have there, -1 where they have several. */
function usualValues(wrong: readonly Expectation[]): Int16Array {
  const length = wrong.reduce((most, { step }) => Math.max(most, step.length), 0);
  const values = new Int16Array(length).fill(-1);
  const votes = new Int16Array(length);
  const every = Math.ceil(wrong.length / MOST_VOTING);
  const voting = wrong.filter((_, n) => n % every === 0);
  for (const { step, differs } of voting) {
    const { bytes } = step;
    for (let i = 0; i < bytes.length; i++) {
      if (differs[i] !== 1) continue;
      const vote = votes[i] ?? 0;
      if (vote === 0) values[i] = bytes[i] ?? 0;
      votes[i] = values[i] === bytes[i] ? vote + 1 : vote - 1;
    }
  }
  // Of a value that most have, more votes are left than were for others.
  return values.map((value, i) =>
    (votes[i] ?? 0) > 0 && isUsual(voting, i, value) && isUsual(wrong, i, value) ? value : -1,
  );
}

/** Whether most of the answers that are wrong at an index hold one value there. */
function isUsual(wrong: readonly Expectation[], i: number, value: number): boolean {
  let all = 0;
  let same = 0;
  for (const { step, differs } of wrong) {
    if (differs[i] !== 1) continue;
    all++;
    if (step.bytes[i] === value) same++;
  }
  return all >= LEAST_FIXED_READS && same >= all * LEAST_FIXED_SHARE;
}
