/** USB/IP both ways: a server that exports device models, and a client that needs no kernel module. */
export { type CallOptions, listDevices, type RemoteOptions, UsbIpClient } from './client.ts';
export type { DeviceRecord, InterfaceRecord, ListedDevice, Speed } from './device-record.ts';
export { type ListenOptions, type ServerEvent, UsbIpServer, type UsbIpServerOptions } from './server.ts';
export type { TransferTime } from './urbs.ts';
export { UsbIpError, type UsbIpErrorCode } from './usbip-error.ts';
export { type ControlSetup, USBIP_PORT } from './wire.ts';
