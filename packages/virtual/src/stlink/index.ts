export { createVirtualStLink, type VirtualStLink, type VirtualStLinkOptions } from './create.ts';
export type { StLinkName } from './models.ts';
export { type StLinkServerOptions, StLinkServerSession } from './server-session.ts';
