export { changesBeyond } from './changes-beyond.ts';
export type { Condition, ConditionKind } from './condition.ts';
export type { Separation } from './experiment.ts';
export {
  type CarryOut,
  type Certainty,
  type ExplainOptions,
  explainByTrials,
  explainRecording,
  type RecordingExplanation,
  reproduces,
  type TriedExplanation,
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
export { type ModelWords, wordsOf } from './words.ts';
