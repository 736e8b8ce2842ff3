export * from './codec.ts';
export type * from './layout.ts';
export * from './layouts.ts';
export * from './protection.ts';
