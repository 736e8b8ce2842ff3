/** `detach`: sends a running program with a DFU run-time interface to its bootloader. */
import { verb } from '../declare/verb.ts';
import { DEVICE_OPTIONS } from '../device/options.ts';
import { withUnannounced } from '../parts/with-device.ts';

const { detach: _always, ...WITHOUT_DETACH } = DEVICE_OPTIONS;

export const detachVerb = verb({
  options: WITHOUT_DETACH,
  examples: [
    ['sureflash detach', 'the only running device that offers it'],
    ['sureflash detach --usb 1209:0002', 'by its vendor and product while its program runs'],
  ],
  run: async (context, _, options) => {
    await withUnannounced(context, { ...options, detach: true }, async ({ about, where }) => {
      context.result(context.style.ok('Bootloader'), `${about.title} on ${where}: it can be programmed now`);
      context.emit({ type: 'result', ok: true, where, title: about.title });
    });
  },
});
