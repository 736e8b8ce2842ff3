/** `check`: what a firmware file itself tells before a device is touched. */
import type { Chip } from '@sureflash/chips/table';
import { type FixKind, hex, type RecognisedFix, recogniseFix } from '@sureflash/programmer/basics';
import { type Concern, checkFirmware } from '@sureflash/programmer/preflight';
import { CommandError } from '../base/command-error.ts';
import { EXIT } from '../base/exit-codes.ts';
import { FILE_OPTIONS, FIRMWARE } from '../declare/options.ts';
import { text, verb } from '../declare/verb.ts';
import { chipNamed } from '../device/chip-named.ts';
import { loadJob } from '../files/firmware-job.ts';
import { announceFiles } from '../parts/announce.ts';
import { concernJson, remedyText } from '../render/remedy.ts';
import { bullet } from '../render/wrap.ts';

export const checkVerb = verb({
  operands: { file: FIRMWARE },
  options: { chip: text('<name>', 'the chip that it is for', { completes: 'chip' }), ...FILE_OPTIONS },
  examples: [['sureflash check firmware.elf --chip STM32F105', 'before it is programmed']],
  run: async (context, { file: words }, options) => {
    const chip = options.chip === undefined ? undefined : chipNamed(options.chip);
    const { files, firmware } = await loadJob(context.io, words, options);
    announceFiles(context, files);
    const modules = recogniseFix(firmware.image);
    for (const module of modules) context.result(context.style.strong('Module'), moduleText(module));
    const strange = chip ? modules.filter((module) => module.chip !== chip.id) : [];
    for (const module of strange) context.result(context.style.warn('Warning'), strangerText(module, chip));
    const concerns = checkFirmware(firmware, { chip });
    const { style } = context;
    for (const { severity, seen, remedy } of concerns) {
      const label = severity === 'danger' ? style.bad('Danger') : style.warn('Warning');
      context.result(label, `${seen}.`);
      context.print(bullet(remedyText(remedy), context.io.out));
    }
    const dangers = concerns.filter(({ severity }) => severity === 'danger');
    if (dangers.length > 0) throw await checkRefusal(dangers);
    const without = chip ? '' : '; with --chip more can be said';
    if (concerns.length + strange.length === 0)
      context.result(style.ok('Checked'), `no fault found in this file${without}`);
    context.emit({ type: 'result', ok: true, concerns: concerns.map(concernJson), modules });
  },
});

/** The error with which `program` would stop. This verb has no --force. */
async function checkRefusal(dangers: readonly Concern[]): Promise<CommandError> {
  const { explain, FlashError } = await import('@sureflash/programmer');
  const { code, title, remedies } = explain(new FlashError('preflight/danger', { concerns: dangers }));
  const remedy = remedies.filter(({ action }) => action !== 'go-on-anyway').map(remedyText);
  return new CommandError({ code, exitCode: EXIT.file, title, remedy, facts: { concerns: dangers.map(concernJson) } });
}

const MODULE_TITLES: Readonly<Record<FixKind, string>> = {
  'bootloader-jump': 'the jump to the ROM bootloader',
  'dfu-media': 'the flash functions of a DFU class',
  'application-check': 'the check of an application by its loader',
};

/** `the jump to the ROM bootloader, made by sureflash for stm32f105: when=vbus:PA9 (at 0x080001A0)` */
function moduleText({ kind, chip, facts, address }: RecognisedFix): string {
  const said = Object.entries(facts).map(([name, value]) => `${name} ${value}`);
  return `${MODULE_TITLES[kind]}, made by sureflash for ${chip}: ${said.join(', ')} (at ${hex(address)})`;
}

function strangerText(module: RecognisedFix, chip: Chip | undefined): string {
  return `this module was made for ${module.chip}, not for ${chip?.id}: write it again (sureflash fix ${module.kind}).`;
}
