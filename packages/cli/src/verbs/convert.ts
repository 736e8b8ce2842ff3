/** `convert`: a firmware file in another format, no device. */

import { type DfuseOptions, formatFirmware, UF2_FAMILIES } from '@sureflash/image';
import { usage } from '../base/command-error.ts';
import { defined } from '../base/defined.ts';
import { parseNumber } from '../base/numbers.ts';
import { FILE_OPTIONS, FORMATS, OVERWRITE_OPTIONS } from '../declare/options.ts';
import { type OptionsOf, parsed, required, text, verb } from '../declare/verb.ts';
import { loadFirmware } from '../files/firmware-file.ts';
import { withOutput } from '../files/output.ts';
import { openImageOutput, tellLoss } from '../parts/image-output.ts';
import { imageText } from '../render/plan.ts';
import { size } from '../render/words.ts';

/** DfuSe: identification in its suffix, and the alternate setting. */
const DFUSE_OPTIONS = {
  vid: parsed('<number>', 'DfuSe: vendor id; default 0x0483', id),
  pid: parsed('<number>', 'DfuSe: product id; default 0xDF11', id),
  deviceVersion: parsed('<number>', 'DfuSe: bcdDevice; default 0xFFFF, any', id),
  alternate: parsed('<number>', 'DfuSe: alternate setting; default 0', id),
};

export const convertVerb = verb({
  operands: {
    from: required(`${FORMATS}; - for standard input`),
    to: required('its ending chooses the format; - for standard output'),
  },
  options: {
    ...FILE_OPTIONS,
    family: text('<name>', 'UF2: family by name (STM32F1) or number'),
    ...DFUSE_OPTIONS,
    ...OVERWRITE_OPTIONS,
  },
  examples: [
    ['sureflash convert app.elf app.dfu', 'by the ending'],
    ['sureflash convert app.bin app.uf2 --at 0x08000000', 'a raw binary needs it'],
    ['sureflash convert app.elf app.uf2 --family STM32F4', 'for UF2 bootloaders'],
    ['sureflash convert app.hex app.dfu --vid 0x1209 --pid 0xdb42', 'with ids of its own'],
  ],
  run: async (context, { from, to }, { at, family, format, overwrite, ...ids }) => {
    const { image, entry, format: source } = await loadFirmware(context.io, from, defined({ at }));
    const familyId = family === undefined ? undefined : familyNamed(family);
    const output = await openImageOutput(context, to, {
      inputs: [from],
      ...defined({ format, overwrite }),
    });
    const bytes = await withOutput(output, async () => {
      const made = formatFirmware(image, output.format, {
        ...defined({ entry, family: familyId }),
        dfuse: dfuseOptions(ids),
      });
      await output.save(made);
      tellLoss(output, image, made);
      return made.length;
    });
    const told = output.context;
    told.result(told.style.ok('Written'), `${output.name}: ${imageText(image)}, ${size(bytes)} of file`);
    told.emit({
      type: 'result',
      ok: true,
      from,
      to,
      sourceFormat: source,
      format: output.format,
      bytes: image.byteLength,
    });
  },
});

function id(input: string): number {
  const value = parseNumber(input, 'a 16-bit number');
  if (value <= 0xffff) return value;
  throw usage(`"${input}" has more than 16 bits.`);
}

function dfuseOptions({ vid, pid, deviceVersion, alternate }: OptionsOf<typeof DFUSE_OPTIONS>): DfuseOptions {
  return {
    ...defined({ vendor: vid, product: pid, device: deviceVersion }),
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
