import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { example } from './testing/harness.ts';

const BIN = fileURLToPath(new URL('../bin/sureflash.js', import.meta.url));

/** Writes the address of each module to file descriptor 3 when it is loaded. */
const HOOKS = `import { writeSync } from 'node:fs';
export async function load(url, context, next) { writeSync(3, url + '\\n'); return await next(url, context); }`;
const REGISTER = `import { register } from 'node:module';
register(${JSON.stringify(`data:text/javascript,${encodeURIComponent(HOOKS)}`)});`;

/** Folders of `packages/` from which a command loads modules, as it is built. */
function packagesLoadedBy(words: readonly string[]): string[] {
  const { NODE_OPTIONS: _, ...env } = process.env;
  const { output } = spawnSync(
    process.execPath,
    ['--import', `data:text/javascript,${encodeURIComponent(REGISTER)}`, BIN, ...words],
    { env, encoding: 'utf8', stdio: ['ignore', 'ignore', 'ignore', 'pipe'] },
  );
  const urls = output[3]?.split('\n') ?? [];
  const folders = urls.flatMap((url) => /\/packages\/([^/]+)\/dist\//.exec(url)?.[1] ?? []);
  return [...new Set(folders)].sort();
}

describe('the modules that a command loads', () => {
  it('are those of the command line alone for the overview', () => {
    expect(packagesLoadedBy(['--help'])).toEqual(['cli']);
  });

  it('are nothing of the virtual boards when a board on USB is programmed', () => {
    const loaded = packagesLoadedBy(['program', example('dashboard-v2.elf'), '--usb', '0-0']);
    expect(loaded).toEqual(['chips', 'cli', 'image', 'programmer']);
  });

  it('are the virtual boards when one of them is programmed', () => {
    const words = ['program', example('dashboard-v2.elf'), '--virtual', 'stm32f105-rom', '--instant'];
    expect(packagesLoadedBy(words)).toContain('virtual');
  });

  it('are nothing that knows a chip or a file when devices are listed', () => {
    expect(packagesLoadedBy(['list'])).toEqual(['cli', 'programmer']);
  });

  it('are nothing that knows a file or a device when chips are listed', () => {
    expect(packagesLoadedBy(['chips'])).toEqual(['chips', 'cli', 'programmer']);
  });
});
