export { createVirtualCmsisDap, type VirtualCmsisDap, type VirtualCmsisDapOptions } from './create.ts';
export type { CmsisDapName } from './models.ts';
