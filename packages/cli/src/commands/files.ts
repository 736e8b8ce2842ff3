/** `compare` and `convert`: firmware files with one another, no device. */
import {
  compareImages,
  FORMAT_TITLES,
  type FormatName,
  formatFirmware,
  formatOfName,
  type Range,
  UF2_FAMILIES,
} from '@sureflash/image';
import { hex } from '@sureflash/programmer';
import { CommandError } from '../command-error.ts';
import type { Context } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import { loadFirmware, saveFile } from '../firmware-file.ts';
import { usage } from '../numbers.ts';
import { imageText, rangeText } from '../render/plan.ts';
import { count, size } from '../render/words.ts';

const SHOWN_DIFFERENCES = 8;

export async function compareCommand(
  context: Context,
  paths: readonly [string, string],
  { at }: { at?: number },
): Promise<void> {
  const load = async (path: string): Promise<Awaited<ReturnType<typeof loadFirmware>>> =>
    await loadFirmware(context.io, path, { ...(at !== undefined && /\.bin$/i.test(path) && { at }) });
  const [a, b] = [await load(paths[0]), await load(paths[1])];
  const found = compareImages(a.image, b.image);
  if (found.equal) {
    context.result(context.style.ok('Equal'), `${size(found.equalBytes)}, byte for byte`);
    context.emit({ type: 'result', ok: true, ...found });
    return;
  }
  for (const { address, a: one, b: two } of found.differences.slice(0, SHOWN_DIFFERENCES)) {
    context.print(`  ${hex(address)}  ${hex(one, 2)}  ${hex(two, 2)}`);
  }
  const more = found.differingBytes - Math.min(found.differences.length, SHOWN_DIFFERENCES);
  if (more > 0) context.print(`  and ${count(more, 'more differing byte')}`);
  for (const range of found.onlyInA) context.print(`  ${rangeText(range)}  only in ${paths[0]}`);
  for (const range of found.onlyInB) context.print(`  ${rangeText(range)}  only in ${paths[1]}`);
  const first = found.firstDifference === undefined ? '' : `, the first at ${hex(found.firstDifference)}`;
  const parts = [
    ...(found.differingBytes > 0
      ? [`${count(found.differingBytes, 'byte')} in ${count(found.differingRangeCount, 'place')}`]
      : []),
    ...onlyIn(found.onlyInA, paths[0]),
    ...onlyIn(found.onlyInB, paths[1]),
  ];
  throw new CommandError({
    code: 'cli/different',
    exitCode: EXIT.mismatch,
    title: `The files differ: ${parts.join(', ')}${first}.`,
    facts: { ...found },
  });
}

function onlyIn(ranges: readonly Range[], path: string): string[] {
  const bytes = ranges.reduce((sum, { start, end }) => sum + end - start, 0);
  return bytes > 0 ? [`${count(bytes, 'byte')} only in ${path}`] : [];
}

export interface ConvertOptions {
  readonly at?: number;
  readonly format?: FormatName;
  /** UF2 family by name or number. */
  readonly family?: string;
}

export async function convertCommand(
  context: Context,
  { from, to }: { from: string; to: string },
  { at, format, family }: ConvertOptions,
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
  });
  await saveFile(context.io, to, bytes);
  context.result(
    context.style.ok('Written'),
    `${to}: ${FORMAT_TITLES[chosen]}, ${imageText(image)}, ${size(bytes.length)} of file`,
  );
  context.emit({ type: 'result', ok: true, from, to, sourceFormat: source, format: chosen, bytes: image.byteLength });
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
