export type { Ack, SwdDebugPort, Transaction } from './debug-port.ts';
export { type ProtectionLevel, setProtectionLevel } from './protection.ts';
export { createSwdTarget, type SwdTarget, type SwdTargetOptions } from './target.ts';
