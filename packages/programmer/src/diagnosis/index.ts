export type { Area, Cause, Sign, Source } from './cause.ts';
export { CAUSES, type CauseId } from './causes/index.ts';
export type { LoaderModel, LoaderTrial, ModelExample, ModelPart } from './loader-model.ts';
export {
  type FactsByObservation,
  factsOf,
  isDoubt,
  isFatal,
  type Observation,
  type ObservationKind,
  seen,
} from './observation.ts';
export { type Diagnosis, diagnose, type RunnerUp, type Verdict } from './rank.ts';
export { bootloaderSteps, UDEV_RULE } from './remedies.ts';
export { asRemedy, type Remedy, type RemedyAction } from './remedy.ts';
export { nameOfSign, textOf } from './words.ts';
