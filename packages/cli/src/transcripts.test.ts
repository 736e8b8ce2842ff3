/** The runs that README.md shows, and its picture, are what the program prints. `npm run docs` writes them anew. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { terminalSvg } from './testing/ansi-svg.ts';
import { example, fakeIo, sureflash } from './testing/harness.ts';
import { Screen } from './testing/screen.ts';

const inRepository = (name: string): string => fileURLToPath(new URL(`../../../${name}`, import.meta.url));
const PAGE = inRepository('README.md');
const PICTURE = inRepository('docs/program.svg');
const COLUMNS = 104;
/** The rest of a run that is not shown. */
const CUT = '  …';
const SHOWN_RUN = /^```\n\$ sureflash (?<words>[^\n]*)\n(?<output>.*?)\n```$/gmsu;
const EXAMPLES = ['dashboard-v1.hex', 'dashboard-v2.elf', 'meter-v1.elf', 'meter-v2.elf'];

/** @returns what stands on the terminal after the command: in modelled time, which is the same on every machine */
async function screenAfter(words: string, color = false): Promise<Screen> {
  const files = await Promise.all(EXAMPLES.map(async (name) => [name, await readFile(example(name))] as const));
  const io = fakeIo({ width: COLUMNS, color, files });
  const screen = new Screen(COLUMNS);
  for (const stream of [io.out, io.err]) stream.onWrite = (text) => screen.write(text);
  await sureflash(`${words} --instant`, io);
  return screen;
}

it('the runs in README.md print what it shows', async () => {
  let page = await readFile(PAGE, 'utf8');
  const runs = [...page.matchAll(SHOWN_RUN)];
  expect(runs).toHaveLength(1);
  for (const { 0: block, groups } of runs) {
    const { words = '', output = '' } = groups ?? {};
    const printed = (await screenAfter(words)).lines;
    const cut = output.split('\n').indexOf(CUT);
    const shown = cut === -1 ? printed : [...printed.slice(0, cut), CUT];
    page = page.replace(block, () => `\`\`\`\n$ sureflash ${words}\n${shown.join('\n')}\n\`\`\``);
  }
  await expect(page).toMatchFileSnapshot(PAGE);
});

it('the picture of README.md is the screen of the run that stands under it', async () => {
  const words = 'program meter-v2.elf --virtual stm32f105-rom --load meter-v1.elf';
  expect(await readFile(PAGE, 'utf8')).toContain(`npx sureflash ${words}\n`);
  const { coloredLines } = await screenAfter(words, true);
  expect(coloredLines.join('\n')).toContain('read back and equal');
  const picture = terminalSvg([`$ sureflash ${words}`, ...coloredLines], {
    columns: COLUMNS,
    title: 'sureflash updates a virtual STM32F105: 3 sectors are written, all 59 are verified',
  });
  await expect(picture).toMatchFileSnapshot(PICTURE);
});
