/** Deviations that every search asks for, made once. It knows none of them. */
import { evenly, type Primitive } from './primitive.ts';

/** `make`: of one number at the most, such as the size of a block, and of nothing that was seen. */
export function closedSet(make: (n: number) => readonly Primitive[]): (n?: number) => readonly Primitive[] {
  const known = new Map<number, readonly Primitive[]>();
  return (n = 0) => {
    const made = known.get(n) ?? make(n).map(evenly);
    known.set(n, made);
    return made;
  };
}
