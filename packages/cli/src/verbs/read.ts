/** `read`: any memory of a device into a file of any format. */
import { formatFirmware } from '@sureflash/image';
import { type Device, joined, type Region, read } from '@sureflash/programmer';
import { usage } from '../base/command-error.ts';
import { parseRange } from '../base/numbers.ts';
import { FORMAT, OVERWRITE_OPTIONS } from '../declare/options.ts';
import { parsed, required, text, verb } from '../declare/verb.ts';
import { DEVICE_OPTIONS } from '../device/options.ts';
import { withOutput } from '../files/output.ts';
import { openImageOutput } from '../parts/image-output.ts';
import { withDevice } from '../parts/with-device.ts';
import { rangeText } from '../render/plan.ts';
import { progressView } from '../render/progress.ts';
import { duration, size } from '../render/words.ts';

export const readVerb = verb({
  operands: { file: required('where to; its ending chooses the format; - for standard output') },
  options: {
    range: parsed('<range>', 'which memory; default the whole flash', parseRange),
    /** Its name or its kind. */
    region: text('<name>', 'a memory that the device names: flash, option-bytes, otp, eeprom'),
    format: FORMAT,
    ...OVERWRITE_OPTIONS,
    ...DEVICE_OPTIONS,
  },
  examples: [
    ['sureflash read backup.bin', 'the whole flash'],
    ['sureflash read start.hex --range 0x08000000+16K', '16 KB from its start'],
    ['sureflash read options.bin --region option-bytes', 'another memory'],
    ['sureflash read - --range 0x08000000+256 | xxd', 'to another program'],
  ],
  run: async (context, { file: path }, { range, region, format, overwrite, ...options }) => {
    if (range && region !== undefined)
      throw usage('--range and --region exclude each other.', 'Leave out one of them.');
    const output = await openImageOutput(context, path, { ...(format && { format }), ...(overwrite && { overwrite }) });
    const work = async (device: Device): Promise<void> => {
      const { target, clock } = device;
      // A region may have gaps, which are no memory.
      const wanted = range ? [range] : joined(regionNamed(target.geometry, region ?? 'flash').sectors);
      const view = progressView(context, clock);
      const started = clock.now();
      const shared = { signal: context.io.signal, onProgress: view.onProgress };
      const image = await read(device, wanted, shared).finally(() => view.end());
      const took = duration(clock.now() - started);
      await output.save(formatFirmware(image, output.format));
      const place = wanted.map(rangeText).join(', ');
      const told = output.context;
      told.result(told.style.ok('Read'), `${size(image.byteLength)} at ${place} to ${output.name} (${took})`);
      told.emit({ type: 'result', ok: true, path, format: output.format, bytes: image.byteLength, ...image.range });
    };
    await withOutput(output, async () => await withDevice(context, options, work));
  },
});

/** By its kind, or by the beginning of its name. @throws CommandError `usage` that lists what there is */
function regionNamed(regions: readonly Region[], text: string): Region {
  const wanted = text.toLowerCase();
  const found =
    regions.find(({ kind }) => kind === wanted) ?? regions.find(({ name }) => name.toLowerCase().startsWith(wanted));
  if (found) return found;
  throw usage(
    `This device has no memory named "${text}".`,
    `It has: ${regions.map(({ name, kind }) => `${name} (${kind})`).join(', ') || 'nothing; give a range: --range 0x08000000+64K'}`,
  );
}
