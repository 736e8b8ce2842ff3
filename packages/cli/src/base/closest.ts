/** Which of some words somebody may have meant. */

const MOST = 3;
/** Nobody has mistyped a longer one, and comparing takes time by its length. */
const LONGEST_WORD = 64;

/** Those that begin with the word, or have it in them; else those with few letters wrong, the nearest first. */
export function closest(word: string, known: readonly string[]): string[] {
  const wanted = word.toLowerCase();
  if (wanted.length > LONGEST_WORD) return [];
  const begun = known.filter((each) => each.toLowerCase().startsWith(wanted));
  if (begun.length > 0) return begun.slice(0, MOST);
  const having = wanted.length > 2 ? known.filter((each) => each.toLowerCase().includes(wanted)) : [];
  if (having.length > 0) return having.slice(0, MOST);
  const mostWrong = Math.max(1, Math.floor(wanted.length / 3));
  return known
    .map((each) => ({ each, wrong: distance(wanted, each.toLowerCase()) }))
    .filter(({ wrong }) => wrong <= mostWrong)
    .sort((a, b) => a.wrong - b.wrong)
    .slice(0, MOST)
    .map(({ each }) => each);
}

/** Letters that have to be put in, taken out or changed (Levenshtein). */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (const [i, letter] of Array.from(a).entries()) {
    const next = [i + 1];
    for (const [j, other] of Array.from(b).entries()) {
      const changed = (row[j] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(changed, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
