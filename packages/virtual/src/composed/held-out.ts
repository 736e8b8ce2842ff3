/** Jobs that a loader was not explained from, to judge an explanation by what reads give in them. */

import { firmware, noise } from './content.ts';
import type { Dice } from './dice.ts';
import { diceOf } from './dice.ts';
import { type Geometry, KB } from './geometry.ts';
import type { ComposedLoader } from './loader.ts';
import type { Operation, ReadOperation } from './operation.ts';
import { FIRST_BLOCK } from './operation.ts';
import type { Segment } from './pieces.ts';
import { partsWithin, readsOf, writesOf } from './pieces.ts';
import { carryOut, sameBytes } from './run.ts';

/** Operations on a loader that was started anew on a chip that holds `content`. */
export interface HeldOutJob {
  readonly content: Uint8Array;
  readonly operations: readonly Operation[];
}

/** What the reads of a job give, in their order. */
export type Predict = (job: HeldOutJob) => readonly Uint8Array[];

const HELD_OUT_STREAM = 3;

/** Four jobs: a long one with a gap, a short one from an odd page, one of small pieces, one above all the others. */
export function heldOut(seed: number, geometry: Geometry): HeldOutJob[] {
  const dice = diceOf(seed, HELD_OUT_STREAM);
  const { start, bytes } = geometry;
  const page = (low: number, high: number): number => start + 2 * KB * dice.int(low, high);
  const long = dice.int(20, 50) * KB + 4 * dice.int(0, 511);
  const odd = start + 2 * KB * (2 * dice.int(0, 12) + 1);
  const small = page(0, 20);
  const above = start + bytes / 2 + 2 * KB * dice.int(0, 16);
  const shapes: [number, number][][] = [
    [
      [start, long],
      [start + long + 2 * KB + (8 - (long % 8)), dice.int(20, 40) * KB],
    ],
    [[odd, 10 * KB + 4 * dice.int(16, 400)]],
    [
      [small, 4 * KB],
      [small + 6 * KB, 64],
      [small + 10 * KB, 8 * dice.int(2, 60)],
    ],
    [[above, 6 * KB + 8 * dice.int(1, 200)]],
  ];
  return shapes.map((shape) => {
    const image = shape.map(([address, length]) => ({ address, bytes: firmware(dice, length, address) }));
    return { content: drawContent(dice, geometry), operations: operationsFor(dice, geometry, image) };
  });
}

/** Firmware, then noise, then settings: no place tells nothing. */
function drawContent(dice: Dice, { bytes, start }: Geometry): Uint8Array {
  const content = noise(dice, bytes);
  const firmwareBytes = dice.int(20, 100) * KB;
  content.set(firmware(dice, firmwareBytes, start));
  const blank = firmwareBytes + dice.int(0, 40) * KB;
  content.fill(0xff, blank, Math.min(bytes, blank + dice.int(1, 20) * KB));
  return content;
}

function operationsFor(dice: Dice, geometry: Geometry, image: readonly Segment[]): Operation[] {
  const { blockBytes } = geometry;
  const reads = image.flatMap(({ address, bytes }) =>
    readsOf({ start: address, end: address + bytes.length }, blockBytes),
  );
  const beside = reads.filter((_, i) => i % 3 === 1).map((read) => ({ ...read, ...at(read.address + 8, 256) }));
  const looks = [...places(dice, geometry, image)].map(
    (address): ReadOperation => ({ kind: 'read', ...at(address, 128) }),
  );
  return [
    ...reads.filter((_, i) => i % 2 === 0),
    ...looks,
    ...geometry.sectors
      .filter((sector) => partsWithin(image, sector).length > 0)
      .map((sector) => ({ kind: 'erase', address: sector.start, length: sector.end - sector.start }) as const),
    ...image.flatMap((segment) => writesOf(segment, blockBytes)),
    ...reads,
    ...beside.reverse(),
    ...looks,
  ];
}

const at = (address: number, length: number): Omit<ReadOperation, 'kind'> => ({
  base: address,
  number: FIRST_BLOCK,
  address,
  length,
});

/** Ends, powers of two, neighbours, and some by chance. */
function places(dice: Dice, { start, bytes, sectors }: Geometry, image: readonly Segment[]): Set<number> {
  const result = new Set([start, start + bytes - 128]);
  for (let power = 0x1000; power < bytes; power *= 2) result.add(start + power);
  for (const segment of image) {
    result.add(Math.max(start, segment.address - 128));
    result.add(Math.min(start + bytes - 128, segment.address + segment.bytes.length + 8));
  }
  for (let i = 0; i < 8; i++) result.add(dice.pick(sectors).start + 8 * dice.int(0, 200));
  return result;
}

/** What the loader answers to the reads of a job. */
export function answersOf(loader: ComposedLoader, { content, operations }: HeldOutJob): Uint8Array[] {
  const fresh = loader.restart(content);
  return operations.flatMap((operation) => carryOut(fresh, operation) ?? []);
}

/** Whether `predict` gives, byte for byte, all that reads give in each of `jobs`. */
export function judgeHeldOut(loader: ComposedLoader, jobs: readonly HeldOutJob[], predict: Predict): boolean[] {
  return jobs.map((job) => {
    const answers = answersOf(loader, job);
    const predicted = predict(job);
    return (
      answers.length === predicted.length &&
      answers.every((bytes, i) => sameBytes(bytes, predicted[i] ?? bytes.subarray(1)))
    );
  });
}
