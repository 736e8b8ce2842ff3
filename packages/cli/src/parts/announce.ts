/** The lines about the file and the device that every job begins with. */
import type { Firmware } from '@sureflash/image';
import type { Device } from '../device/open.ts';
import { inputName } from '../files/file-access.ts';
import type { Context } from '../render/context.ts';
import { fileText } from '../render/plan.ts';

export function announceFile(context: Context, path: string, firmware: Firmware): void {
  const { format, image } = firmware;
  const { range } = image;
  context.emit({ type: 'file', path, format, bytes: image.byteLength, start: range?.start, end: range?.end });
  context.note(context.style.strong('File'), fileText(inputName(path), firmware));
}

/** The device as a JSON line. */
export function emitDevice(context: Context, { target, port, where }: Device): void {
  const { vendorId, productId, bcdDevice, product, serial } = port.identity;
  const { loader, title, chips, because } = target.identification;
  context.emit({
    type: 'device',
    where,
    vendorId,
    productId,
    bcdDevice,
    product,
    serial,
    loader,
    title,
    because,
    chips: chips.flatMap((chip) => chip.names),
    transferSize: target.transferSize,
    uid: target.examination?.uid,
    differences: target.differences,
  });
}

/** The device for people and as a JSON line. */
export function announceDevice(context: Context, device: Device): void {
  emitDevice(context, device);
  const { target, where } = device;
  context.note(context.style.strong('Device'), `${target.identification.title} (${where})`);
  for (const difference of target.differences) context.note(context.style.warn('Difference'), difference);
}
