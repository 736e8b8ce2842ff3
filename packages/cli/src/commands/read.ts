/** `read`: any memory of a device into a file of any format. */
import {
  FORMAT_TITLES,
  type FormatName,
  formatFirmware,
  formatOfName,
  MemoryImage,
  type Range,
  type Segment,
} from '@sureflash/image';
import { joined, type Region } from '@sureflash/programmer';
import { readAll } from '@sureflash/programmer/engine';
import type { Context } from '../context.ts';
import { withDevice } from '../device/open.ts';
import type { DeviceOptions } from '../device/options.ts';
import { saveFile } from '../firmware-file.ts';
import { usage } from '../numbers.ts';
import { rangeText } from '../render/plan.ts';
import { duration, size } from '../render/words.ts';

export interface ReadOptions extends DeviceOptions {
  readonly range?: Range;
  /** Name or kind of a region: `option-bytes`, `OTP`. */
  readonly region?: string;
  readonly format?: FormatName;
}

export async function readCommand(
  context: Context,
  path: string,
  { range, region, format, ...options }: ReadOptions,
): Promise<void> {
  const chosen = format ?? formatOfName(path);
  if (!chosen)
    throw usage(
      `"${path}" does not say in which format to write.`,
      'Give the file an ending such as .bin or .hex, or use --format.',
    );
  if (range && region !== undefined) throw usage('A range or a region, not both.', 'Leave out --range or --region.');
  await withDevice(context, options, async ({ target, clock }) => {
    // A region may have gaps, which are no memory.
    const wanted = range ? [range] : joined(regionNamed(target.geometry, region ?? 'flash').sectors);
    const view = context.progress(clock);
    const started = clock.now();
    const shared = { signal: context.io.signal, onProgress: view.onProgress };
    const segments: Segment[] = [];
    try {
      for (const piece of wanted) segments.push({ address: piece.start, bytes: await readAll(target, piece, shared) });
    } finally {
      view.end();
    }
    const took = duration(clock.now() - started);
    const image = new MemoryImage(segments);
    await saveFile(context.io, path, formatFirmware(image, chosen));
    const place = wanted.map(rangeText).join(', ');
    context.result(
      context.style.ok('Read'),
      `${size(image.byteLength)} at ${place} to ${path}, ${FORMAT_TITLES[chosen]} (${took})`,
    );
    context.emit({ type: 'result', ok: true, path, format: chosen, bytes: image.byteLength, ...image.range });
  });
}

/** By its kind, or by the beginning of its name. @throws CommandError `usage` that lists what there is */
function regionNamed(regions: readonly Region[], text: string): Region {
  const wanted = text.toLowerCase();
  const found =
    regions.find(({ kind }) => kind === wanted) ?? regions.find(({ name }) => name.toLowerCase().startsWith(wanted));
  if (found) return found;
  throw usage(
    `This device names no memory "${text}".`,
    `There is: ${regions.map(({ name, kind }) => `${name} (${kind})`).join(', ') || 'nothing; give a range: --range 0x08000000+64K'}`,
  );
}
