export { type CheckOptions, type Concern, type ConcernKind, checkFirmware, type FirmwareFile } from './check.ts';
