/** `write`: words at an address, such as a serial number or a key. The other bytes of their sectors stay. */
import { write } from '@sureflash/programmer';
import { usage } from '../base/command-error.ts';
import { bytesOfWords } from '../base/memory-words.ts';
import { ADDRESS_SPACE, parsePlace } from '../base/numbers.ts';
import { WIDTH_OPTIONS } from '../declare/options.ts';
import { flag, oneOrMore, required, verb } from '../declare/verb.ts';
import { DEVICE_OPTIONS } from '../device/options.ts';
import { writeData } from '../parts/data-job.ts';
import { SUPPLY_OPTIONS } from '../parts/supply.ts';
import { withDevice } from '../parts/with-device.ts';

export const writeVerb = verb({
  operands: {
    address: required('where the first of them goes: 0x0800F000'),
    words: oneOrMore('numbers such as 0x12345678; the lowest byte comes first in memory'),
  },
  options: {
    ...WIDTH_OPTIONS,
    oneTime: flag('also write OTP memory, which nothing undoes'),
    ...SUPPLY_OPTIONS,
    ...DEVICE_OPTIONS,
  },
  examples: [
    ['sureflash write 0x0800F000 0x00012345', 'a serial number of 32 bits'],
    ['sureflash write 0x0800F000 0xDE 0xAD --width 8', 'two bytes'],
    ['sureflash write 0x1FFF7800 0x11 --width 8 --one-time', 'one byte of OTP, for ever'],
  ],
  run: async (context, { address: place, words }, { width, oneTime = false, ...options }) => {
    const address = parsePlace(place);
    const bytes = bytesOfWords(words, width);
    if (address + bytes.length > ADDRESS_SPACE) throw usage('These words go past the last address, 0xFFFFFFFF.');
    await withDevice(context, options, async (device) => {
      await writeData(context, device, {
        place: { start: address, end: address + bytes.length },
        what: words.join(' '),
        supply: options.supply,
        write: async (how) => await write(device, address, bytes, { ...how, oneTime }),
      });
    });
  },
});
