/** Shows where a run came out otherwise than a right loader would have made it. */
import type { SearchProblem } from '../exact/problem.ts';
import type { Recording } from '../recording/record.ts';

/** A place where a right loader would have given something else. */
export interface Example {
  readonly address: number;
  /** What was last asked to be written there; absent where nothing was. */
  readonly asked?: Uint8Array;
  readonly expected: Uint8Array;
  readonly read: Uint8Array;
}

const EXAMPLE_BYTES = 16;

/** The first difference of the read that has most. */
export function exampleOf({ expected, steps }: SearchProblem, { shape }: Recording): Example | undefined {
  const most = expected.reads.reduce(
    (best, read) => (read.differing > (best?.differing ?? 0) ? read : best),
    expected.reads[0],
  );
  if (!most || most.differing === 0) return undefined;
  const first = most.differs.indexOf(1);
  const from = Math.max(0, Math.min(first - (first % EXAMPLE_BYTES), most.step.length - EXAMPLE_BYTES));
  const part = (bytes: Uint8Array, start = from): Uint8Array => bytes.slice(start, start + EXAMPLE_BYTES);
  const offset = most.step.address + from;
  const write = steps.findLast(
    (step) => step.kind === 'write' && step.address <= offset && step.address + step.length > offset,
  );
  const asked = write && part(write.bytes, offset - write.address);
  return {
    address: shape.start + offset,
    expected: part(most.value),
    read: part(most.step.bytes),
    ...(asked && { asked }),
  };
}
