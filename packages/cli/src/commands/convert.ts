/** `convert`: a firmware file in another format, no device. */
import {
  type DfuseOptions,
  FORMAT_TITLES,
  type FormatName,
  formatFirmware,
  formatOfName,
  UF2_FAMILIES,
} from '@sureflash/image';
import type { Context } from '../context.ts';
import { loadFirmware, saveFile } from '../firmware-file.ts';
import { usage } from '../numbers.ts';
import { imageText } from '../render/plan.ts';
import { size } from '../render/words.ts';

export interface ConvertOptions {
  readonly at?: number;
  readonly format?: FormatName;
  /** UF2 family by name or number. */
  readonly family?: string;
  /** DfuSe: identification in its suffix, and the alternate setting. */
  readonly vid?: number;
  readonly pid?: number;
  readonly deviceVersion?: number;
  readonly alternate?: number;
}

export async function convertCommand(
  context: Context,
  { from, to }: { from: string; to: string },
  { at, format, family, ...ids }: ConvertOptions,
): Promise<void> {
  const chosen = format ?? formatOfName(to);
  if (!chosen)
    throw usage(
      `"${to}" does not say in which format to write.`,
      'Give the file an ending such as .hex, or use --format.',
    );
  const { image, entry, format: source } = await loadFirmware(context.io, from, { ...(at !== undefined && { at }) });
  const familyId = family === undefined ? undefined : familyNamed(family);
  const bytes = formatFirmware(image, chosen, {
    ...(entry !== undefined && { entry }),
    ...(familyId !== undefined && { family: familyId }),
    dfuse: dfuseOptions(ids),
  });
  await saveFile(context.io, to, bytes);
  context.result(
    context.style.ok('Written'),
    `${to}: ${FORMAT_TITLES[chosen]}, ${imageText(image)}, ${size(bytes.length)} of file`,
  );
  context.emit({ type: 'result', ok: true, from, to, sourceFormat: source, format: chosen, bytes: image.byteLength });
}

function dfuseOptions({ vid, pid, deviceVersion, alternate }: Omit<ConvertOptions, 'at'>): DfuseOptions {
  return {
    ...(vid !== undefined && { vendor: vid }),
    ...(pid !== undefined && { product: pid }),
    ...(deviceVersion !== undefined && { device: deviceVersion }),
    ...(alternate !== undefined && { targets: [{ alternate }] }),
  };
}

function familyNamed(text: string): number {
  const names = Object.entries(UF2_FAMILIES);
  const found = names.find(([name]) => name.toUpperCase() === text.toUpperCase());
  if (found) return found[1];
  if (/^0x[0-9a-f]{1,8}$/i.test(text)) return Number(text);
  throw usage(
    `"${text}" is not a UF2 family.`,
    `There are: ${names.map(([name]) => name).join(', ')}; or a number such as 0x5ee21072.`,
  );
}
