export * from './trace.ts';
export * from './usbip.ts';
export * from './web-usb.ts';
export type { WebUsb, WebUsbDevice } from './web-usb-api.ts';
