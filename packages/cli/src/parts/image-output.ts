/** A file for an image: its format and its place, settled before the image is made. */
import { FORMAT_TITLES, type FormatName, formatOfName } from '@sureflash/image';
import { usage } from '../base/command-error.ts';
import { isStandard } from '../files/file-access.ts';
import { checkStandardOutput, type Output, type OutputChoices, openOutput } from '../files/output.ts';
import type { Context } from '../render/context.ts';

export interface ImageOutput extends Output {
  readonly format: FormatName;
  /** For people: `backup.bin, raw binary`. */
  readonly name: string;
  /** Where the result is told: not on standard output when the file goes there. */
  readonly context: Context;
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
