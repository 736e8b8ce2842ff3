/** Where a flash is worth a short look beside what a job works on. Arithmetic alone; it reads nothing. */
import type { Range } from './geometry.ts';

/** Of each look. Bytes cost little beside the start of a read, and content that begins a little further on is seen as well. */
export const LOOK_BYTES = 256;
/** Lines of an address below this one go no further than a sector or its neighbours. */
const SMALLEST_POWER = 0x1000;

export interface LookOptions {
  /** An address that the job changes. If an address line is ignored, the same bytes change a power of two away. */
  readonly changed?: number | undefined;
  /** Settings are often kept at its start. A loader that loses the number of a sector goes to it, or to the first one. */
  readonly last?: Range | undefined;
}

/**
 * The ends of the flash show an erase of the whole chip or of a far sector, the places beside the job one that takes its
 * neighbours, those a power of two away from a change one whose address wraps or goes to the other bank.
 * @param used what the job works on: it is read anyway
 * @returns places inside `flash` and outside `used`, the most telling first
 */
export function looksAround(
  flash: Range,
  used: readonly Range[],
  { changed = flash.start, last = flash }: LookOptions = {},
): Range[] {
  const { start, end } = flash;
  const size = end - start;
  const beside = used.flatMap((range) => [range.end, range.start - LOOK_BYTES]);
  const powers: number[] = [];
  for (let power = SMALLEST_POWER; power < size; power *= 2) powers.push(power);
  // Half of the flash comes first: every smaller memory that repeats in it, and the other bank, show there.
  const mirrors = [...powers.slice(-1), ...powers.slice(0, -1)].map((power) => start + flipped(changed - start, power));
  const inSector = (changed - start) % (last.end - last.start);
  const sectors = [last.start, last.start + inSector, start + inSector];
  const taken: Range[] = [];
  for (const at of [end - LOOK_BYTES, start, ...beside, ...mirrors.slice(0, 1), ...sectors, ...mirrors.slice(1)]) {
    const from = at - (at % LOOK_BYTES);
    const look = { start: from, end: from + LOOK_BYTES };
    const isInside = look.start >= start && look.end <= end;
    if (isInside && ![...used, ...taken].some((range) => range.start < look.end && range.end > look.start))
      taken.push(look);
  }
  return taken;
}

/** The offset with one line of its address inverted. */
function flipped(offset: number, line: number): number {
  return Math.floor(offset / line) % 2 === 0 ? offset + line : offset - line;
}
