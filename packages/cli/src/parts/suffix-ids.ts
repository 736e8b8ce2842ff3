/** The device that a DFU file says it is for (DFU 1.1 appendix B), held against the device that is there. */
import type { DfuSuffix, Firmware } from '@sureflash/image';
import { CommandError } from '../base/command-error.ts';
import { EXIT } from '../base/exit-codes.ts';
import type { OpenDevice } from '../device/open.ts';
import { inputName } from '../files/file-access.ts';
import type { JobFile } from '../files/firmware-job.ts';
import type { Context } from '../render/context.ts';

/** "Any", by the specification. */
const ANY_ID = 0xffff;
/** Tools that were told no product write 0. */
const NO_PRODUCT = 0;

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
    const otherVendor = vendor !== ANY_ID && vendor !== vendorId;
    const otherProduct = product !== ANY_ID && product !== NO_PRODUCT && product !== productId;
    if (!otherVendor && !otherProduct) continue;
    const stated = `${usbIdText(vendor)}:${usbIdText(product)}`;
    const title = `${inputName(path)} says that it is for ${stated}, and this device is ${usbIdText(vendorId)}:${usbIdText(productId)}`;
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

function suffixOf({ details }: Firmware): Pick<DfuSuffix, 'vendor' | 'product'> | undefined {
  if (details.format === 'dfuse') return details;
  return details.format === 'binary' ? details.dfuSuffix : undefined;
}

const usbIdText = (id: number): string => (id === ANY_ID ? 'any' : id.toString(16).padStart(4, '0'));
