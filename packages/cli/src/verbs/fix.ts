/** `fix`: C for a chip: the jump to its ROM bootloader, a DFU media file, an application check. No device. */
import type { GeneratedModule } from '@sureflash/programmer/fix';
import { usage } from '../base/command-error.ts';
import { defined } from '../base/defined.ts';
import { address, OVERWRITE_OPTIONS } from '../declare/options.ts';
import { choice, flag, type OptionsOf, parsed, requiredOneOf, text, verb, withInitial } from '../declare/verb.ts';
import { partNamed } from '../device/chip-named.ts';
import { type Output, openOutput } from '../files/output.ts';
import type { Context } from '../render/context.ts';
import { bullet } from '../render/wrap.ts';

const WHEN = '--when vbus:PA9, pin:PC13=low, button-hold:PC13=low:1500ms, magic or never';

const FIX_OPTIONS = {
  chip: text('<name>', 'the chip to write for', { completes: 'chip' }),
  when: text('<trigger>', 'bootloader-jump: vbus:PA9, pin:PC13=low, button-hold:PC13=low:1500ms, magic, never'),
  style: withInitial(choice('<style>', 'bootloader-jump: plain CMSIS registers, or HAL', ['cmsis', 'hal']), 'cmsis'),
  magicAddress: parsed('<address>', 'bootloader-jump: where the word lies that survives a reset', address),
  application: parsed('<address>', 'dfu-media, application-check: first address of the application', address),
  class: withInitial(
    choice('<version>', "dfu-media: version of ST's DFU class", ['since-2.11.2', 'before-2.11.2']),
    'since-2.11.2',
  ),
  proof: withInitial(choice('<method>', 'application-check: a CRC, or a signature too', ['crc32', 'ed25519']), 'crc32'),
  out: text('<folder>', 'folder for the files; it must exist', { completes: 'file' }),
  standalone: flag("with small headers of its own, for a build without ST's"),
  ...OVERWRITE_OPTIONS,
};
type Choices = OptionsOf<typeof FIX_OPTIONS>;

const MODULE_KINDS = ['bootloader-jump', 'dfu-media', 'application-check'] as const;
type Kind = (typeof MODULE_KINDS)[number];

export const fixVerb = verb({
  operands: { kind: requiredOneOf('what to write', MODULE_KINDS) },
  options: FIX_OPTIONS,
  examples: [
    [
      'sureflash fix bootloader-jump --chip STM32F105 --when vbus:PA9',
      'into the ROM bootloader when USB is plugged in',
    ],
    ['sureflash fix dfu-media --chip STM32F407VG --application 0x08008000', 'the flash functions of a DFU class'],
    ['sureflash fix application-check --chip STM32L476 --out src', 'for a bootloader of your own'],
  ],
  run: async (context, { kind }, choices) => {
    const module = await generated(kind, choices);
    const files = [...module.files, ...(choices.standalone ? module.headers : [])];
    const folder = choices.out === undefined ? '' : `${choices.out.replace(/[/\\]$/, '')}/`;
    const outputs: { readonly path: string; readonly output: Output; readonly bytes: Uint8Array }[] = [];
    try {
      for (const { name, text: content } of files) {
        const path = `${folder}${name}`;
        const output = await openOutput(context.io, path, { overwrite: choices.overwrite ?? false });
        outputs.push({ path, output, bytes: new TextEncoder().encode(content) });
      }
    } catch (error) {
      for (const { output } of outputs) await output.discard();
      throw error;
    }
    for (const { output, bytes } of outputs) await output.save(bytes);
    const paths = outputs.map(({ path }) => path);
    tellModule(context, module, paths);
    context.emit({ type: 'result', ok: true, files: paths });
  },
});

/** Loaded when it is asked for: the text of the modules is larger than the rest of the command line. */
async function generated(kind: Kind, choices: Choices): Promise<GeneratedModule> {
  if (choices.chip === undefined) throw usage('The code is written for one chip.', 'Name it: --chip STM32F105');
  const part = partNamed(choices.chip);
  const { applicationCheck, bootloaderJump, dfuMedia } = await import('@sureflash/programmer/fix');
  const { when, style, magicAddress, application, proof } = choices;
  const partition = { ...part, ...defined({ application }) };
  if (kind === 'dfu-media') return dfuMedia({ ...partition, classVersion: choices.class });
  if (kind === 'application-check') return applicationCheck({ ...partition, proof });
  if (when === undefined) throw usage('The jump needs to know when it is made.', `Say so: ${WHEN}`);
  return bootloaderJump({ chip: part.chip, when, style, ...defined({ magicAddress }) });
}

function tellModule(context: Context, { steps, cautions, guesses }: GeneratedModule, paths: readonly string[]): void {
  for (const path of paths) context.result(context.style.ok('Written'), path);
  const lists = [
    ['What to do', steps],
    ['What to know on this chip', cautions],
    ['What no public source states', guesses],
  ] as const;
  for (const [title, sentences] of lists) {
    if (sentences.length === 0) continue;
    context.print();
    context.print(context.style.strong(title));
    for (const sentence of sentences) context.print(bullet(sentence, context.io.out));
  }
}
