export {
  type Certainty,
  type ExplainOptions,
  explainRecording,
  type RecordingExplanation,
  reproduces,
} from './explain.ts';
export type { Condition, ConditionKind } from './grammar/condition.ts';
export { keyOfModel, type Model, type Primitive, type PrimitiveKind } from './grammar/primitive.ts';
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
} from './recording/record.ts';
export { type Answer, type PredictOptions, predict } from './simulate/predict.ts';
export { changesBeyond } from './trial/changes-beyond.ts';
export type { Separation } from './trial/experiment.ts';
export { type CarryOut, explainByTrials, type TriedExplanation } from './trials.ts';
export { type CellsApart, cellsApart } from './verdict/cells-apart.ts';
export type { Example } from './verdict/first-difference.ts';
export { type ModelWords, wordsOf } from './words/words.ts';
