export * from './check.ts';
export * from './stub.ts';
export * from './thumb.ts';
