/** What a trial looks at because models say that something shows there. It changes nothing. */
import type { Range } from '../../target/geometry.ts';
import { spreadOut } from '../check/windows.ts';
import { limitsIn } from '../grammar/limits.ts';
import type { Model, PrimitiveKind } from '../grammar/primitive.ts';
import { runRanges } from '../primitives/runs.ts';
import { type Asked, readAt } from '../recording/asked.ts';
import type { ReadRequest, Recording } from '../recording/record.ts';
import { groundOf, stepsOf } from '../recording/steps.ts';
import { machineOf, modelRunsOf } from '../simulate/machine.ts';

/** Places that are looked at because a model says that something lands there. */
const MOST_LANDING_LOOKS = 16;
const LANDING_BYTES = 128;
/** Written pieces whose reads are traced back. */
const MOST_ORIGINS = 6;

/** Where the models say that erases and blocks of a trial take effect, if that is not where they were asked for. */
export function landingLooks(models: readonly Model[], asked: readonly Asked[], recording: Recording): ReadRequest[] {
  const { shape, blockSize, known } = recording;
  const ground = groundOf(shape, blockSize, recording.operations, known);
  const steps = stepsOf(asked, shape, blockSize).filter(({ kind, number }) => kind === 'erase' || number === 0);
  const places = new Set<number>();
  for (const model of models) {
    const { chains } = machineOf(model, ground);
    for (const step of steps) {
      for (const [to] of runRanges(modelRunsOf(chains[step.kind], step, ground) ?? []))
        if (to !== step.address && to >= 0 && to + LANDING_BYTES <= ground.size) places.add(to);
    }
  }
  return [...places].slice(0, MOST_LANDING_LOOKS).map((offset) => readAt(shape.start + offset, LANDING_BYTES));
}

const LIMIT_BYTES = 96;

/** Reads across each limit of which a model speaks: whether it counts for a block or for each byte shows there alone. */
export function limitLooks(models: readonly Model[], { shape }: Recording): ReadRequest[] {
  const size = shape.end - shape.start;
  const inside = limitsIn(models).filter((limit) => limit > LIMIT_BYTES && limit + LIMIT_BYTES < size);
  return inside.map((limit) => readAt(shape.start + limit - LIMIT_BYTES / 2, LIMIT_BYTES));
}

/** Sectors that are looked at where erases seem to be lost. */
const MOST_SECTOR_LOOKS = 64;
const SECTOR_LOOK_BYTES = 32;

/** Reads of sectors all over the flash where erases do nothing in sight: they may take place elsewhere. */
export function sectorLooks([model]: readonly Model[], { shape }: Recording): ReadRequest[] {
  const isLost = model?.some(({ kind, on, condition }) => kind === 'lost' && on.includes('erase') && !condition);
  if (!isLost) return [];
  return spreadOut(shape.sectors, MOST_SECTOR_LOOKS).map(({ start }) => readAt(start, SECTOR_LOOK_BYTES));
}

/** Deviations beside which nothing that is written is ever read. */
const BLIND: readonly PrimitiveKind[] = ['lost', 'constant', 'one-place', 'again', 'echo'];
/** Written pieces that are looked for elsewhere, and the lowest line of an address that may be the wrong one. */
const MOST_LOOKED_FOR = 3;
const LOWEST_LINE = 10;

/** Reads where a piece would be if one line of its address were another, where nothing that is written is seen. */
export function lineLooks([model]: readonly Model[], written: readonly Range[], { shape }: Recording): ReadRequest[] {
  const isBlind = model?.some(
    ({ kind, on, condition }) => BLIND.includes(kind) && !condition && (on.includes('read') || on.includes('write')),
  );
  if (!isBlind) return [];
  const size = shape.end - shape.start;
  return written.slice(0, MOST_LOOKED_FOR).flatMap(({ start }) => {
    const places: number[] = [];
    for (let line = LOWEST_LINE; 2 ** line < size; line++) places.push((start - shape.start) ^ (2 ** line));
    return places.filter((at) => at < size).map((at) => readAt(shape.start + at, SECTOR_LOOK_BYTES));
  });
}

/** Reads that, as the models say, give what a trial writes somewhere else. */
export function originLooks(models: readonly Model[], written: readonly Range[], recording: Recording): ReadRequest[] {
  const { shape, blockSize, known } = recording;
  const ground = groundOf(shape, blockSize, recording.operations, known);
  const comesFrom = (model: Model, at: number): number | undefined => {
    const [step] = stepsOf([readAt(shape.start + at, LANDING_BYTES)], shape, blockSize);
    return step && modelRunsOf(machineOf(model, ground).chains.read, step, ground)?.[1];
  };
  const places = new Set<number>();
  for (const model of models.filter((each) => each.some(({ on, hooks }) => on.includes('read') && hooks.runs))) {
    for (const piece of [...written.slice(0, MOST_ORIGINS), ...written.slice(-MOST_ORIGINS)]) {
      const at = piece.start - shape.start;
      const to = comesFrom(model, at);
      // What moves by a distance comes back from the other side, what exchanges halves from where it goes, and what adds
      // the pointer twice from half as far.
      const origins = to === undefined || to === at ? [] : [to, 2 * at - to, at / 2];
      for (const origin of origins)
        if (
          Number.isInteger(origin) &&
          origin >= 0 &&
          origin + LANDING_BYTES <= ground.size &&
          comesFrom(model, origin) === at
        )
          places.add(origin);
    }
  }
  return [...places].slice(0, MOST_LANDING_LOOKS).map((offset) => readAt(shape.start + offset, LANDING_BYTES));
}

const MOST_LOOKS = 24;
const SHORT_READ_BYTES = 256;

/** The short reads that were made before anything changed: they are worth a second look. */
export function looksOf({ operations }: Recording): ReadRequest[] {
  const firstChange = operations.findIndex(({ kind }) => kind !== 'read');
  return operations
    .slice(0, Math.max(0, firstChange))
    .flatMap((operation) =>
      operation.kind === 'read' && operation.bytes.length <= SHORT_READ_BYTES
        ? [readAt(operation.address, operation.bytes.length)]
        : [],
    )
    .slice(0, MOST_LOOKS);
}
