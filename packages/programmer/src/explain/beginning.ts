/** The beginning of a long run, in which two deviations are looked for first. It searches nothing. */
import type { Operation, Recording } from './recording/record.ts';

/** Blocks after which a run is long, and of which the beginning is made. */
const LONG_BLOCKS = 192;
const BEGINNING_BLOCKS = 64;

/**
 * What was asked of the lowest blocks alone, in its order; `undefined` where the run is short. Where blocks come by their
 * addresses, each is the same in number as in the whole run.
 */
export function beginningOf(recording: Recording): Recording | undefined {
  const starts = recording.operations.flatMap((each) => (each.kind === 'write' ? [each.address] : []));
  if (starts.length < LONG_BLOCKS) return undefined;
  const end = starts.toSorted((a, b) => a - b)[BEGINNING_BLOCKS] ?? Number.POSITIVE_INFINITY;
  return { ...recording, operations: recording.operations.filter((each) => !startsFrom(each, end)) };
}

const startsFrom = (operation: Operation, end: number): boolean => 'address' in operation && operation.address >= end;
