export * from './format-error.ts';
export * from './memory-image.ts';
