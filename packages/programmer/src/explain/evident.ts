/** Losses that can be seen whatever else deviates: reads of one value, blocks that stayed erased, sectors that were not. */
import { allowed } from './losses.ts';
import { MUST, MUST_NOT } from './needs.ts';
import { type Primitive, when } from './primitive.ts';
import { lost } from './primitives/part.ts';
import { ERASES, WRITES } from './primitives/place.ts';
import { constant } from './primitives/source.ts';
import type { SearchProblem } from './problem.ts';

/** Conditions that are taken for each. */
const MOST_EVIDENT = 2;

/** Each under the cheapest conditions that hold just where it can be seen. */
export function evidentLosses(problem: SearchProblem): Primitive[] {
  const under = (primitive: Primitive, needs: Uint8Array): Primitive[] => {
    if (!needs.includes(MUST) || !needs.includes(MUST_NOT)) return [];
    const [kind = 'write'] = primitive.on;
    return allowed(problem.classes(kind), needs, true)
      .slice(0, MOST_EVIDENT)
      .map((condition) => when(condition, primitive));
  };
  return [
    ...[0, 0xff].flatMap((value) => under(constant(value), readsOfOneValue(problem, value))),
    ...under(lost(WRITES), writesNotSeen(problem)),
    ...under(lost(ERASES), erasesNotSeen(problem)),
  ];
}

const LEAST_EVIDENT_BYTES = 16;

function readsOfOneValue({ seen: { reads } }: SearchProblem, value: number): Uint8Array {
  return Uint8Array.from(reads, ({ step: { bytes }, differing }) => {
    if (bytes.length < LEAST_EVIDENT_BYTES) return 0;
    if (!bytes.every((byte) => byte === value)) return MUST_NOT;
    return differing > 0 ? MUST : 0;
  });
}

/** A block of which nothing arrived where it belongs, though its sector was erased. */
function writesNotSeen({ seen: { blocks, ground } }: SearchProblem): Uint8Array {
  return Uint8Array.from(blocks, ({ step, found, wrong }) => {
    if (found.every((byte) => byte < 0)) return 0;
    if (found.some((byte, i) => byte >= 0 && byte !== ground.erasedValue && step.bytes[i] !== ground.erasedValue))
      return MUST_NOT;
    return wrong > 0 ? MUST : 0;
  });
}

/** A sector in which no bit is set that was clear before, though some should be; where one is, it was erased. */
function erasesNotSeen({ seen: { steps, after, firstRead } }: SearchProblem): Uint8Array {
  const erases = steps.filter(({ kind }) => kind === 'erase');
  const lastChange = steps.findLast(({ kind }) => kind !== 'read')?.at ?? -1;
  return Uint8Array.from(erases, ({ address, length }) => {
    let clear = 0;
    let set = 0;
    for (const { step } of after) {
      if (step.at < lastChange) continue;
      const low = Math.max(address, step.address, 0);
      for (let a = low; a < Math.min(address + length, step.address + step.length); a++) {
        const old = firstRead[a] ?? -1;
        if (old < 0 || old === 0xff) continue;
        if ((step.bytes[a - step.address] ?? 0) & ~old) set++;
        else clear++;
      }
    }
    if (set > 0) return MUST_NOT;
    return clear >= LEAST_EVIDENT_BYTES ? MUST : 0;
  });
}
