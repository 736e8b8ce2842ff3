/** The line about the file that every job begins with. */
import { type Firmware, FORMAT_TITLES } from '@sureflash/image';
import type { Context } from '../context.ts';
import { imageText } from '../render/plan.ts';

export function announceFile(context: Context, path: string, { format, image }: Firmware): void {
  const { range } = image;
  context.emit({ type: 'file', path, format, bytes: image.byteLength, start: range?.start, end: range?.end });
  context.note(context.style.strong('File'), `${path}: ${FORMAT_TITLES[format]}, ${imageText(image)}`);
}
