export * from './errors.ts';
export * from './hints.ts';
export type { ByteOptions, BytePort, LineSettings, LineSignals } from './ports/byte.ts';
export * from './ports/clock.ts';
export * from './ports/usb.ts';
export * from './system-clock.ts';
export * from './target/geometry.ts';
export * from './target/target.ts';
