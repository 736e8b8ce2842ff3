import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inNode, inPage, STRICTEST } from './consumer.ts';
import { emptyFolder, inRepository, manifestIn, PATIENCE_MS, run, succeed } from './folders.ts';

const FIRMWARE = inRepository('examples/firmware/out/dashboard-v2.elf');
const ELF_BYTES = 119_912;
const OURS = ['sureflash', ...['chips', 'image', 'programmer', 'usbip', 'virtual'].map((name) => `@sureflash/${name}`)];

const OPTIONS = ['--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts'];

/** An empty folder into which the tarballs of all packages were installed, as on a machine without this repository. */
let home = '';

beforeAll(async () => {
  home = await emptyFolder();
  const packed = await succeed(process.execPath, [inRepository('release/pack.mjs'), join(home, 'tarballs')], {
    cwd: home,
  });
  const tarballs = packed
    .trim()
    .split('\n')
    .map((line) => line.split('\t')[2] ?? '');
  await writeFile(join(home, 'package.json'), JSON.stringify({ name: 'home', private: true, type: 'module' }));
  await succeed('npm', ['install', ...OPTIONS, ...tarballs], { cwd: home });
}, PATIENCE_MS);

afterAll(async () => await rm(home, { recursive: true, force: true }));

async function filesOf(name: string): Promise<string[]> {
  const folder = join(home, 'node_modules', name);
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map(({ parentPath, name: file }) => join(parentPath, file));
}

describe.each(OURS)('%s, installed from its tarball', (name) => {
  const installed = (file: string): string => join(home, 'node_modules', name, file);

  it('has the licence of the repository, word for word', async () => {
    expect(await readFile(installed('LICENSE'), 'utf8')).toBe(await readFile(inRepository('LICENSE'), 'utf8'));
  });

  it('has a README that carries its name and links to no file that is not there', async () => {
    const text = await readFile(installed('README.md'), 'utf8');
    expect(text.split('\n')[0]).toBe(`# ${name}`);
    const links = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, link]) => link ?? '');
    expect(links.filter((link) => !existsSync(installed(link)))).toEqual([]);
  });

  it('has no test, no test helper, no build state, and no map of sources that are not there', async () => {
    const files = await filesOf(name);
    expect(files.length).toBeGreaterThan(10);
    expect(files.filter((file) => /\.test\.|\/testing?\/|\.tsbuildinfo$|\.map$/.test(file))).toEqual([]);
    for (const file of files.filter((path) => path.endsWith('.js'))) {
      expect.soft(await readFile(file, 'utf8'), file).not.toContain('sourceMappingURL');
    }
  });

  it('asks for the part of the standard library that its declarations need', async () => {
    for (const file of (await filesOf(name)).filter((path) => path.endsWith('.d.ts'))) {
      const text = await readFile(file, 'utf8');
      if (!/AsyncDisposable|asyncDispose/.test(text)) continue;
      expect.soft(text, file).toContain('/// <reference lib="esnext.disposable" preserve="true" />');
    }
  });

  it('finds each of its own modules', async () => {
    for (const file of (await filesOf(name)).filter((path) => /\/dist\/.*\.(js|d\.ts)$/.test(path))) {
      const text = await readFile(file, 'utf8');
      const imported = [...text.matchAll(/(?:from |import\(?)['"](\.[^'"]+)['"]/g)].map(([, path]) => path ?? '');
      for (const path of imported) {
        const built = join(dirname(file), file.endsWith('.ts') ? path.replace(/\.[jt]s$/, '.d.ts') : path);
        expect.soft(existsSync(built), `${file} imports ${path}`).toBe(true);
      }
    }
  });
});

describe('the command line, installed from its tarball', () => {
  const sureflash = async (...args: string[]) =>
    await run(join(home, 'node_modules/.bin/sureflash'), args, { cwd: home });

  it('tells the version of its package', async () => {
    const { version } = await manifestIn(inRepository('.'));
    expect(await sureflash('--version')).toMatchObject({ code: 0, stdout: `${version}\n` });
  });

  it(
    'programs a virtual board and proves it',
    async () => {
      const ended = await sureflash('program', FIRMWARE, '--virtual', 'stm32f105-rom', '--instant');
      expect(ended).toMatchObject({ code: 0 });
      expect(ended.stdout + ended.stderr).toMatch(/Verified .* read back and equal/s);
    },
    PATIENCE_MS,
  );

  it(
    'is one tarball that needs no other, and brings the licences of what it contains',
    async () => {
      const alone = await emptyFolder();
      try {
        const tarball = (await readdir(join(home, 'tarballs'))).find((name) => /^sureflash-\d/.test(name)) ?? 'none';
        await succeed('npm', ['install', ...OPTIONS, join(home, 'tarballs', tarball)], { cwd: alone });
        const modules = join(alone, 'node_modules');
        expect(await readdir(modules)).not.toContain('@sureflash');
        const ended = await run(join(modules, '.bin/sureflash'), ['demo', '--instant'], { cwd: alone });
        expect(ended).toMatchObject({ code: 0 });
        const notices = await readFile(join(modules, 'sureflash/THIRD-PARTY-NOTICES.txt'), 'utf8');
        expect(notices).toMatch(/^commander\b/m);
      } finally {
        await rm(alone, { recursive: true, force: true });
      }
    },
    PATIENCE_MS,
  );

  it(
    'has the firmware that its demo and the boards with an application load',
    async () => {
      expect(await sureflash('demo', '--instant')).toMatchObject({ code: 0 });
      const board = await sureflash('info', '--virtual', 'stm32f105-cubemx-stub', '--instant');
      expect(board).toMatchObject({ code: 0 });
    },
    PATIENCE_MS,
  );
});

describe('a TypeScript project with the strictest settings, beside the tarballs', () => {
  const ways = [
    { name: 'nodenext', compiler: { module: 'nodenext' } },
    { name: 'bundler', compiler: { module: 'esnext', moduleResolution: 'bundler' } },
  ];

  async function compile(folder: string, files: Readonly<Record<string, string>>, compilerOptions: object) {
    await mkdir(folder, { recursive: true });
    for (const [file, text] of Object.entries(files)) {
      await mkdir(dirname(join(folder, file)), { recursive: true });
      await writeFile(join(folder, file), text);
    }
    const config = {
      compilerOptions: { ...STRICTEST, rootDir: '.', outDir: 'out', ...compilerOptions },
      include: ['**/*.ts'],
      exclude: ['out'],
    };
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(config));
    const tsc = inRepository('node_modules/typescript/bin/tsc');
    return await run(process.execPath, [tsc, '-p', folder], { cwd: folder });
  }

  it.each(ways)(
    'compiles for a web page under $name, with no types but those of WebUSB',
    async ({ name, compiler }) => {
      const types = [inRepository('node_modules/@types/w3c-web-usb')];
      expect(await compile(join(home, `page-${name}`), await inPage(), { ...compiler, types })).toMatchObject({
        stdout: '',
        code: 0,
      });
    },
    PATIENCE_MS,
  );

  it.each(ways)(
    'compiles for Node under $name, and what was compiled programs a board',
    async ({ name, compiler }) => {
      const folder = join(home, `node-${name}`);
      const options = { ...compiler, types: [inRepository('node_modules/@types/node')] };
      expect(await compile(folder, await inNode(), options)).toMatchObject({
        stdout: '',
        code: 0,
      });
      const told = await succeed(process.execPath, [join(folder, 'out/node/main.js'), FIRMWARE], { cwd: folder });
      expect(told.trim()).toBe(`programmed ${ELF_BYTES}`);
    },
    PATIENCE_MS,
  );

  it(
    'refuses what the declarations forbid',
    async () => {
      const files = await inNode();
      const wrong = { ...files, 'node/main.ts': (files['node/main.ts'] ?? '').replace("'stm32f105-rom'", '105') };
      const types = [inRepository('node_modules/@types/node')];
      const ended = await compile(join(home, 'wrong'), wrong, { ...ways[0]?.compiler, types });
      expect(ended.stdout).toContain("'number' is not assignable");
      expect(ended.code).not.toBe(0);
    },
    PATIENCE_MS,
  );
});
