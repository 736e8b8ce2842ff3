export { createVirtualStLink, type VirtualStLink, type VirtualStLinkOptions } from './create.ts';
export { StLinkUsb } from './device.ts';
export type { FirmwareVersion } from './firmware.ts';
export { type StLinkModel, type StLinkName, stLinkModels } from './models.ts';
export { type Disturbance, StLinkProbe } from './probe.ts';
