export * from './clock.ts';
export * from './usb/model.ts';
