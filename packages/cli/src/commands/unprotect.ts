/** `unprotect`: takes read protection away, which erases the chip. Never done unasked. */
import { isReadProtected, removeProtection } from '@sureflash/programmer/option-bytes';
import type { Context } from '../context.ts';
import { type Device, withDevice } from '../device/open.ts';
import type { DeviceOptions } from '../device/options.ts';
import { duration, size } from '../render/words.ts';
import { type Consent, confirm } from './confirm.ts';

export async function unprotectCommand(context: Context, options: DeviceOptions & Consent): Promise<void> {
  await withDevice(context, options, async (device) => {
    const { target, clock } = device;
    const known = target.identification;
    const { style } = context;
    if (!(await isReadProtected(target, known))) {
      context.result(style.ok('Open'), 'the chip is not read-protected: there is nothing to do');
      context.emit({ type: 'result', ok: true, outcome: 'open' });
      return;
    }
    const erases = erasedMemories(device);
    context.note(style.strong('Plan'), `remove the read protection; this erases ${erases.join(', ')}`);
    context.note(style.warn('Caution'), 'nothing of it can be read before, and nothing brings it back');
    context.emit({ type: 'plan', erases });
    await confirm(context, 'Erase all of it?', options);
    const started = clock.now();
    await removeProtection(target, { known, reopen: async () => await device.reopen() });
    const took = duration(clock.now() - started);
    context.result(style.ok('Opened'), `the chip is erased and can be read and programmed again (${took})`);
    context.emit({ type: 'result', ok: true, outcome: 'opened', erases });
  });
}

/** What a mass erase takes with it (AN3156 §5.5; RM0038, RM0376 for the EEPROM of L0 and L1). */
function erasedMemories({ target }: Device): string[] {
  const lost = target.geometry.filter(({ kind }) => kind === 'flash' || kind === 'eeprom');
  return [
    ...lost.map(
      ({ name, sectors }) => `all of ${name} (${size(sectors.reduce((sum, s) => sum + s.end - s.start, 0))})`,
    ),
    'the RAM',
    'the write protection',
  ];
}
