/** `merge`: several firmware files as one, such as a bootloader and an application. No device. */
import { compareImages, formatFirmware, MemoryImage, type Range, type Segment } from '@sureflash/image';
import { hex } from '@sureflash/programmer';
import { CommandError, usage } from '../base/command-error.ts';
import { EXIT } from '../base/exit-codes.ts';
import { FORMAT, OVERWRITE_OPTIONS } from '../declare/options.ts';
import { oneOrMore, verb } from '../declare/verb.ts';
import { inputName } from '../files/file-access.ts';
import { loadFirmware } from '../files/firmware-file.ts';
import { withOutput } from '../files/output.ts';
import { placedFile } from '../files/placed-file.ts';
import { announceFile } from '../parts/announce.ts';
import { openImageOutput } from '../parts/image-output.ts';
import { imageText } from '../render/plan.ts';
import { size } from '../render/words.ts';

/** A file that was read, and what it is called. */
interface Part {
  readonly name: string;
  readonly image: MemoryImage;
}

export const mergeVerb = verb({
  operands: {
    files: oneOrMore('the files to merge, a raw binary as app.bin@0x08004000; the last one is written'),
  },
  options: { format: FORMAT, ...OVERWRITE_OPTIONS },
  examples: [
    ['sureflash merge boot.elf app.hex all.hex', 'into one Intel HEX file'],
    ['sureflash merge boot.bin@0x08000000 app.bin@0x08004000 all.bin', 'raw binaries; gaps become 0xFF'],
  ],
  run: async (context, { files }, { format, overwrite }) => {
    const to = files.at(-1) ?? '';
    const inputs = files.slice(0, -1).map(placedFile);
    if (inputs.length < 2)
      throw usage('A merge takes two files or more, and the one to write.', 'Such as: merge boot.elf app.hex all.hex');
    const output = await openImageOutput(context, to, {
      inputs: inputs.map(({ path }) => path),
      ...(format && { format }),
      ...(overwrite && { overwrite }),
    });
    await withOutput(output, async () => {
      const told = output.context;
      const parts: Part[] = [];
      for (const { path, at } of inputs) {
        const firmware = await loadFirmware(context.io, path, at === undefined ? {} : { at });
        announceFile(told, path, firmware);
        parts.push({ name: inputName(path), image: firmware.image });
      }
      const image = mergedImage(parts);
      const bytes = formatFirmware(image, output.format);
      await output.save(bytes);
      told.result(told.style.ok('Written'), `${output.name}: ${imageText(image)}, ${size(bytes.length)} of file`);
      told.emit({ type: 'result', ok: true, to, format: output.format, bytes: image.byteLength, ...image.range });
    });
  },
});

/** @throws CommandError `cli/overlap` where two files have different bytes at one address */
function mergedImage(parts: readonly Part[]): MemoryImage {
  let image = new MemoryImage([]);
  for (const [i, part] of parts.entries()) {
    for (const before of parts.slice(0, i)) checkOverlap(before, part);
    image = new MemoryImage([...image.segments, ...part.image.segments.flatMap((segment) => beyond(segment, image))]);
  }
  return image;
}

function checkOverlap(a: Part, b: Part): void {
  const [range] = compareImages(a.image, b.image).differingRanges;
  if (!range) return;
  throw new CommandError({
    code: 'cli/overlap',
    exitCode: EXIT.file,
    title: `${a.name} and ${b.name} have different bytes at ${hex(range.start)} to ${hex(range.end - 1)}; nothing was written.`,
    remedy: ['Check the addresses of both files: each must have a part of the flash for itself.'],
    facts: { files: [a.name, b.name], ...range },
  });
}

/** The parts of a segment at addresses where the image has nothing yet. */
function beyond({ address, bytes }: Segment, image: MemoryImage): Segment[] {
  const range: Range = { start: address, end: address + bytes.length };
  const free: Segment[] = [];
  let at = range.start;
  for (const taken of [...image.within(range), { address: range.end, bytes: new Uint8Array(0) }]) {
    if (taken.address > at) {
      free.push({ address: at, bytes: bytes.subarray(at - address, taken.address - address) });
    }
    at = taken.address + taken.bytes.length;
  }
  return free;
}
