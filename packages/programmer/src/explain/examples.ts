/** An example of every deviation that is tried: simulated on a small job, with the bytes that show it. For the documentation. */
import { candidatesFor } from './candidates/candidates.ts';
import { expectRight } from './check/expect.ts';
import { see } from './estimate/seen.ts';
import { keyOf, type Model, type Primitive, type PrimitiveKind } from './grammar/primitive.ts';
import * as data from './primitives/data.ts';
import { blankGuard } from './primitives/guard.ts';
import { bounded } from './primitives/part.ts';
import { WRITES } from './primitives/place.ts';
import type { Change, Operation, ReadOperation, ReadRequest, Shape } from './recording/record.ts';
import { groundOf, stepsOf } from './recording/steps.ts';
import { predictSteps } from './simulate/predict.ts';

export interface SimulatedExample {
  readonly kind: PrimitiveKind;
  readonly model: Model;
  /** Where the simulated loader first gives something else than a right one, and 16 bytes from there. */
  readonly address: number;
  readonly expected: Uint8Array;
  readonly read: Uint8Array;
}

export const EXAMPLE_START = 0x0800_0000;
const SECTOR = 2048;
const SECTORS = 16;
const EXAMPLE_BLOCK = 1024;
/** The job begins in a sector in the middle and ends in a short block. */
const FROM = EXAMPLE_START + 4 * SECTOR;
const LENGTH = 6 * EXAMPLE_BLOCK + 300;
const SHOWN = 16;

export const EXAMPLE_SHAPE: Shape = {
  start: EXAMPLE_START,
  end: EXAMPLE_START + SECTORS * SECTOR,
  sectors: Array.from({ length: SECTORS }, (_, i) => ({
    start: EXAMPLE_START + i * SECTOR,
    end: EXAMPLE_START + (i + 1) * SECTOR,
  })),
  erasedValue: 0xff,
  cells: 'plain',
  writeSize: 2,
};

/** Bytes of which each tells its place: the high half counts blocks of 16 bytes, the low half bytes. */
const counted = (length: number, step: number): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => ((i >> 4) * step + (i & 15) * 17 + (i >> 8) * 5) & 0xff);

const OLD = counted(SECTORS * SECTOR, 7);

function job(): readonly (Change | ReadRequest)[] {
  const image = counted(LENGTH, 3);
  const blocks = Array.from({ length: Math.ceil(LENGTH / EXAMPLE_BLOCK) }, (_, i) => {
    const bytes = image.subarray(i * EXAMPLE_BLOCK, (i + 1) * EXAMPLE_BLOCK);
    const address = FROM + i * EXAMPLE_BLOCK;
    return bytes.length === EXAMPLE_BLOCK
      ? { base: FROM, number: i, address, bytes }
      : { base: address, number: 0, address, bytes };
  });
  const everything = EXAMPLE_SHAPE.sectors.flatMap(({ start }): ReadRequest[] =>
    [start, start + EXAMPLE_BLOCK].map((address) => ({
      kind: 'read',
      base: address,
      number: 0,
      address,
      length: EXAMPLE_BLOCK,
    })),
  );
  const reads = blocks.map(({ bytes, ...block }): ReadRequest => ({ kind: 'read', ...block, length: bytes.length }));
  const sectors = EXAMPLE_SHAPE.sectors.filter(({ start, end }) => end > FROM && start < FROM + LENGTH);
  return [
    ...everything,
    ...sectors.map(({ start, end }): Change => ({ kind: 'erase', address: start, length: end - start })),
    ...blocks.map((block): Change => ({ kind: 'write', ...block })),
    ...reads,
    ...everything,
  ];
}

/** @returns for each kind of deviation its cheapest one that shows in the job, in the order in which they are tried */
export function simulatedExamples(): SimulatedExample[] {
  const asked = job();
  const ground = groundOf(EXAMPLE_SHAPE, EXAMPLE_BLOCK, asked);
  const steps = stepsOf(asked, EXAMPLE_SHAPE, EXAMPLE_BLOCK);
  const reads = asked.filter((each): each is ReadRequest => each.kind === 'read');
  const answers = (model: Model): Uint8Array[] =>
    predictSteps(model, ground, steps, ({ start, end, value, unknown }) => {
      for (let at = Math.max(0, start); at < Math.min(end, OLD.length); at++) value[at - start] = OLD[at] ?? 0;
      unknown.fill(0);
    }).map(({ value }) => value);
  const right = answers([]);
  const found = new Map<PrimitiveKind, SimulatedExample>();
  for (const primitive of tried(asked, right)) {
    if (found.has(primitive.kind)) continue;
    const given = answers([primitive]);
    const shown = given.findIndex((bytes, i) => firstDifference(bytes, right[i]) >= 0);
    const [read, expected, request] = [given[shown], right[shown], reads[shown]];
    if (!read || !expected || !request) continue;
    const at = Math.max(0, Math.min(firstDifference(read, expected) & ~(SHOWN - 1), read.length - SHOWN));
    found.set(primitive.kind, {
      kind: primitive.kind,
      model: [primitive],
      address: request.address + at,
      expected: expected.slice(at, at + SHOWN),
      read: read.slice(at, at + SHOWN),
    });
  }
  return [...found.values()];
}

const firstDifference = (bytes: Uint8Array, others: Uint8Array | undefined): number =>
  bytes.findIndex((byte, i) => byte !== others?.[i]);

/** What the search would try on this job, had it failed. */
function tried(asked: readonly (Change | ReadRequest)[], right: readonly Uint8Array[]): Primitive[] {
  let next = 0;
  const operations = asked.map((each): Operation => {
    if (each.kind !== 'read') return each;
    const { length: _, ...read } = each;
    return { ...read, bytes: right[next++] ?? new Uint8Array(0) } satisfies ReadOperation;
  });
  const ground = groundOf(EXAMPLE_SHAPE, EXAMPLE_BLOCK, operations);
  const steps = stepsOf(operations, EXAMPLE_SHAPE, EXAMPLE_BLOCK);
  const seen = see(ground, steps, expectRight(ground, steps).reads);
  return [...candidatesFor(seen), ...PROPOSED].sort((a, b) => a.bits - b.bits || keyOf(a).localeCompare(keyOf(b)));
}

/** Numbers of these are proposed by what went wrong; a job on a right loader proposes none. */
const PROPOSED: readonly Primitive[] = [
  data.hole(WRITES, 0x100, 0x110, 'none'),
  data.patched(WRITES, 0x100, 0x110, 0xa5),
  data.closedUp(WRITES, 0x100, 4),
  bounded(WRITES, 0x3000, 1),
  blankGuard('write', 'sector-start', 4),
];

/** What deviates there is a chip and no loader: nothing is simulated but its single bytes. */
export const WITHOUT_EXAMPLE: readonly PrimitiveKind[] = ['as-read'];
