/** The line about the file that every job begins with. */
import type { Firmware } from '@sureflash/image';
import type { Context } from '../context.ts';
import { fileText } from '../render/plan.ts';

export function announceFile(context: Context, path: string, firmware: Firmware): void {
  const { format, image } = firmware;
  const { range } = image;
  context.emit({ type: 'file', path, format, bytes: image.byteLength, start: range?.start, end: range?.end });
  context.note(context.style.strong('File'), fileText(path, firmware));
}
