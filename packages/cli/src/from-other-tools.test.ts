import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { example, fakeIo, sureflash } from './testing/harness.ts';

const PAGES = ['from-dfu-util.md', 'from-cubeprogrammer.md'];
/** These need a board with something in it, or one that is closed. */
const BOARD_OF: Readonly<Record<string, string>> = {
  unprotect: '--virtual stm32f105-rom-rdp1 --instant',
  'option-bytes': '--virtual stm32f407-rom --instant',
};
/** Their devices are those of this machine, of which a test has none. */
const LISTS = new Set(['list']);

const commandsOf = (page: string): string[] =>
  [...page.matchAll(/^\|[^|]*\| `sureflash ([^`]+)` \|/gm)].map((match) => match[1] ?? '');

const pages = await Promise.all(
  PAGES.map(async (name) => ({
    name,
    commands: commandsOf(await readFile(new URL(`../../../docs/${name}`, import.meta.url), 'utf8')),
  })),
);

describe.each(pages)('the page $name', ({ commands }) => {
  it('has commands of sureflash', () => {
    expect(commands.length).toBeGreaterThan(10);
  });

  it.each(commands)('sureflash %s does what the page says', async (command) => {
    const [elf, bin] = await Promise.all(['elf', 'bin'].map((end) => readFile(example(`dashboard-v2.${end}`))));
    const io = fakeIo({
      files: [
        ['app.elf', elf ?? ''],
        ['app.bin', bin ?? ''],
      ],
    });
    const [name = ''] = command.split(' ');
    const made = await sureflash(`convert app.elf app.dfu`, io);
    expect(made.code).toBe(0);
    const board = LISTS.has(name) ? '' : (BOARD_OF[name] ?? `--virtual stm32f105-rom --instant --load app.bin`);
    const loaded = name === 'blank-check' ? '--virtual stm32f105-rom --instant' : board;
    // A device on this machine and a wait for one are the only words that a virtual board cannot have.
    const words = command.replace(/ --usb \S+| --wait/g, '');
    const { code, err } = await sureflash(`${words} ${loaded}`.trim(), io);
    expect(err).not.toMatch(/^Error/m);
    expect(code).toBe(0);
  });
});
