/** What a trial writes where models send it elsewhere: it erases that place and looks there as well. */
import type { Range } from '../../target/geometry.ts';
import type { Model } from '../grammar/primitive.ts';
import { runRanges } from '../primitives/runs.ts';
import { type Asked, eraseOf, readAt } from '../recording/asked.ts';
import type { Recording } from '../recording/record.ts';
import { groundOf, stepsOf } from '../recording/steps.ts';
import { inUnits, trialUnitOf } from '../recording/write-units.ts';
import { machineOf, modelRunsOf } from '../simulate/machine.ts';
import { isAllIn, writesOf, writtenAnew } from './trial-blocks.ts';

const MOST_LANDED = 4;
const LANDED_BYTES = 128;

/** Where, as each of the models says, blocks come to lie that are not written where they were asked to. */
function landedBy(
  models: readonly Model[],
  { shape, blockSize, known, operations }: Recording,
): (place: Range) => Range[][] {
  const ground = groundOf(shape, blockSize, operations, known);
  const chains = models.map((model) => machineOf(model, ground).chains.write);
  return (place) => {
    const steps = stepsOf(writesOf(place, blockSize, 0), shape, blockSize);
    return chains.map((chain) =>
      steps.flatMap((step) =>
        runRanges(modelRunsOf(chain, step, ground) ?? [])
          .map(([start, end]) => ({ start: shape.start + start, end: shape.start + end }))
          .filter(({ start, end }) => start < place.start || end > place.end),
      ),
    );
  };
}

/** As `writtenAnew`, but erases and reads as well where, as models say, the blocks come to lie instead. */
export function writtenWithLandings(
  models: readonly Model[],
  sectors: readonly Range[],
  recording: Recording,
): (place: Range, seed: number) => Asked[] {
  const landed = landedBy(models, recording);
  return (place, seed) => {
    const places = landed(place).flat();
    const others = sectors.filter(({ start, end }) => start >= place.end || end <= place.start);
    const inside = places.filter((each) => isAllIn(each, sectors)).slice(-MOST_LANDED);
    return [
      ...others
        .filter((sector) => places.some(({ start, end }) => start < sector.end && end > sector.start))
        .map(eraseOf),
      ...writtenAnew(place, sectors, { blockSize: recording.blockSize, seed }),
      ...inside.map(({ start, end }) => readAt(start, Math.min(LANDED_BYTES, end - start))),
    ];
  };
}

const LANDING_SEED = 7501;
const MOST_LANDING_TRIALS = 2;

/** For each model a block that it sends to a place which may be erased as well. */
export function landingTrials(models: readonly Model[], sectors: readonly Range[], recording: Recording): Asked[] {
  const { shape, blockSize } = recording;
  const landed = landedBy(models, recording);
  const written = writtenWithLandings(models, sectors, recording);
  const places = sectors
    .toReversed()
    .map(({ start }) => inUnits({ start, end: start + blockSize }, trialUnitOf(shape)))
    .filter((place) => isAllIn(place, sectors));
  const told = places.map((place) => ({ place, landings: landed(place) }));
  const chosen = models.flatMap((_, n) => {
    const isTelling = ({ landings }: (typeof told)[number]): boolean =>
      (landings[n] ?? []).length > 0 && (landings[n] ?? []).every((each) => isAllIn(each, sectors));
    return told.find(isTelling)?.place ?? [];
  });
  return [...new Set(chosen)].slice(0, MOST_LANDING_TRIALS).flatMap((place, i) => written(place, LANDING_SEED + i));
}
