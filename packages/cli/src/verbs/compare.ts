/** `compare`: two firmware files with one another, or one with a device, byte by byte. Reads only. */
import { compareImages, type ImageComparison, type MemoryImage, type Range } from '@sureflash/image';
import { compare } from '@sureflash/programmer';
import { CommandError } from '../base/command-error.ts';
import { defined } from '../base/defined.ts';
import { EXIT } from '../base/exit-codes.ts';
import { address, FORMATS } from '../declare/options.ts';
import { optional, parsed, required, verb } from '../declare/verb.ts';
import { DEVICE_OPTIONS, type DeviceOptions, INSTEAD_OF_DEVICE } from '../device/options.ts';
import { loadFirmware } from '../files/firmware-file.ts';
import { withDevice } from '../parts/with-device.ts';
import type { Context } from '../render/context.ts';
import { hexDump, linesOf } from '../render/hex-dump.ts';
import { imageText, rangeText } from '../render/plan.ts';
import { progressView } from '../render/progress.ts';
import { count, size } from '../render/words.ts';

/** One of the two, and what it is called. */
interface Side {
  readonly name: string;
  readonly image: MemoryImage;
}

interface FileSide extends Side {
  readonly padding: readonly Range[];
}

export const compareVerb = verb({
  operands: {
    a: required(FORMATS),
    b: optional('the other file, of any format; default: the device', INSTEAD_OF_DEVICE),
  },
  options: { at: parsed('<address>', 'where raw binaries go', address), ...DEVICE_OPTIONS },
  examples: [
    ['sureflash compare old.elf new.hex', 'exit code 0: equal, 7: different'],
    ['sureflash compare app.elf', 'with the board plugged in'],
  ],
  run: async (context, { a: path, b: other }, { at, ...options }) => {
    const load = async (name: string): Promise<FileSide> => {
      const firmware = await loadFirmware(context.io, name, defined({ rawAt: at }));
      return { name, image: firmware.image, padding: firmware.padding ?? [] };
    };
    const file = await load(path);
    if (other === undefined) {
      await compareWithDevice(context, file, options);
      return;
    }
    const second = await load(other);
    // Filling that no section owns is no content: objcopy leaves it out, other tools write it.
    const padding = [...file.padding, ...second.padding].sort((a, b) => a.start - b.start);
    const compared = compareImages(file.image.without(padding), second.image.without(padding));
    tellDifferences(context, [file, second], compared);
  },
});

async function compareWithDevice(context: Context, file: FileSide, options: DeviceOptions): Promise<void> {
  context.note(context.style.strong('File'), `${file.name}: ${imageText(file.image)}`);
  await withDevice(context, options, async (device) => {
    const view = progressView(context, device.clock);
    const shared = { signal: context.io.signal, onProgress: view.onProgress };
    const { found, ...comparison } = await compare(device, file, shared).finally(() => view.end());
    tellDifferences(context, [file, { name: device.where, image: found }], comparison);
  });
}

const SHOWN_LINES = 4;

function tellDifferences(context: Context, [a, b]: readonly [Side, Side], found: ImageComparison): void {
  if (found.equal) {
    context.result(context.style.ok('Equal'), `${size(found.equalBytes)}, byte for byte`);
    context.emit({ type: 'result', ok: true, ...found });
    return;
  }
  const lines = linesOf(found.differingRanges);
  for (const line of lines.slice(0, SHOWN_LINES).flatMap((address) => hexDump(a, b, address))) context.print(line);
  if (lines.length > SHOWN_LINES || found.differingRangeCount > found.differingRanges.length) {
    context.print('  and more lines that differ');
  }
  for (const range of found.onlyInA) context.print(`  ${rangeText(range)}  only in ${a.name}`);
  for (const range of found.onlyInB) context.print(`  ${rangeText(range)}  only in ${b.name}`);
  throw different(found, a, b);
}

function different(found: ImageComparison, a: Side, b: Side): CommandError {
  const parts = [
    ...(found.differingBytes > 0
      ? [`${count(found.differingBytes, 'byte')} in ${count(found.differingRangeCount, 'place')}`]
      : []),
    ...onlyIn(found.onlyInA, a.name),
    ...onlyIn(found.onlyInB, b.name),
  ];
  return new CommandError({
    code: 'cli/different',
    exitCode: EXIT.mismatch,
    title: `${a.name} and ${b.name} differ: ${parts.join(', ')}.`,
    facts: { ...found },
  });
}

function onlyIn(ranges: readonly Range[], name: string): string[] {
  const bytes = ranges.reduce((sum, { start, end }) => sum + end - start, 0);
  return bytes > 0 ? [`${count(bytes, 'byte')} only in ${name}`] : [];
}
