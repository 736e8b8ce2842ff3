/** How much of a memory is held at once. */
import type { Range } from '@sureflash/image';
import { usage } from '../base/command-error.ts';
import { rangeText } from '../render/plan.ts';
import { size } from '../render/words.ts';

/** As Intel HEX it is 44 MB of text. The largest flash of an STM32 has 4 MB; one beside it may have 256 MB. */
const MOST_HELD_BYTES = 16 * 1024 * 1024;

/** @throws CommandError `usage` for more than 16 MB */
export function refuseTooMuch(ranges: readonly Range[]): void {
  const bytes = ranges.reduce((sum, { start, end }) => sum + end - start, 0);
  const [first] = ranges;
  if (!first || bytes <= MOST_HELD_BYTES) return;
  const part = { start: first.start, end: Math.min(first.end, first.start + MOST_HELD_BYTES) };
  throw usage(
    `${size(bytes)} are more than the ${size(MOST_HELD_BYTES)} that are read at once.`,
    `Read it in parts, such as ${rangeText(part)}.`,
  );
}
