import { existsSync } from 'node:fs';
import { copyFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { has, inRepository, PATIENCE_MS, run, succeed, withSureflash } from './folders.ts';

const RECIPES = inRepository('examples/recipes');
const FIRMWARE = inRepository('examples/firmware/out');
const PROVEN = /Verified .* read back and equal/s;

const canBuild = has('arm-none-eabi-gcc');

/** What VS Code reads of a task. */
interface TaskFile {
  readonly tasks: readonly [{ args: readonly string[]; problemMatcher: readonly { pattern: { regexp: string } }[] }];
}

describe('a recipe', () => {
  it.skipIf(!canBuild || !has('cmake'))(
    'for CMake builds a firmware, programs a virtual board with it, and fails when the board cannot take it',
    async () => {
      const { folder, env } = await withSureflash();
      const configure = async (board: string) =>
        await succeed(
          'cmake',
          [
            '-S',
            join(RECIPES, 'cmake'),
            '-B',
            join(folder, 'build'),
            `-DCMAKE_TOOLCHAIN_FILE=${join(RECIPES, 'cmake/arm-none-eabi.cmake')}`,
            `-DSUREFLASH_OPTIONS=--virtual;${board};--instant`,
          ],
          { cwd: folder, env },
        );
      const flash = async () =>
        await run('cmake', ['--build', join(folder, 'build'), '--target', 'firmware-flash'], { cwd: folder, env });

      await configure('stm32f105-rom');
      const ended = await flash();
      expect(ended).toMatchObject({ code: 0 });
      expect(ended.stdout + ended.stderr).toMatch(PROVEN);
      await configure('stm32f105-cubemx-stub');
      expect((await flash()).code).not.toBe(0);
    },
    PATIENCE_MS,
  );

  it.skipIf(!canBuild || !has('make'))(
    'for Make builds a firmware, programs a virtual board with it, and fails when the board cannot take it',
    async () => {
      const { folder, env } = await withSureflash();
      const flash = async (board: string) =>
        await run(
          'make',
          ['-C', join(RECIPES, 'make'), `OUT=${folder}`, `SUREFLASH_FLAGS=--virtual ${board} --instant`, 'flash'],
          { cwd: folder, env },
        );
      const ended = await flash('stm32f105-rom');
      expect(ended).toMatchObject({ code: 0 });
      expect(ended.stdout + ended.stderr).toMatch(PROVEN);
      expect((await flash('stm32f105-cubemx-stub')).code).not.toBe(0);
    },
    PATIENCE_MS,
  );

  it(
    'for GitHub Actions runs its own steps, but for the installation, and leaves a report',
    async () => {
      const { folder, env } = await withSureflash();
      await mkdir(join(folder, 'build'));
      await copyFile(join(FIRMWARE, 'dashboard-v2.elf'), join(folder, 'build/firmware.elf'));
      const job = await readFile(join(RECIPES, 'github-actions/firmware.yml'), 'utf8');
      const variables = Object.fromEntries(
        [...job.matchAll(/^ {6}([A-Z]+): (\S+)$/gm)].map(([, name, value]) => [name ?? '', value ?? '']),
      );
      expect(Object.keys(variables)).toEqual(['FIRMWARE', 'BOARD']);
      const steps = [...job.matchAll(/^ {8}run: (.+)$/gm)].map(([, line]) => line ?? '');
      const ours = steps.filter((line) => line.startsWith('sureflash '));
      expect(ours).toHaveLength(steps.length - 1);
      for (const line of ours)
        await succeed('bash', ['-e', '-c', line], { cwd: folder, env: { ...env, ...variables } });
      expect(await readFile(join(folder, 'program.html'), 'utf8')).toContain('<html');
      const lines = (await readFile(join(folder, 'again.ndjson'), 'utf8')).trim().split('\n');
      expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ outcome: 'unchanged' });
    },
    PATIENCE_MS,
  );

  it(
    'for VS Code finds the place of a fault in a file, and the text of any other error, once each',
    async () => {
      const { folder, env } = await withSureflash();
      const { tasks } = JSON.parse(await readFile(join(RECIPES, 'vscode/.vscode/tasks.json'), 'utf8')) as TaskFile;
      const { args, problemMatcher } = tasks[0];
      const matches = (text: string): string[][] =>
        text.split('\n').flatMap((line) =>
          problemMatcher.flatMap(({ pattern }) => {
            const found = new RegExp(pattern.regexp).exec(line);
            return found ? [found.slice(1)] : [];
          }),
        );
      const task = async (firmware: string) => {
        const words = args.map((word) => word.replace(/^\$\{.*\}$/, firmware));
        const told = await run('sureflash', [...words, '--virtual', 'stm32f407-rom', '--instant'], {
          cwd: folder,
          env,
        });
        expect(told.code).not.toBe(0);
        return matches(told.stdout + told.stderr);
      };
      const lines = (await readFile(join(FIRMWARE, 'dashboard-v1.hex'), 'utf8')).split('\n');
      lines[9] = `${lines[9]?.slice(0, 20)}`;
      await writeFile(join(folder, 'cut.hex'), lines.join('\n'));
      expect(await task('cut.hex')).toEqual([['cut.hex', '10', expect.any(String), expect.stringMatching(/^image\//)]]);
      expect(await task('none.elf')).toEqual([[expect.stringContaining('none.elf'), 'cli/file']]);
    },
    PATIENCE_MS,
  );
});

it('the page about recipes has a row for each folder of recipes', async () => {
  const page = await readFile(inRepository('docs/recipes.md'), 'utf8');
  const folders = (await readdir(RECIPES)).filter((name) => name !== 'firmware');
  for (const name of folders) expect.soft(page).toContain(`(../examples/recipes/${name})`);
  const linked = [...page.matchAll(/\]\((\.\.\/examples\/[^)]+)\)/g)].map(([, path]) => path ?? '');
  expect(linked.filter((path) => !existsSync(inRepository(join('docs', path))))).toEqual([]);
});
