/** The USB interfaces of DFU (DFU 1.1 §4.1.2, §4.2.3), as filters for listing, opening and WebUSB's `requestDevice`. */
import type { UsbFilter } from '../ports/usb.ts';

/** Application-specific class, DFU subclass. */
const DFU_INTERFACE = { classCode: 0xfe, subclassCode: 0x01 } as const;

/** Devices in DFU mode: these can be programmed. */
export const DFU_FILTERS: readonly UsbFilter[] = [{ ...DFU_INTERFACE, protocolCode: 0x02 }];
/** Applications with a DFU interface, which could be asked to restart in DFU mode. */
export const DFU_RUNTIME_FILTERS: readonly UsbFilter[] = [{ ...DFU_INTERFACE, protocolCode: 0x01 }];

/**
 * Classes of an interface whose device is no board of ours: wireless controllers and cameras carry firmware of their makers
 * (USB-IF class codes: E0h, 0Eh, 10h).
 */
const CLASSES_OF_OTHERS: ReadonlySet<number> = new Set([0xe0, 0x0e, 0x10]);

/** @param classes of all interfaces of a device that has a run-time DFU interface */
export function mayBeSentToBootloader(classes: readonly number[]): boolean {
  return !classes.some((each) => CLASSES_OF_OTHERS.has(each));
}
