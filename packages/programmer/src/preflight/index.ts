export { type CheckOptions, checkFirmware, type FirmwareFile } from './check.ts';
export type { Concern, ConcernKind } from './concern.ts';
export { linkedBase } from './linked-base.ts';
