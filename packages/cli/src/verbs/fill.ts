/** `fill`: one value over a range. The bytes of its sectors beside the range stay. */
import { fill } from '@sureflash/programmer';
import { usage } from '../base/command-error.ts';
import { bytesOfWords } from '../base/memory-words.ts';
import { parseRange } from '../base/numbers.ts';
import { WIDTH_OPTIONS } from '../declare/options.ts';
import { required, verb, withInitial } from '../declare/verb.ts';
import { DEVICE_OPTIONS } from '../device/options.ts';
import { writeData } from '../parts/data-job.ts';
import { SUPPLY_OPTIONS } from '../parts/supply.ts';
import { withDevice } from '../parts/with-device.ts';
import { size } from '../render/words.ts';

export const fillVerb = verb({
  operands: {
    range: required('0x08010000+1K, or 0x08010000..0x08010400'),
    value: required('a number, again and again: 0x00'),
  },
  options: { width: withInitial(WIDTH_OPTIONS.width, 8), ...SUPPLY_OPTIONS, ...DEVICE_OPTIONS },
  examples: [
    ['sureflash fill 0x08010000+1K 0x00', 'zeros'],
    ['sureflash fill 0x08010000+1K 0xDEADBEEF --width 32', 'words of 32 bits'],
  ],
  run: async (context, { range: text, value }, { width, ...options }) => {
    const range = parseRange(text);
    const pattern = bytesOfWords([value], width);
    const bytes = range.end - range.start;
    if (bytes % pattern.length !== 0) {
      throw usage(
        `${size(bytes)} are not a whole number of words of ${width} bits.`,
        'Choose a range that is a multiple of them.',
      );
    }
    await withDevice(context, options, async (device) => {
      await writeData(context, device, {
        place: range,
        what: `${value}, again and again`,
        supply: options.supply,
        write: async (how) => await fill(device, range, pattern, how),
      });
    });
  },
});
