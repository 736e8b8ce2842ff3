/** Builds ARM programs for tests with Debian's gcc-arm-none-eabi, where it is; it keeps nothing on disk. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { GeneratedFile } from '@sureflash/programmer/fix';

const GCC = 'arm-none-eabi-gcc';
const FIRMWARE = fileURLToPath(new URL('../../firmware/', import.meta.url));
const LANGUAGE = ['-ffreestanding', '-std=c11'];
const WARNINGS = ['-Wall', '-Wextra', '-Werror', ...LANGUAGE];
const LONGEST_BUILD_MS = 60_000;
/** For tests that build and run many programs: a machine that is busy must not fail them. */
export const LONGEST_MS = 1_800_000;

export type Optimisation = '-Os' | '-O2';
export const OPTIMISATIONS: readonly Optimisation[] = ['-Os', '-O2'];

/** Why nothing can be built here; `undefined` where it can. */
export const noCompiler: string | undefined =
  spawnSync(GCC, ['--version']).status === 0
    ? undefined
    : `skipped: ${GCC} is not installed (Debian: apt-get install gcc-arm-none-eabi)`;

if (noCompiler) process.stderr.write(`${noCompiler}\n`);

export interface Build {
  /** `-mcpu=…` and the like. */
  readonly flags: readonly string[];
  readonly optimisation: Optimisation;
  readonly files: readonly GeneratedFile[];
  /** `-D…`. */
  readonly defines?: readonly string[];
}

/** Compiles every `.c` of `files` without linking. @returns what the compiler complains about; empty if nothing */
export function compile({ flags, optimisation, files, defines = [] }: Build): string {
  return within(files, (folder) => {
    const sources = files.filter(({ name }) => name.endsWith('.c')).map(({ name }) => name);
    const { stderr, status } = gcc(folder, [...flags, ...WARNINGS, optimisation, ...defines, '-c', ...sources]);
    return status === 0 ? stderr : stderr || 'the compiler failed';
  });
}

export interface Place {
  readonly start: number;
  readonly bytes: number;
}

export interface Program extends Build {
  readonly flash: Place;
  readonly ram: Place;
}

/**
 * Links `files` with the start-up code of the tests, whatever the compiler warns of: a mutant may leave a function unused and
 * must fail when it runs. @returns the ELF file @throws Error with the compiler's words
 */
export function link({ flags, optimisation, files, defines = [], flash, ram }: Program): Uint8Array {
  const all = [...files, { name: 'program.ld', text: linkerScript(flash, ram) }];
  return within(all, (folder) => {
    const sources = files.filter(({ name }) => name.endsWith('.c')).map(({ name }) => name);
    const how = ['-nostartfiles', '-nostdlib', '-Wl,--gc-sections', '-T', 'program.ld', '-o', 'program.elf'];
    const build = [...flags, ...LANGUAGE, optimisation, '-ffunction-sections', ...defines, ...how];
    const { stderr, status } = gcc(folder, [...build, join(FIRMWARE, 'startup.c'), ...sources, '-lgcc']);
    if (status !== 0) throw new Error(stderr);
    return new Uint8Array(readFileSync(join(folder, 'program.elf')));
  });
}

function gcc(folder: string, options: readonly string[]): { stderr: string; status: number | null } {
  const { stderr, status } = spawnSync(GCC, [...options, '-I', '.'], {
    cwd: folder,
    encoding: 'utf8',
    timeout: LONGEST_BUILD_MS,
  });
  return { stderr, status };
}

function within<T>(files: readonly GeneratedFile[], work: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'sureflash-fix-'));
  try {
    for (const { name, text } of files) writeFileSync(join(folder, name), text);
    return work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const hex = (value: number): string => `0x${value.toString(16)}`;

function linkerScript(flash: Place, ram: Place): string {
  return `MEMORY {
  FLASH (rx) : ORIGIN = ${hex(flash.start)}, LENGTH = ${hex(flash.bytes)}
  RAM (rwx) : ORIGIN = ${hex(ram.start)}, LENGTH = ${hex(ram.bytes)}
}
ENTRY(Reset_Handler)
_estack = ORIGIN(RAM) + LENGTH(RAM);
SECTIONS {
  .isr_vector : { KEEP(*(.isr_vector)) } > FLASH
  .text : { *(.text*) *(.rodata*) . = ALIGN(4); } > FLASH
  .ARM.exidx : { *(.ARM.exidx*) } > FLASH
  .data : { _sdata = .; *(.data*) . = ALIGN(4); _edata = .; } > RAM AT > FLASH
  _sidata = LOADADDR(.data);
  .bss (NOLOAD) : { _sbss = .; *(.bss*) *(COMMON) . = ALIGN(4); _ebss = .; } > RAM
}
`;
}
