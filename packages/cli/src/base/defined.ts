/** Options that may be absent: an object with just those of its values that are there. */

type Defined<Values> = { [Name in keyof Values]?: Exclude<Values[Name], undefined> };

/** @returns the values without those that are undefined, as options that are left out have to be */
export function defined<Values extends object>(values: Values): Defined<Values>;
export function defined(values: object): object {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}
