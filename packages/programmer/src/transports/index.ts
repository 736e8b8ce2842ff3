export type { TraceAbsence, TraceEntry, TraceHeader, TraceLine } from './trace.ts';
export { recordTrace, replayTrace, TRACE_VERSION } from './trace.ts';
export type { RawSetup, UsbIpDevice } from './usbip.ts';
export { openUsbIp } from './usbip.ts';
export type { OpenWebUsbOptions, UsbCandidate, UsbDescription } from './web-usb.ts';
export { fittingDevices, listWebUsb, openWebUsb } from './web-usb.ts';
export type { WebUsb, WebUsbDevice } from './web-usb-api.ts';
