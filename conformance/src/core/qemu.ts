/** Debian's compiler and QEMU's boards, as oracles for what exceptions do: a program runs on both and logs words. */

import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type CoreName, createCore, createMemoryMap, elfSegments, elfSymbol } from '@sureflash/virtual';

/** Boards with their code at 0 and RAM at 0x20000000. */
export const BOARDS: Readonly<Partial<Record<CoreName, string>>> = {
  m0: 'microbit',
  m3: 'mps2-an385',
  m4: 'mps2-an386',
  m7: 'mps2-an500',
};

/** @returns why programs cannot be compiled here; nothing when they can */
export function compilerMissing(): string | undefined {
  return spawnSync('arm-none-eabi-gcc', ['--version']).status === 0 ? undefined : 'arm-none-eabi-gcc is not installed';
}

/** @returns why programs cannot be compiled and run on QEMU here; nothing when they can */
export function qemuMissing(): string | undefined {
  if (spawnSync('qemu-system-arm', ['--version']).status !== 0) return 'qemu-system-arm is not installed';
  return compilerMissing();
}

export interface Compiled {
  readonly elf: string;
  readonly image: Uint8Array;
  /** Address of the log: a count, then the words. */
  readonly trace: number;
  dispose(): void;
}

const QEMU_CODE_BYTES = 0x1_0000;
const sources = fileURLToPath(new URL('../../src/core/programs/', import.meta.url));

const OPTIONS = ['-mthumb', '-mfloat-abi=soft', '-nostdlib', '-ffreestanding', '-Wall', '-Werror'];

interface QemuBuild {
  readonly script: string;
  readonly level?: '-Os' | '-O2';
  readonly define?: Readonly<Record<string, number>>;
}

/** Builds `programs/<name>.c` for a core. */
export function compileElf(name: string, core: CoreName, { script, level = '-Os', define = {} }: QemuBuild) {
  const folder = mkdtempSync(join(tmpdir(), 'sureflash-core-'));
  const elf = join(folder, 'program.elf');
  const cpu = core === 'm0+' ? 'cortex-m0plus' : `cortex-${core}`;
  const defined = Object.entries(define).map(([symbol, value]) => `-D${symbol}=${value}u`);
  const files = ['-T', join(sources, script), join(sources, `${name}.c`), '-o', elf, '-lgcc'];
  execFileSync('arm-none-eabi-gcc', [`-mcpu=${cpu}`, ...OPTIONS, level, ...defined, ...files]);
  return { elf, file: readFileSync(elf), dispose: () => rmSync(folder, { recursive: true }) };
}

/** A program for the boards of QEMU, which keep code at 0. */
export function compileForQemu(name: string, core: CoreName, level: '-Os' | '-O2'): Compiled {
  const { elf, file, dispose } = compileElf(name, core, { script: 'link.ld', level });
  const image = new Uint8Array(QEMU_CODE_BYTES);
  for (const { address, bytes } of elfSegments(file)) image.set(bytes, address);
  return { elf, image, trace: elfSymbol(file, 'trace'), dispose };
}

/** @returns the lines that the program printed by semihosting */
export function runInQemu({ elf }: Compiled, board: string): string[] {
  const semihosting = ['-semihosting-config', 'enable=on,target=native'];
  const shown = ['-nographic', '-monitor', 'none', '-serial', 'none'];
  const { stdout, stderr } = spawnSync('qemu-system-arm', ['-M', board, ...shown, ...semihosting, '-kernel', elf], {
    encoding: 'utf8',
    timeout: 50_000,
  });
  return `${stdout}${stderr}`.split('\n').filter((line) => /^[0-9a-f]{8}$/.test(line));
}

const DHCSR = 0xe000_edf0;

/** @returns the words that the program had logged when it reached its first semihosting call */
export function runOnCore({ image, trace }: Compiled, name: CoreName): string[] {
  const ram = new Uint8Array(0x4000);
  const bus = createMemoryMap([
    { name: 'code', start: 0, length: image.length, bytes: image },
    { name: 'ram', start: 0x2000_0000, length: ram.length, bytes: ram, writable: true },
  ]);
  const core = createCore({ core: name, bus });
  core.reset(0);
  core.debugPort.write(DHCSR, 4, 0xa05f_0001);
  core.run(10_000_000);
  if (core.state !== 'halted') return [`the core is ${core.state}`];
  const words = new Uint32Array(ram.buffer, trace - 0x2000_0000);
  return [...words.subarray(1, 1 + (words[0] ?? 0))].map((word) => word.toString(16).padStart(8, '0'));
}
