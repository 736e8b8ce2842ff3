export * from './apply.ts';
export * from './plan.ts';
export * from './protected-sectors.ts';
export * from './return.ts';
export * from './state.ts';
export * from './supply.ts';
export * from './values.ts';
