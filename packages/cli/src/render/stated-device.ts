/** What a firmware file says of the device that it is for. It compares nothing. */
import type { DfuSuffix, Firmware } from '@sureflash/image';
import { hex } from '@sureflash/programmer/basics';

/** "Any", by the specification (DFU 1.1 appendix B). */
export const ANY_USB_ID = 0xffff;
/** Tools that were told no product write 0. */
export const NO_PRODUCT = 0;

export function suffixOf({ details }: Firmware): Pick<DfuSuffix, 'vendor' | 'product'> | undefined {
  if (details.format === 'dfuse') return details;
  return details.format === 'binary' ? details.dfuSuffix : undefined;
}

/** `0483:df11`, with `any` for a wildcard */
export function statedIds({ vendor, product }: Pick<DfuSuffix, 'vendor' | 'product'>): string {
  return `${usbIdText(vendor)}:${product === NO_PRODUCT ? 'any' : usbIdText(product)}`;
}

export const usbIdText = (id: number): string => (id === ANY_USB_ID ? 'any' : id.toString(16).padStart(4, '0'));

/** `for 0483:df11`, `for STM32F4`; nothing where the file names no device, or any */
export function statedDeviceText(firmware: Firmware): string | undefined {
  const { details } = firmware;
  if (details.format === 'uf2' && details.families.length > 0)
    return `for ${details.families.map(({ id, name, foreign }) => name ?? foreign ?? `family ${hex(id)}`).join(', ')}`;
  const suffix = suffixOf(firmware);
  return suffix && suffix.vendor !== ANY_USB_ID ? `for ${statedIds(suffix)}` : undefined;
}
