/** Compiles the program of the demo's last act where the compiler is, in a folder that is gone afterwards. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findChipByName } from '@sureflash/chips';
import { bootloaderJump, CORE_FLAGS, type GeneratedModule } from '@sureflash/programmer/fix';
import { JUMP_PROGRAM } from './jump-program.ts';

const GCC = 'arm-none-eabi-gcc';
const LONGEST_BUILD_MS = 60_000;

/** The words of `fix` that write what is compiled. */
export const JUMP_WORDS = 'fix bootloader-jump --chip STM32F105 --when vbus:PA9';

export function demoJump(): GeneratedModule {
  const chip = findChipByName('STM32F105');
  if (!chip) throw new Error('no STM32F105 in the chip table');
  return bootloaderJump({ chip, when: 'vbus:PA9' });
}

export interface Compiled {
  readonly elf: Uint8Array;
  /** `12.2.1`. */
  readonly compiler: string;
}

/** @returns the application with the jump in it; `undefined` where there is no compiler @throws Error with the compiler's words */
export async function compileJump(version: number): Promise<Compiled | undefined> {
  const compiler = await runGcc(['-dumpfullversion'], tmpdir()).catch(() => undefined);
  if (compiler === undefined) return undefined;
  const folder = await mkdtemp(join(tmpdir(), 'sureflash-demo-'));
  try {
    const { files, headers } = demoJump();
    for (const { name, text } of [...files, ...headers, ...JUMP_PROGRAM]) await writeFile(join(folder, name), text);
    await runGcc(compilerWords(version), folder);
    return { elf: new Uint8Array(await readFile(join(folder, 'jump.elf'))), compiler: compiler.trim() };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Nothing in what they make depends on where or when it was made. */
function compilerWords(version: number): string[] {
  const core = CORE_FLAGS['cortex-m3']?.split(' ') ?? [];
  const strict = ['-Os', '-std=c11', '-ffreestanding', '-Wall', '-Wextra', '-Werror', '-g0'];
  const linked = ['-nostartfiles', '-nostdlib', '-Wl,--gc-sections,--build-id=none,-s', '-T', 'application.ld'];
  const sources = ['application.c', 'bootloader_jump.c'];
  return [...core, ...strict, `-DFIRMWARE_VERSION=${version}u`, '-I.', ...linked, ...sources, '-o', 'jump.elf'];
}

async function runGcc(words: readonly string[], cwd: string): Promise<string> {
  return await new Promise((resolve, reject) => {
    execFile(GCC, [...words], { cwd, timeout: LONGEST_BUILD_MS }, (error, stdout, stderr) => {
      if (error) reject(new Error(stderr || error.message, { cause: error }));
      else resolve(stdout);
    });
  });
}
