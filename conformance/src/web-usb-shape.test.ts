/// <reference types="w3c-web-usb" />
import type { WebUsb, WebUsbDevice } from '@sureflash/programmer/transports';
import type { VirtualWebUsb } from '@sureflash/virtual';
import type { WebUSB } from 'usb';
import { describe, expectTypeOf, it } from 'vitest';

describe('our view of WebUSB', () => {
  it('is met by the browser, by npm usb and by the virtual host, as their types have it', () => {
    expectTypeOf<USB>().toExtend<WebUsb>();
    expectTypeOf<USBDevice>().toExtend<WebUsbDevice>();
    expectTypeOf<WebUSB>().toExtend<WebUsb>();
    expectTypeOf<VirtualWebUsb>().toExtend<WebUsb>();
  });
});
