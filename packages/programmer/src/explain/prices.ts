/** What bytes cost that no model predicts. */
import type { Step } from './steps.ts';

/** What each byte costs where it is not predicted. */
export type Prices = Float64Array;

/** What a byte costs where nothing predicts it, from how often it was read before anything changed. */
export function pricesOf(steps: readonly Step[]): Prices {
  const counts = new Float64Array(256);
  let total = 0;
  const firstChange = steps.findIndex(({ kind }) => kind !== 'read');
  for (const { bytes } of steps.slice(0, Math.max(0, firstChange))) {
    for (const byte of bytes) counts[byte] = (counts[byte] ?? 0) + 1;
    total += bytes.length;
  }
  return counts.map((count) => Math.min(8, -Math.log2((count + 0.5) / (total + 128))));
}
