/**
 * Marks that say where a figure of a model comes from. Each gives its value back; `docs/virtual-figures.md` lists them
 * all, made from the source text, so that the second argument is a literal.
 */

/** Seen on silicon: a log or capture that anybody can read. */
export function recorded<const T>(value: T, _source: string): T {
  return value;
}

/** Stands in a document of the maker; silicon was not looked at. */
export function documented<const T>(value: T, _source: string): T {
  return value;
}

/** No recording and no document gives it. The second argument says why this value was taken. */
export function guess<const T>(value: T, _because: string): T {
  return value;
}
