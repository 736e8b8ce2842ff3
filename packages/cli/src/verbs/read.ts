/** `read`: any memory of a device into a file of any format. */

import { FORMAT_TITLES, formatFirmware, formatOfName, MemoryImage, type Segment } from '@sureflash/image';
import { joined, type Region } from '@sureflash/programmer';
import { readAll } from '@sureflash/programmer/engine';
import { usage } from '../base/command-error.ts';
import { parseRange } from '../base/numbers.ts';
import { FORMAT } from '../declare/options.ts';
import { parsed, required, text, verb } from '../declare/verb.ts';
import { DEVICE_OPTIONS } from '../device/options.ts';
import { saveFile } from '../files/file-access.ts';
import { withDevice } from '../parts/with-device.ts';
import { rangeText } from '../render/plan.ts';
import { progressView } from '../render/progress.ts';
import { duration, size } from '../render/words.ts';

export const readVerb = verb({
  operands: { file: required('where to; its ending chooses the format') },
  options: {
    range: parsed('<range>', 'which memory; default the whole flash', parseRange),
    /** Its name or its kind. */
    region: text('<name>', 'a memory that the device names: flash, option-bytes, otp, eeprom'),
    format: FORMAT,
    ...DEVICE_OPTIONS,
  },
  examples: [
    ['sureflash read backup.bin', 'the whole flash'],
    ['sureflash read start.hex --range 0x08000000+16K', '16 KB from its start'],
    ['sureflash read options.bin --region option-bytes', 'another memory'],
  ],
  run: async (context, { file: path }, { range, region, format, ...options }) => {
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
      const view = progressView(context, clock);
      const started = clock.now();
      const shared = { signal: context.io.signal, onProgress: view.onProgress };
      const segments: Segment[] = [];
      try {
        for (const piece of wanted)
          segments.push({ address: piece.start, bytes: await readAll(target, piece, shared) });
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
  },
});

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
