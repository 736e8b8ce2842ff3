/** `reset`: resets the chip behind a debug probe, and lets it run. */
import { FlashError } from '@sureflash/programmer';
import { verb } from '../declare/verb.ts';
import { DEVICE_OPTIONS } from '../device/options.ts';
import { withDevice } from '../parts/with-device.ts';

export const resetVerb = verb({
  options: DEVICE_OPTIONS,
  examples: [['sureflash reset --stlink', 'starts it as its boot pins and option bytes say']],
  run: async (context, _, options) => {
    await withDevice(context, options, async ({ target }) => {
      if (!target.reset) {
        const detail = 'its loader cannot reset it; "sureflash leave" starts its program';
        throw new FlashError('device/not-programmable', { detail });
      }
      await target.reset();
      context.result(context.style.ok('Reset'), 'the chip runs');
      context.emit({ type: 'result', ok: true });
    });
  },
});
