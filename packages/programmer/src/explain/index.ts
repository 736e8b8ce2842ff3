export { type Certainty, type Explanation, type ExplainOptions, explain } from './explain.ts';
export { type Answer, type PredictOptions, predict } from './predict.ts';
export { keyOfModel, type Model } from './primitive.ts';
export * from './record.ts';
