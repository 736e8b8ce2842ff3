export * from './connector.ts';
export * from './fault.ts';
export * from './kinds.ts';
export * from './liar.ts';
