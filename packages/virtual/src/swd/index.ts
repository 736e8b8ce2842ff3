export type { Ack, Transaction } from './debug-port.ts';
export { createSwdTarget, type SwdDeskOptions } from './desk.ts';
export type { RdpLevel } from './protection.ts';
export type { SwdTarget } from './target.ts';
