/** A file for an image: its format and its place, settled before the image is made. */
import {
  FORMAT_TITLES,
  type FormatName,
  formatOfName,
  ImageError,
  type MemoryImage,
  parseFirmware,
} from '@sureflash/image';
import { usage } from '../base/command-error.ts';
import { isStandard } from '../files/file-access.ts';
import { checkStandardOutput, type Output, type OutputChoices, openOutput } from '../files/output.ts';
import type { Context } from '../render/context.ts';
import { size } from '../render/words.ts';

export interface ImageOutput extends Output {
  readonly format: FormatName;
  /** For people: `backup.bin, raw binary`. */
  readonly name: string;
  /** Where the result is told: not on standard output when the file goes there. */
  readonly context: Context;
}

/** Tells where a file that was made gives less than was put into it, as an ELF file does with content for RAM. */
export function tellLoss({ context, format }: ImageOutput, image: MemoryImage, made: Uint8Array): void {
  const lost = image.byteLength - bytesReadBack(made, format);
  if (lost <= 0) return;
  const text = `${size(lost)} of the content lie in RAM: who reads this file for a flash leaves them out.`;
  context.note(context.style.warn('Warning'), text);
}

function bytesReadBack(made: Uint8Array, format: FormatName): number {
  // A raw binary fills gaps, and has no addresses to read.
  if (format === 'binary') return Number.POSITIVE_INFINITY;
  try {
    return parseFirmware(made, { format }).image.byteLength;
  } catch (error) {
    if (error instanceof ImageError) return 0;
    throw error;
  }
}

/** @throws CommandError `cli/usage` where no format can be told, and what opening the output throws */
export async function openImageOutput(
  context: Context,
  path: string,
  { format: stated, ...choices }: OutputChoices & { readonly format?: FormatName },
): Promise<ImageOutput> {
  const toStandard = isStandard(path);
  const format = stated ?? (toStandard ? 'binary' : formatOfName(path));
  if (!format)
    throw usage(
      `"${path}" does not say in which format to write.`,
      'Give the file an ending such as .bin or .hex, or use --format.',
    );
  if (toStandard) {
    const isText = format === 'intel-hex' || format === 'srec';
    checkStandardOutput(context.io, { json: context.json, isText });
  }
  return {
    ...(await openOutput(context.io, path, choices)),
    format,
    name: `${toStandard ? 'standard output' : path}, ${FORMAT_TITLES[format]}`,
    context: toStandard ? context.besideOutput() : context,
  };
}
