/** Marks that stand in place of the index of a byte, where no byte of the block arrives. */

/**
 * What stands for a byte that is not one of the block: none arrives, a zero, 0xFF, that of the block before (zero where it
 * was shorter), or what a buffer still holds there of any block before: at first zeros, or 0xFF (`blankBuffer`).
 */
export const NO_BYTE = { none: -1, zero: -2, ones: -3, before: -4, buffer: -5, blankBuffer: -6 } as const;

const OLD_MARKS: readonly number[] = [NO_BYTE.before, NO_BYTE.buffer, NO_BYTE.blankBuffer];

/** Whether a mark stands for bytes of blocks before. */
export const isOldMark = (mark: number): boolean => OLD_MARKS.includes(mark);

/** A mark for a byte that is this value, whatever was asked. */
export const fixedMark = (value: number): number => FIXED_FROM - value;
const FIXED_FROM = -0x100;

/** The value that a mark stands for; `undefined` where it is another mark, or an index. */
export function markedValue(mark: number): number | undefined {
  if (mark === NO_BYTE.zero) return 0;
  if (mark === NO_BYTE.ones) return 0xff;
  return mark <= FIXED_FROM ? FIXED_FROM - mark : undefined;
}
