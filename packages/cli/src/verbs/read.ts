/** `read`: any memory of a device, into a file of any format or onto the screen. */
import { formatFirmware, type MemoryImage, type Range } from '@sureflash/image';
import { type Device, hex, joined, type Region, read } from '@sureflash/programmer';
import { usage } from '../base/command-error.ts';
import { defined } from '../base/defined.ts';
import { looksLikeRange, parsePlace, parseRange } from '../base/numbers.ts';
import { FORMAT, OVERWRITE_OPTIONS } from '../declare/options.ts';
import { optional, parsed, text, verb } from '../declare/verb.ts';
import type { OpenDevice } from '../device/open.ts';
import { DEVICE_OPTIONS } from '../device/options.ts';
import { withOutput } from '../files/output.ts';
import { remarkDoubts } from '../parts/doubts.ts';
import { openImageOutput } from '../parts/image-output.ts';
import { refuseTooMuch } from '../parts/read-limit.ts';
import { withDevice } from '../parts/with-device.ts';
import type { Context } from '../render/context.ts';
import { memoryDump } from '../render/hex-dump.ts';
import { rangeText } from '../render/plan.ts';
import { progressView } from '../render/progress.ts';
import { duration, size } from '../render/words.ts';

export const readVerb = verb({
  operands: {
    range: optional('range to read, such as 0x08000000+256; without a file it is shown as a hex dump'),
    file: optional('output file; its ending chooses the format; - is standard output'),
  },
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
    ['sureflash read 0x08000000+256', 'a hex dump on the screen'],
    ['sureflash read 0x08000000+16K start.hex', '16 KB from its start'],
    ['sureflash read 0x08010000.. rest.bin', 'from there to the end of the flash'],
    ['sureflash read options.bin --region option-bytes', 'another memory'],
    ['sureflash read 0x08000000+256 - | xxd', 'to another program'],
  ],
  run: async (context, operands, { range: stated, region, format, overwrite, ...options }) => {
    const { range, from, file } = whatAndWhere(operands, stated);
    if ((range || from !== undefined) && region !== undefined)
      throw usage('A range and --region exclude each other.', 'Leave out one of them.');
    if (file === undefined && !range && from === undefined && region === undefined) {
      throw usage(
        'This does not say where to put the whole flash.',
        'Into a file: sureflash read backup.bin',
        'A part of it on the screen: sureflash read 0x08000000+256',
      );
    }
    const wanted = {
      ...defined({ range, from, region }),
    };
    if (file === undefined) {
      if (format !== undefined) throw usage('--format needs a file.', 'Name one, or - for standard output.');
      await withDevice(context, options, async (device) => await show(context, device, wanted));
      return;
    }
    const output = await openImageOutput(context, file, defined({ format, overwrite }));
    const work = async (device: OpenDevice): Promise<void> => {
      const { image, places, took } = await readPlaces(context, device, wanted);
      await output.save(formatFirmware(image, output.format));
      const told = output.context;
      told.result(told.style.ok('Read'), `${size(image.byteLength)} at ${places} to ${output.name} (${took})`);
      told.emit({
        type: 'result',
        ok: true,
        path: file,
        format: output.format,
        bytes: image.byteLength,
        ...image.range,
      });
    };
    await withOutput(output, async () => await withDevice(context, options, work));
  },
});

interface Wanted {
  readonly range?: Range;
  /** To the end of the memory that holds it. */
  readonly from?: number;
  /** Its name or its kind; the flash where this and the range are absent. */
  readonly region?: string;
}

/** A word that is a range says which memory; another one is the file. @throws CommandError `usage` for two of a kind */
function whatAndWhere(
  operands: { readonly range: string | undefined; readonly file: string | undefined },
  stated: Range | undefined,
): Pick<Wanted, 'range' | 'from'> & { readonly file?: string } {
  const words = [operands.range, operands.file].filter((word) => word !== undefined);
  const ranges = words.filter(looksLikeRange);
  const [file, second] = words.filter((word) => !looksLikeRange(word));
  if (second !== undefined) throw usage(`"${second}" is one file too many.`, 'Read into one file at a time.');
  if (ranges.length + (stated ? 1 : 0) > 1) throw usage('This names two ranges.', 'Leave out one of them.');
  const [word] = ranges;
  const named = file === undefined ? {} : { file };
  if (word?.endsWith('..')) return { ...named, from: parsePlace(word.slice(0, -2)) };
  const range = word === undefined ? stated : parseRange(word);
  return { ...named, ...defined({ range }) };
}

async function readPlaces(
  context: Context,
  device: Device,
  wanted: Wanted,
): Promise<{ readonly image: MemoryImage; readonly places: string; readonly took: string }> {
  const { target, clock } = device;
  const ranges = rangesWanted(target.geometry, wanted);
  refuseTooMuch(ranges);
  const view = progressView(context, clock);
  const started = clock.now();
  const shared = { signal: context.io.signal, onProgress: view.onProgress };
  const image = await read(device, ranges, shared).finally(() => view.end());
  await remarkDoubts(context, device, ranges);
  return { image, places: ranges.map(rangeText).join(', '), took: duration(clock.now() - started) };
}

/** @throws CommandError `usage` for a memory that is not there */
function rangesWanted(regions: readonly Region[], { range, from, region }: Wanted): Range[] {
  if (range) return [range];
  // A region may have gaps, which are no memory.
  if (from === undefined) return joined(regionNamed(regions, region ?? 'flash').sectors);
  const rest = regions.flatMap(({ sectors }) => joined(sectors)).find(({ start, end }) => from >= start && from < end);
  if (rest) return [{ start: from, end: rest.end }];
  throw usage(`This device has no memory at ${hex(from)}.`, 'See what it has: sureflash info');
}

async function show(context: Context, device: OpenDevice, wanted: Wanted): Promise<void> {
  const { image, places, took } = await readPlaces(context, device, wanted);
  for (const line of memoryDump(image)) context.print(line);
  context.note(context.style.ok('Read'), `${size(image.byteLength)} at ${places} (${took})`);
  const data = image.segments.map(({ address, bytes }) => ({ address, hex: Buffer.from(bytes).toString('hex') }));
  context.emit({ type: 'result', ok: true, bytes: image.byteLength, ...image.range, data });
}

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
