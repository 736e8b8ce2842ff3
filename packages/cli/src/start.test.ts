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

/** Modules in the `dist` folders of packages that a command loads: `cli/run.js`. */
function modulesLoadedBy(words: readonly string[]): string[] {
  const { NODE_OPTIONS: _, ...env } = process.env;
  const { output } = spawnSync(
    process.execPath,
    ['--import', `data:text/javascript,${encodeURIComponent(REGISTER)}`, BIN, ...words],
    { env, encoding: 'utf8', stdio: ['ignore', 'ignore', 'ignore', 'pipe'] },
  );
  const urls = output[3]?.split('\n') ?? [];
  return urls.flatMap((url) => {
    const match = /\/packages\/([^/]+)\/dist\/(.+)$/.exec(url);
    return match ? [`${match[1]}/${match[2]}`] : [];
  });
}

/** The packages of these modules. */
function packagesLoadedBy(words: readonly string[]): string[] {
  return [...new Set(modulesLoadedBy(words).map((path) => path.split('/')[0] ?? ''))].sort();
}

describe('the modules that a command loads', () => {
  it('are those of the command line for the overview, and what makes text safe to print', () => {
    const basics =
      /^programmer\/(basics\/|ports\/visible|target\/geometry|fix\/identity|usb-filters|(dfu|stlink|cmsis-dap)\/filters)/;
    expect(modulesLoadedBy(['--help']).filter((path) => !path.startsWith('cli/') && !basics.test(path))).toEqual([]);
  });

  it('are nothing of the virtual boards when a board on USB is programmed', () => {
    const loaded = packagesLoadedBy(['program', example('dashboard-v2.elf'), '--usb', '0-0']);
    expect(loaded).toEqual(['chips', 'cli', 'image', 'programmer']);
  });

  it('are nothing that knows a device when a file is checked', () => {
    const loaded = modulesLoadedBy(['check', example('dashboard-v2.elf')]);
    expect(loaded.filter((path) => /^programmer\/(engine|dfu\/.+|transports|evidence)\//.test(path))).toEqual([]);
    expect(loaded.filter((path) => /^chips\/(option-bytes|bootloader)\//.test(path))).toEqual([]);
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
