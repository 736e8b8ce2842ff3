/** `check`: what a firmware file itself tells before a device is touched. */
import { explain, FlashError } from '@sureflash/programmer';
import { type Concern, checkFirmware } from '@sureflash/programmer/preflight';
import { CommandError } from '../base/command-error.ts';
import { EXIT } from '../base/exit-codes.ts';
import { FILE_OPTIONS, FIRMWARE } from '../declare/options.ts';
import { text, verb } from '../declare/verb.ts';
import { chipNamed } from '../device/chip-named.ts';
import { loadFirmware } from '../files/firmware-file.ts';
import { announceFile } from '../parts/announce.ts';
import { concernJson, remedyText } from '../render/remedy.ts';
import { bullet } from '../render/wrap.ts';

export const checkVerb = verb({
  operands: { file: FIRMWARE },
  options: { chip: text('<name>', 'the chip that it is for', { completes: 'chip' }), ...FILE_OPTIONS },
  examples: [['sureflash check firmware.elf --chip STM32F105', 'before it is programmed']],
  run: async (context, { file: path }, options) => {
    const chip = options.chip === undefined ? undefined : chipNamed(options.chip);
    const firmware = await loadFirmware(context.io, path, options);
    announceFile(context, path, firmware);
    const concerns = checkFirmware(firmware, { chip });
    const { style } = context;
    for (const { severity, seen, remedy } of concerns) {
      const label = severity === 'danger' ? style.bad('Danger') : style.warn('Warning');
      context.result(label, `${seen}.`);
      context.print(bullet(remedyText(remedy), context.io.out));
    }
    const dangers = concerns.filter(({ severity }) => severity === 'danger');
    if (dangers.length > 0) throw checkRefusal(dangers);
    const without = chip ? '' : '; with --chip more can be said';
    if (concerns.length === 0) context.result(style.ok('Checked'), `nothing speaks against this file${without}`);
    context.emit({ type: 'result', ok: true, concerns: concerns.map(concernJson) });
  },
});

/** The error with which `program` would stop. This verb has no --force. */
function checkRefusal(dangers: readonly Concern[]): CommandError {
  const { code, title, remedies } = explain(new FlashError('preflight/danger', { concerns: dangers }));
  const remedy = remedies.filter(({ action }) => action !== 'go-on-anyway').map(remedyText);
  return new CommandError({ code, exitCode: EXIT.file, title, remedy, facts: { concerns: dangers.map(concernJson) } });
}
