/** Standard requests of a device with ST's DFU class, answered from tables. Bytes from stm32-mw-usb-device v2.5.3. */
import { bytesOf } from './scripted-port.ts';

export const DEVICE = '1201000200000040830411df000201020301';
export const CONFIGURATION = '09021b00010102c0320904000000fe01020609210bff0000041a01';

/** A string descriptor (USB 2.0 §9.6.7), and what a sloppy device sends behind it. */
export function stringDescriptor(text: string, tail: readonly number[] = []): Uint8Array {
  const units = Array.from(text, (letter) => letter.charCodeAt(0)).flatMap((code) => [code & 0xff, code >> 8]);
  return Uint8Array.of(units.length + 2, 3, ...units, ...tail);
}

/** By wValue: 0x0100 device, 0x0200 configuration, 0x03nn string n. */
export function dfuDescriptors(): Map<number, Uint8Array> {
  return new Map([
    [0x0100, bytesOf(DEVICE)],
    [0x0200, bytesOf(CONFIGURATION)],
    [0x0300, Uint8Array.of(4, 3, 9, 4)],
    [0x0301, stringDescriptor('STMicroelectronics')],
    [0x0302, stringDescriptor('STM32 DownLoad Firmware Update')],
    [0x0303, stringDescriptor('00000000001A')],
    [0x0306, stringDescriptor('@Internal Flash   /0x08000000/128*002Kg')],
  ]);
}
