export type { Ack, Transaction } from './debug-port.ts';
export { type RdpLevel, setProtectionLevel } from './protection.ts';
export { SwdTarget, type SwdTargetOptions } from './target.ts';
