/** The USB interfaces of DFU (DFU 1.1 §4.1.2, §4.2.3), as filters for listing, opening and WebUSB's `requestDevice`. */
import type { UsbFilter } from '../ports/usb.ts';

/** Application-specific class, DFU subclass. */
const DFU_INTERFACE = { classCode: 0xfe, subclassCode: 0x01 } as const;

/** Devices in DFU mode: these can be programmed. */
export const DFU_FILTERS: readonly UsbFilter[] = [{ ...DFU_INTERFACE, protocolCode: 0x02 }];
/** Applications with a DFU interface, which could be asked to restart in DFU mode. */
export const DFU_RUNTIME_FILTERS: readonly UsbFilter[] = [{ ...DFU_INTERFACE, protocolCode: 0x01 }];
