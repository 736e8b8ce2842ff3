/** Deviations that act on pieces of blocks: a loader may cut a block where its place changes, and then do each piece wrongly. */
import type { DataHook, Hooks, Primitive, Runs } from '../grammar/primitive.ts';
import type { Step } from '../recording/steps.ts';
import { movedTo } from './place.ts';
import { cutRuns, lengthToEdge, startOfPiece } from './runs.ts';

/** Whether it makes a difference to a deviation that it acts on pieces. */
export function actsOnPieces({ kind, stage, hooks: { runs, data }, on, condition }: Primitive): boolean {
  if (condition) return false;
  if (kind === 'aligned') return !on.includes('erase');
  if (data?.looksBack) return !data.resize && !on.includes('read');
  return (stage === 'part' && runs !== undefined) || data?.lane !== undefined || data?.move !== undefined;
}

/** The same deviation on each of the pieces between multiples of `grain`. */
export function pieced(primitive: Primitive, grain: number): Primitive {
  const { kind, hooks, parameters, bits, on } = primitive;
  const { runs, data } = hooks;
  if (kind === 'aligned') return alignedPieces(primitive, grain);
  const own: Hooks = {
    ...hooks,
    ...(runs && on[0] !== 'erase' && { runs: piecedRuns(runs, grain) }),
    ...(data?.move && { data: piecedData(data, data.move, grain) }),
    ...(data?.lane && { data: { ...data, cut: ({ address }: Step): number => lengthToEdge(address, grain) } }),
  };
  return { ...primitive, parameters: { ...parameters, grain }, bits: bits + 1, hooks: own };
}

/** Each piece goes to the start of its unit, wherever it has come to lie. */
function alignedPieces(primitive: Primitive, grain: number): Primitive {
  const { hooks, parameters, bits } = primitive;
  const { unit = 1 } = parameters;
  const runs: Hooks['runs'] = (given, { address }) => {
    const all: number[] = [];
    for (let r = 0; r < given.length; r += 3) {
      const [index = 0, to = 0, length = 0] = given.slice(r, r + 3);
      for (let i = index; i < index + length; ) {
        const start = startOfPiece(address, i, grain);
        const end = Math.min(index + length, start + lengthToEdge(address + start, grain));
        const low = to + start - index;
        all.push(i, Math.floor(low / unit) * unit + i - start, end - i);
        i = end;
      }
    }
    return all;
  };
  return {
    ...primitive,
    stage: 'second',
    parameters: { ...parameters, grain },
    bits: bits + 1,
    hooks: { ...hooks, runs, box: undefined },
  };
}

function piecedRuns(runs: NonNullable<Hooks['runs']>, grain: number): NonNullable<Hooks['runs']> {
  return (given, step, ground) => {
    const all: number[] = [];
    let at = 0;
    for (let length = lengthToEdge(step.address, grain); at < step.length; length = grain) {
      const piece = movedTo(step, step.address + at, Math.min(length, step.length - at));
      const own = runs([0, piece.address, piece.length], piece, ground);
      for (let r = 0; r < own.length; r += 3) all.push((own[r] ?? 0) + at, own[r + 1] ?? 0, own[r + 2] ?? 0);
      at += piece.length;
    }
    return indicesOfBoth(all, given);
  };
}

/** Those of the indices of `runs` that are in `given`. */
function indicesOfBoth(runs: Runs, given: Runs): Runs {
  if (given.length === 3) return cutRuns(runs, given[0] ?? 0, (given[0] ?? 0) + (given[2] ?? 0));
  const parts: number[] = [];
  for (let r = 0; r < given.length; r += 3)
    parts.push(...cutRuns(runs, given[r] ?? 0, (given[r] ?? 0) + (given[r + 2] ?? 0)));
  return parts;
}

type Move = NonNullable<DataHook['move']>;

function piecedData(data: DataHook, move: Move, grain: number): DataHook {
  // The same function for the same cut, so that what is known of it stays known.
  const known = new Map<number, Move>();
  return {
    ...data,
    ...(data.looksBack && { grain }),
    moveIn: ({ address }: Step): Move => {
      const first = lengthToEdge(address, grain);
      const made = known.get(first) ?? piecedMove(move, address, grain);
      known.set(first, made);
      return made;
    },
  };
}

function piecedMove(move: Move, address: number, grain: number): Move {
  return (i, length) => {
    const start = startOfPiece(address, i, grain);
    const end = Math.min(length, start + lengthToEdge(address + start, grain));
    const from = move(i - start, end - start);
    return from < 0 ? from : from + start;
  };
}
