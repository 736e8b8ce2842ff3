export * from './bootloader/index.ts';
export * from './chip.ts';
export * from './chips.ts';
export * from './find.ts';
export * from './option-bytes/index.ts';
export * from './places.ts';
export * from './registers.ts';
export * from './vectors.ts';
