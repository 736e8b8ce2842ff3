export { createVirtualStLink, type VirtualStLink, type VirtualStLinkOptions } from './create.ts';
export type { StLinkName } from './models.ts';
