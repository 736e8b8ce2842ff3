export { allowedTrials } from './allowed.ts';
export { type ComposedBoard, composedBoard } from './board.ts';
export { type ComposeOptions, composeLoader, kindNames } from './compose.ts';
export { OLD_CONTENTS, type OldContent } from './content.ts';
export type { Deviation, Figures, Layer } from './deviation.ts';
export { COMPOSED_CHIPS, type ComposedChip, type Geometry, geometryOf } from './geometry.ts';
export { answersOf, type HeldOutJob, heldOut, judgeHeldOut, type Predict } from './held-out.ts';
export type { Step } from './host.ts';
export type { ComposedLoader } from './loader.ts';
export type {
  Ask,
  Block,
  EraseAllOperation,
  EraseOperation,
  Operation,
  OperationExtent,
  ReadOperation,
  WriteOperation,
} from './operation.ts';
export {
  givesTheSame,
  leftTrace,
  makeRun,
  type Run,
  type RunOptions,
  tracedRun,
} from './run.ts';
