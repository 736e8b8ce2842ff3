/** The device that a DFU file says it is for (DFU 1.1 appendix B), held against the device that is there. */
import { CommandError } from '../base/command-error.ts';
import { EXIT } from '../base/exit-codes.ts';
import type { OpenDevice } from '../device/open.ts';
import { inputName } from '../files/file-access.ts';
import type { JobFile } from '../files/firmware-job.ts';
import type { Context } from '../render/context.ts';
import { ANY_USB_ID, NO_PRODUCT, statedIds, suffixOf, usbIdText } from '../render/stated-device.ts';

/**
 * A ROM bootloader has ST's ids whatever product it is in, and many files state those of the product: a remark. A loader
 * that has ids of its own and another vendor is not the device that the file is for.
 * @throws CommandError `cli/other-device` unless forced
 */
export function checkSuffixIds(
  context: Context,
  { about, port }: OpenDevice,
  { files, force = false }: { readonly files: readonly JobFile[]; readonly force?: boolean | undefined },
): void {
  const { vendorId, productId } = port.identity;
  for (const { path, firmware } of files) {
    const suffix = suffixOf(firmware);
    if (!suffix) continue;
    const { vendor, product } = suffix;
    const otherVendor = vendor !== ANY_USB_ID && vendor !== vendorId;
    const otherProduct = product !== ANY_USB_ID && product !== NO_PRODUCT && product !== productId;
    if (!otherVendor && !otherProduct) continue;
    const title = `${inputName(path)} says that it is for ${statedIds(suffix)}, and this device is ${usbIdText(vendorId)}:${usbIdText(productId)}`;
    if (!otherVendor || force || about.kind === 'st-rom') {
      context.note(context.style.warn('Warning'), `${title}.`);
      continue;
    }
    throw new CommandError({
      code: 'cli/other-device',
      exitCode: EXIT.file,
      title: `${title}; nothing was written.`,
      remedy: [
        'Choose the device with --usb, or use the file for this device. If you are sure that this file is for it: --force',
      ],
      facts: { path, stated: { vendor, product }, found: { vendorId, productId } },
    });
  }
}
