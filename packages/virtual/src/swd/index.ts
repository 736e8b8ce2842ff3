export type { Ack, Transaction } from './debug-port.ts';
export { type ProtectionLevel, setProtectionLevel } from './protection.ts';
export { SwdTarget, type SwdTargetOptions } from './target.ts';
