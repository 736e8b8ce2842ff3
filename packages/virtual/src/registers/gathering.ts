/** Words that are written one after the other until they fill a unit, which is then programmed at once. */

/** The words so far, from the first address of the unit on. */
export interface Gathered {
  readonly base: number;
  readonly words: readonly number[];
}

/** @returns the unit with one word more; undefined for a word that does not begin or continue it */
export function gathered(
  before: Gathered | undefined,
  unitBytes: number,
  address: number,
  word: number,
): Gathered | undefined {
  const { base, words } = before ?? { base: address, words: [] };
  if (base % unitBytes !== 0 || address !== base + 4 * words.length) return undefined;
  return { base, words: [...words, word] };
}

export function isWhole({ words }: Gathered, unitBytes: number): boolean {
  return 4 * words.length === unitBytes;
}
