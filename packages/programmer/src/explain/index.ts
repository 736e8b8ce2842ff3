export { changesBeyond } from './changes-beyond.ts';
export type { Condition, ConditionKind } from './condition.ts';
export type { Separation } from './experiment.ts';
export {
  type Certainty,
  type ExplainOptions,
  explainRecording,
  type RecordingExplanation,
  reproduces,
} from './explain.ts';
export type { Example } from './first-difference.ts';
export { type Answer, type PredictOptions, predict } from './predict.ts';
export { keyOfModel, type Model, type Primitive, type PrimitiveKind } from './primitive.ts';
export type {
  Change,
  EraseAllOperation,
  EraseOperation,
  KnownContent,
  Operation,
  ReadOperation,
  ReadRequest,
  Recording,
  Shape,
  WriteOperation,
} from './record.ts';
export { type CarryOut, explainByTrials, type TriedExplanation } from './trials.ts';
export { type ModelWords, wordsOf } from './words.ts';
