/** `unprotect`: takes read protection away, which erases the chip. Never done unasked. */
import type { Device, Region } from '@sureflash/programmer';
import { isReadProtected, unprotect } from '@sureflash/programmer/option-bytes';
import { YES_OPTIONS } from '../declare/options.ts';
import { verb } from '../declare/verb.ts';
import { DEVICE_OPTIONS } from '../device/options.ts';
import { confirm } from '../parts/confirm.ts';
import { withDevice } from '../parts/with-device.ts';
import { duration, size } from '../render/words.ts';

export const unprotectVerb = verb({
  options: { ...YES_OPTIONS, ...DEVICE_OPTIONS },
  examples: [['sureflash unprotect', 'says what is erased, and asks']],
  run: async (context, _, options) => {
    await withDevice(context, options, async (device) => {
      const { clock } = device;
      const { style } = context;
      if (!(await isReadProtected(device))) {
        context.result(style.ok('Open'), 'the chip is not read-protected: there is nothing to do');
        context.emit({ type: 'result', ok: true, outcome: 'open' });
        return;
      }
      const erases = erasedMemories(device);
      context.note(style.strong('Plan'), `remove the read protection; this erases ${erases.join(', ')}`);
      context.note(style.warn('Caution'), 'none of it can be read first, and nothing brings it back');
      context.emit({ type: 'plan', erases });
      await confirm(context, 'Erase all of it?', options);
      const started = clock.now();
      await unprotect(device, { reopen: device.reopen });
      const took = duration(clock.now() - started);
      context.result(style.ok('Opened'), `the chip is erased and can be read and programmed again (${took})`);
      context.emit({ type: 'result', ok: true, outcome: 'opened', erases });
    });
  },
});

/** Where TrustZone divides the flash, all of it is lost, also what no debugger reaches. */
function lostMemoryText({ name, sectors, partOf }: Region): string {
  const whole = partOf?.sectors ?? sectors;
  const bytes = whole.reduce((sum, { start, end }) => sum + end - start, 0);
  return `all of ${partOf ? 'the flash, secure or not' : name} (${size(bytes)})`;
}

/** What a mass erase takes with it (AN3156 §5.5; RM0038, RM0376 for the EEPROM of L0 and L1). */
function erasedMemories({ target }: Device): string[] {
  const lost = target.geometry.filter(({ kind }) => kind === 'flash' || kind === 'eeprom').map(lostMemoryText);
  return [...new Set(lost), 'the RAM', 'the write protection'];
}
