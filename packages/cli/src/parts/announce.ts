/** The lines about the file and the device that every job begins with. */
import type { Firmware } from '@sureflash/image';
import { hex } from '@sureflash/programmer/basics';
import type { OpenDevice } from '../device/open.ts';
import { inputName } from '../files/file-access.ts';
import type { LoadedFirmware } from '../files/firmware-file.ts';
import type { JobFile } from '../files/firmware-job.ts';
import type { Context } from '../render/context.ts';
import { fileText } from '../render/plan.ts';
import { size } from '../render/words.ts';

export function announceFile(
  context: Context,
  path: string,
  firmware: Firmware & Pick<LoadedFirmware, 'leftOut'>,
): void {
  const { format, image } = firmware;
  const { range } = image;
  context.emit({
    type: 'file',
    path,
    format,
    bytes: image.byteLength,
    start: range?.start,
    end: range?.end,
    leftOut: firmware.leftOut,
  });
  context.note(context.style.strong('File'), fileText(inputName(path), firmware));
  const { leftOut = 0 } = firmware;
  if (leftOut > 0) context.note(context.style.warn('Warning'), `--only leaves ${size(leftOut)} of the file out.`);
}

export function announceFiles(context: Context, files: readonly JobFile[]): void {
  for (const { path, firmware } of files) announceFile(context, path, firmware);
}

/** The device as a JSON line. */
export function emitDevice(context: Context, { about, port, where }: OpenDevice): void {
  const { vendorId, productId, bcdDevice, product, serial } = port.identity;
  const { kind: loader, title, chips, because, blockSize: transferSize, uid, probe, differences } = about;
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
    transferSize,
    uid,
    probe,
    differences,
  });
}

/** The device for people and as a JSON line. */
export function announceDevice(context: Context, device: OpenDevice): void {
  emitDevice(context, device);
  const { about, where } = device;
  context.note(context.style.strong('Device'), `${about.title} (${where})`);
  for (const [label, text] of detailsOf(device)) context.detail(label, text);
  for (const difference of about.differences) context.note(context.style.warn('Difference'), difference);
}

/** What `--verbose` tells of it. */
function detailsOf({ about, port, target }: OpenDevice): (readonly [label: string, text: string])[] {
  const { vendorId, productId, bcdDevice, manufacturer, product, serial } = port.identity;
  const strings = [manufacturer, product, serial].filter((text) => text !== undefined);
  const { because, uid, blockSize, readings } = about;
  return [
    ['Because', because],
    ['USB', `${[vendorId, productId, bcdDevice].map((id) => hex(id, 4)).join(' ')} ${strings.join(' / ')}`.trim()],
    ...(readings?.bootloader === undefined ? [] : [['Bootloader', readings.bootloader] as const]),
    ...(uid === undefined ? [] : [['Unique id', uid] as const]),
    ...(blockSize === undefined ? [] : [['Block size', `${blockSize} bytes`] as const]),
    ...target.geometry.map(
      ({ name, start, end, sectors }) =>
        [
          'Memory',
          `${name} ${hex(start)}..${hex(end)}, ${sectors.length} ${sectors.length === 1 ? 'sector' : 'sectors'}`,
        ] as const,
    ),
  ];
}
