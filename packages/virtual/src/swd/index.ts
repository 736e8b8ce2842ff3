export type { Ack, Transaction } from './debug-port.ts';
export { createSwdTarget, type SwdDeskOptions } from './desk.ts';
export type { SwdTarget } from './target.ts';
