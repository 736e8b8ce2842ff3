/** `leave`: ends the bootloader and starts the program, if there is one. */
import { leave } from '@sureflash/programmer';
import { address } from '../declare/options.ts';
import { parsed, verb } from '../declare/verb.ts';
import { DEVICE_OPTIONS } from '../device/options.ts';
import { withDevice } from '../parts/with-device.ts';
import { startedText } from '../render/started.ts';

export const leaveVerb = verb({
  options: {
    at: parsed('<address>', 'its vector table; default the start of flash that may be written', address),
    ...DEVICE_OPTIONS,
  },
  examples: [['sureflash leave', 'starts what is at the start of flash']],
  run: async (context, _, { at, ...options }) => {
    await withDevice(context, options, async (device) => {
      const address = await leave(device, at);
      context.result(context.style.ok('Left'), startedText(device.about, address));
      context.emit({ type: 'result', ok: true, address });
    });
  },
});
