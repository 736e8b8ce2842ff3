/** Folders and programs for the tests of what is delivered: they run what a user runs, from outside of the repository. */
import { execFile, spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

/** Programs of other makers are waited for as long as a busy machine needs; a run that hangs ends all the same. */
export const PATIENCE_MS = 900_000;

/** @param name of a file, from the root of the repository */
export const inRepository = (name: string): string => fileURLToPath(new URL(`../../../${name}`, import.meta.url));

/** What these tests read of a manifest. */
export interface Manifest {
  readonly version: string;
  readonly homepage?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}

/** @returns the manifest in that folder; a parsed boundary: each test states what it expects of it */
export async function manifestIn(folder: string): Promise<Manifest> {
  return JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as Manifest;
}

export async function emptyFolder(): Promise<string> {
  return await mkdtemp(join(tmpdir(), 'sureflash-'));
}

/** @returns a folder that is removed when the test has ended */
export async function folderOfTest(): Promise<string> {
  const folder = await emptyFolder();
  onTestFinished(async () => await rm(folder, { recursive: true, force: true }));
  return folder;
}

/** @returns whether this machine has the program */
export const has = (program: string, ...question: readonly string[]): boolean =>
  spawnSync(program, question.length > 0 ? question : ['--version']).status === 0;

/** @returns a folder with `bin/sureflash`, and a path that begins there, as after an installation */
export async function withSureflash(): Promise<{ folder: string; env: Record<string, string> }> {
  const folder = await folderOfTest();
  await mkdir(join(folder, 'bin'));
  await symlink(inRepository('packages/cli/bin/sureflash.js'), join(folder, 'bin/sureflash'));
  return { folder, env: { PATH: `${join(folder, 'bin')}:${process.env['PATH'] ?? ''}` } };
}

export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** @returns how the program ended; it is never taken from the repository's own node_modules/.bin */
export async function run(
  program: string,
  args: readonly string[],
  options: { cwd: string; env?: Readonly<Record<string, string>> },
): Promise<Ended> {
  const { NODE_OPTIONS: _, ...inherited } = process.env;
  const env = { ...inherited, NO_COLOR: '1', ...options.env };
  return await new Promise((resolve, reject) => {
    execFile(
      program,
      args,
      { cwd: options.cwd, env, timeout: PATIENCE_MS, maxBuffer: 64 << 20 },
      (error, stdout, stderr) => {
        if (error && typeof error.code !== 'number') reject(error);
        else resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr });
      },
    );
  });
}

/** @returns standard output */
export async function succeed(...call: Parameters<typeof run>): Promise<string> {
  const { code, stdout, stderr } = await run(...call);
  if (code !== 0) throw new Error(`${call[0]} ${call[1].join(' ')} ended with ${code}\n${stdout}${stderr}`);
  return stdout;
}
