/** `merge`: several firmware files as one, such as a bootloader and an application. No device. */
import { formatFirmware } from '@sureflash/image';
import { usage } from '../base/command-error.ts';
import { defined } from '../base/defined.ts';
import { FORMAT, OVERWRITE_OPTIONS } from '../declare/options.ts';
import { oneOrMore, verb } from '../declare/verb.ts';
import { inputName } from '../files/file-access.ts';
import { loadFirmware } from '../files/firmware-file.ts';
import { mergedImage, type NamedImage } from '../files/merged-image.ts';
import { withOutput } from '../files/output.ts';
import { placedFile } from '../files/placed-file.ts';
import { announceFile } from '../parts/announce.ts';
import { openImageOutput, tellLoss } from '../parts/image-output.ts';
import { imageText } from '../render/plan.ts';
import { size } from '../render/words.ts';

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
      ...defined({ format, overwrite }),
    });
    await withOutput(output, async () => {
      const told = output.context;
      const parts: NamedImage[] = [];
      for (const { path, at } of inputs) {
        const firmware = await loadFirmware(context.io, path, at === undefined ? {} : { at });
        announceFile(told, path, firmware);
        parts.push({ name: inputName(path), image: firmware.image });
      }
      const image = mergedImage(parts);
      const bytes = formatFirmware(image, output.format);
      await output.save(bytes);
      tellLoss(output, image, bytes);
      told.result(told.style.ok('Written'), `${output.name}: ${imageText(image)}, ${size(bytes.length)} of file`);
      told.emit({ type: 'result', ok: true, to, format: output.format, bytes: image.byteLength, ...image.range });
    });
  },
});
