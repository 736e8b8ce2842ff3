import { cp, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { folderOfTest, inRepository, manifestIn, PATIENCE_MS, run, succeed } from './folders.ts';

/** A copy of the repository that has manifests and scripts alone. */
async function copied(): Promise<string> {
  const folder = await folderOfTest();
  const packages = (await readdir(inRepository('packages'))).map((name) => `packages/${name}`);
  const manifests = ['.', 'conformance', 'testbed', ...packages].map((name) => join(name, 'package.json'));
  const licences = packages.map((name) => join(name, 'LICENSE'));
  for (const name of [...manifests, ...licences, 'package-lock.json', '.npmrc', 'CHANGELOG.md', 'LICENSE', 'release']) {
    const filter = (path: string): boolean => path !== inRepository('release/out');
    await cp(inRepository(name), join(folder, name), { recursive: true, filter });
  }
  return folder;
}

/** What these tests read of a lock file. */
interface Lock {
  readonly packages: Readonly<Record<string, { version?: string; integrity?: string; resolved?: string }>>;
}

const lockIn = async (folder: string): Promise<Lock> =>
  JSON.parse(await readFile(join(folder, 'package-lock.json'), 'utf8')) as Lock;

it(
  'a new version is set in every manifest, in what they need of each other, in the lock file and in the changelog',
  async () => {
    const folder = await copied();
    await writeFile(join(folder, 'CHANGELOG.md'), '# Changelog\n\n## Unreleased\n\n- Something new.\n');
    await succeed(process.execPath, [join(folder, 'release/version.mjs'), '7.8.9'], { cwd: folder });
    for (const name of ['.', 'conformance', 'testbed', 'packages/cli', 'packages/programmer', 'packages/usbip']) {
      const { version, dependencies = {} } = await manifestIn(join(folder, name));
      expect.soft(version, name).toBe('7.8.9');
      const ours = Object.entries(dependencies).filter(([needed]) => needed.startsWith('@sureflash/'));
      expect.soft(new Set(ours.map(([, range]) => range)).size, name).toBe(ours.length > 0 ? 1 : 0);
      for (const [, range] of ours) expect.soft(range, name).toBe('7.8.9');
    }
    expect((await lockIn(folder)).packages['packages/cli']?.version).toBe('7.8.9');
    expect(await readFile(join(folder, 'CHANGELOG.md'), 'utf8')).toMatch(
      /^# Changelog\n\n## Unreleased\n\n## 7\.8\.9 \(\d{4}-\d\d-\d\d\)\n\n- Something new\.\n$/,
    );
  },
  PATIENCE_MS,
);

it('a version is not set while the changelog says nothing about it', async () => {
  const folder = await copied();
  await writeFile(join(folder, 'CHANGELOG.md'), '# Changelog\n\n## Unreleased\n');
  const ended = await run(process.execPath, [join(folder, 'release/version.mjs'), '7.8.9'], { cwd: folder });
  expect(ended.code).not.toBe(0);
  expect(ended.stderr).toContain('says nothing under "## Unreleased"');
  expect((await manifestIn(folder)).version).not.toBe('7.8.9');
});

it('addresses come into every manifest once they are known, and only then', async () => {
  const folder = await copied();
  const manifest = async () => await manifestIn(join(folder, 'packages/chips'));
  expect(Object.keys(await manifest())).not.toContain('homepage');
  const addresses = {
    repository: 'git+https://host.example/a.git',
    homepage: 'https://a.example',
    bugs: null,
    maintainer: null,
  };
  await writeFile(join(folder, 'release/addresses.json'), JSON.stringify(addresses));
  const script = join(folder, 'release/manifests.mjs');
  expect((await run(process.execPath, [script], { cwd: folder })).stderr).toContain('packages/chips/package.json');
  await succeed(process.execPath, [script, '--write'], { cwd: folder });
  await succeed(process.execPath, [script], { cwd: folder });
  expect(await manifest()).toMatchObject({
    homepage: 'https://a.example',
    repository: { type: 'git', url: 'git+https://host.example/a.git', directory: 'packages/chips' },
  });
  expect(Object.keys(await manifest())).not.toContain('bugs');
});

it('a licence that differs from that of the repository is noticed', async () => {
  const folder = await copied();
  await writeFile(join(folder, 'packages/image/LICENSE'), 'Other words');
  const ended = await run(process.execPath, [join(folder, 'release/manifests.mjs')], { cwd: folder });
  expect(ended.code).not.toBe(0);
  expect(ended.stderr).toContain('packages/image/LICENSE');
});

it('a lock file without a hash, with a weak one or with the address of a download is refused', async () => {
  const script = inRepository('release/lock.mjs');
  const file = join(await folderOfTest(), 'lock.json');
  const lock = await lockIn(inRepository('.'));
  const faults = {
    'has no hash': { integrity: undefined },
    'not one SHA-512': { integrity: 'sha1-AAAAAAAAAAAAAAAAAAAAAAAAAAA=' },
    'download address': { resolved: 'https://registry.example/a.tgz' },
  };
  for (const [told, fault] of Object.entries(faults)) {
    const packages = {
      ...lock.packages,
      'node_modules/commander': { ...lock.packages['node_modules/commander'], ...fault },
    };
    await writeFile(file, JSON.stringify({ ...lock, packages }));
    const ended = await run(process.execPath, [script, file], { cwd: dirname(file) });
    expect.soft(ended.code, told).toBe(1);
    expect.soft(ended.stderr).toContain(told);
  }
  expect(await run(process.execPath, [script], { cwd: dirname(file) })).toEqual({ code: 0, stdout: '', stderr: '' });
});
