export { type ApplicationCheckOptions, applicationCheck } from './check/application-check.ts';
export {
  MARKS,
  type MarkName,
  type ProofMethod,
  SLOT,
} from './check/record.ts';
export { type SealedImage, type SealOptions, sealForLoader } from './check/seal.ts';
export { CORE_FLAGS, type GeneratedFile, type GeneratedModule } from './generated.ts';
export { bootloaderJump } from './jump/bootloader-jump.ts';
export type { BootloaderJumpOptions, JumpStyle } from './jump/options.ts';
export { parseTrigger, type Trigger } from './jump/trigger.ts';
export { type CheckedLayout, checkLayout, type LayoutProblem, type LayoutProblemKind } from './layout/check.ts';
export { LONGEST_LAYOUT, makeLayout } from './layout/make.ts';
export { expectedByLoader, type LoaderExpectation } from './loader/loader-expects.ts';
export { type JobSteps, programForLoader, stepsForLoader } from './loader/program-for-loader.ts';
export { dfuMedia } from './media/dfu-media.ts';
export type { ClassVersion, DfuMediaOptions } from './media/options.ts';
export { type Partition, type PartitionOptions, partitionOf } from './partition.ts';
