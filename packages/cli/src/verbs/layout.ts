/** `layout`: what a DfuSe memory layout string says, what is wrong with it, and a right one for a chip. No device. */
import { hex } from '@sureflash/programmer/basics';
import { CommandError, usage } from '../base/command-error.ts';
import { defined } from '../base/defined.ts';
import { EXIT } from '../base/exit-codes.ts';
import { address } from '../declare/options.ts';
import { optional, parsed, requiredOneOf, text, verb } from '../declare/verb.ts';
import { partNamed } from '../device/chip-named.ts';
import type { Context } from '../render/context.ts';
import { count, size } from '../render/words.ts';

export const layoutVerb = verb({
  operands: {
    action: requiredOneOf('read a string, check it, or make one', ['parse', 'check', 'make']),
    layout: optional('the string, such as "@Internal Flash  /0x08000000/128*002Kg"'),
  },
  options: {
    chip: text('<name>', 'the chip that the string is for', { completes: 'chip' }),
    application: parsed('<address>', 'first address of the application behind a bootloader', address),
  },
  examples: [
    ['sureflash layout make --chip STM32F105RB --application 0x08005000', 'one to copy into usbd_dfu_if.c'],
    ['sureflash layout check "@Flash/0x08000000/128*002Kg"', 'what is wrong with it'],
  ],
  run: async (context, { action, layout }, { chip: name, application }) => {
    const { checkLayout, makeLayout } = await import('@sureflash/programmer/fix');
    const part = name === undefined ? undefined : partNamed(name);
    const border = application === undefined ? {} : { application };
    if (action === 'make') {
      if (!part) throw usage('A layout is made for one chip.', 'Name it: --chip STM32F105');
      const made = makeLayout({ ...part, ...border });
      context.print(made);
      context.emit({ type: 'result', ok: true, layout: made });
      return;
    }
    if (layout === undefined) throw usage(`"layout ${action}" needs the string.`, 'Put it in quotation marks.');
    const found = checkLayout(layout, { ...part, ...border });
    if (found.layout) showSectors(context, found.layout.name, found.layout.sectors);
    const wrong =
      action === 'check' ? found.problems : found.problems.filter(({ kind }) => !found.layout && kind !== undefined);
    if (wrong.length === 0) {
      if (action === 'check') context.result(context.style.ok('Right'), 'nothing is wrong with this string');
      context.emit({ type: 'result', ok: true, layout });
      return;
    }
    throw new CommandError({
      code: 'cli/layout',
      exitCode: EXIT.file,
      title: wrong.map(({ says }) => says).join(' '),
      remedy: found.instead === undefined ? [] : [`Use this one: ${found.instead}`],
      facts: { problems: wrong, ...defined({ instead: found.instead }) },
    });
  },
});

interface Shown {
  readonly start: number;
  readonly end: number;
  readonly readable: boolean;
  readonly erasable: boolean;
  readonly writable: boolean;
}

/** Neighbours that are alike as one line. */
function showSectors(context: Context, name: string, sectors: readonly Shown[]): void {
  context.print(name);
  for (let i = 0; i < sectors.length; ) {
    const first = sectors[i];
    if (!first) return;
    let next = i + 1;
    while (isLike(first, sectors[next]) && sectors[next]?.start === sectors[next - 1]?.end) next++;
    const may = [first.readable && 'read', first.erasable && 'erase', first.writable && 'write'].filter(Boolean);
    const each = `${count(next - i, 'sector')} of ${size(first.end - first.start)}`;
    context.print(`  ${hex(first.start)}  ${each}  ${may.join(', ') || 'nothing'}`);
    i = next;
  }
}

function isLike(a: Shown, b: Shown | undefined): boolean {
  return (
    b !== undefined &&
    b.end - b.start === a.end - a.start &&
    b.readable === a.readable &&
    b.erasable === a.erasable &&
    b.writable === a.writable
  );
}
