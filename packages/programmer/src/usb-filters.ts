/** The USB interfaces that the protocols use. It loads none of them: a list of devices needs no more than this. */
import { CMSIS_DAP_FILTERS } from './cmsis-dap/filters.ts';
import { DFU_FILTERS, DFU_RUNTIME_FILTERS } from './dfu/filters.ts';
import type { UsbFilter } from './ports/usb.ts';
import { STLINK_FILTERS } from './stlink/filters.ts';

/** Every interface that can be programmed: for listing, opening, and WebUSB's `requestDevice`. */
export const USB_FILTERS: readonly UsbFilter[] = [...DFU_FILTERS, ...STLINK_FILTERS, ...CMSIS_DAP_FILTERS];

/** Interfaces of applications that could be asked to restart as one that can be programmed. */
export const RUNTIME_FILTERS: readonly UsbFilter[] = [...DFU_RUNTIME_FILTERS];

export { mayBeSentToBootloader } from './dfu/filters.ts';
export { UNUSABLE_STLINK_FILTERS, whyUnusable } from './stlink/filters.ts';
