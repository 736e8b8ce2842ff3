export { type CheckOptions, checkFirmware, type FirmwareFile } from './check.ts';
export type { Concern, ConcernKind } from './concern.ts';
