/** `leave`: ends the bootloader and starts the program, if there is one. */
import { type About, hex, leave } from '@sureflash/programmer';
import { address } from '../declare/options.ts';
import { parsed, verb } from '../declare/verb.ts';
import { DEVICE_OPTIONS } from '../device/options.ts';
import { withDevice } from '../parts/with-device.ts';

export const leaveVerb = verb({
  options: {
    at: parsed('<address>', 'its vector table; default the start of flash that may be written', address),
    ...DEVICE_OPTIONS,
  },
  examples: [['sureflash leave', 'starts what is at the start of flash']],
  run: async (context, _, { at, ...options }) => {
    await withDevice(context, options, async (device) => {
      const address = await leave(device, at);
      context.result(context.style.ok('Left'), leftText(device.about, address));
      context.emit({ type: 'result', ok: true, address });
    });
  },
});

/** A ROM jumps where it is told (AN3156 §5.6); others may reset the chip, or start a program that they know. */
function leftText({ kind }: About, address: number): string {
  if (kind === 'debug-port') return `the chip runs the program at ${hex(address)}`;
  if (kind === 'st-rom') return `the bootloader has handed over to the program at ${hex(address)}`;
  return `the loader was told to start the program at ${hex(address)}, and has left; which one it starts is its own choice`;
}
