import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { folderOfTest, inRepository, manifestIn, PATIENCE_MS, run, succeed } from './folders.ts';

const FIRMWARE = inRepository('examples/firmware/out/dashboard-v2.elf');
const { version } = await manifestIn(inRepository('.'));

/** dpkg as root, into a folder of its own: what an administrator does, on a system that has nothing but dpkg's records. */
const canInstall = process.getuid?.() === 0 && existsSync('/usr/bin/dpkg-deb');
const onLinux = process.platform === 'linux' && (process.arch === 'x64' || process.arch === 'arm64');

/** Starts the program in an empty folder that is its home and its temporary folder too, with nothing else in the environment. */
async function tried(program: string, { path = '/usr/bin:/bin' } = {}) {
  const cwd = await folderOfTest();
  const env = { HOME: cwd, TMPDIR: cwd, PATH: path, NODE_PATH: '' };
  const sureflash = async (...args: string[]) => await run(program, args, { cwd, env });
  return { cwd, sureflash };
}

async function expectToWork(program: string, places: { path?: string } = {}): Promise<void> {
  const { cwd, sureflash } = await tried(program, places);
  expect(await sureflash('--version')).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
  const job = await sureflash('program', FIRMWARE, '--virtual', 'stm32f105-rom', '--instant');
  expect(job).toMatchObject({ code: 0 });
  expect(job.stdout + job.stderr).toMatch(/Verified .* read back and equal/s);
  expect(await sureflash('demo', '--instant')).toMatchObject({ code: 0 });
  // The native part asks libusb for all devices; no board is plugged in where this runs, and if one is it is listed.
  const listed = await sureflash('list', '--json');
  expect(listed.stderr).toBe('');
  expect(listed.code).toBe(0);
  const local = await sureflash('info', '--usb', '0-0');
  expect(local.stderr).toMatch(/No .*device|\[cli\/no-device\]/);
  expect(await readdir(cwd)).toEqual([]);
}

it(
  'the bundle works where there is Node and nothing else, and brings the licences of what it contains',
  async () => {
    const folder = join(await folderOfTest(), 'sureflash');
    await succeed(process.execPath, [inRepository('release/bundle.mjs'), folder], { cwd: '/' });
    await expectToWork(join(folder, 'sureflash.cjs'));
    const notices = await readFile(join(folder, 'THIRD-PARTY-NOTICES.txt'), 'utf8');
    for (const name of ['commander', 'usb', 'node-gyp-build', 'libusb'])
      expect(notices).toMatch(new RegExp(`^${name}\\b`, 'm'));
    expect(notices).toContain('GNU LESSER GENERAL PUBLIC LICENSE');
  },
  PATIENCE_MS,
);

it(
  'the bundle reads none of the virtual boards when a board on USB is programmed',
  async () => {
    const folder = join(await folderOfTest(), 'sureflash');
    await succeed(process.execPath, [inRepository('release/bundle.mjs'), folder], { cwd: '/' });
    const parts = await readdir(join(folder, 'parts'));
    const texts = new Map<string, string>();
    for (const part of parts) texts.set(part, await readFile(join(folder, 'parts', part), 'utf8'));
    const atOnce = (part: string, seen = new Set<string>()): Set<string> => {
      if (seen.has(part)) return seen;
      seen.add(part);
      // What is loaded later stands within `Promise.resolve().then(()=>require(…))`.
      const required = (texts.get(part) ?? '').matchAll(/(?<!=>)require\(["']\.\/([^"']+\.cjs)["']\)/g);
      for (const [, next] of required) atOnce(next ?? '', seen);
      return seen;
    };
    const ofVerb = parts.filter((part) => /^program-.*\.cjs$/.test(part));
    expect(ofVerb).not.toEqual([]);
    const loaded = new Set(['main.cjs', ...ofVerb].flatMap((part) => [...atOnce(part)]));
    expect(loaded.size).toBeGreaterThan(3);
    const models = [...texts].filter(([, text]) => text.includes('stm32f105-cubemx-stub')).map(([part]) => part);
    expect(models.length).toBeGreaterThan(0);
    expect(models.filter((part) => loaded.has(part))).toEqual([]);
  },
  PATIENCE_MS,
);

it.skipIf(!onLinux)(
  'the single executable works alone in a folder without Node on the path, and leaves nothing behind',
  async () => {
    const program = join(await folderOfTest(), 'sureflash');
    await succeed(process.execPath, [inRepository('release/executable.mjs'), program], { cwd: inRepository('.') });
    await expectToWork(program, { path: '/nowhere' });
    expect(await readdir(dirname(program))).toEqual(['sureflash']);
  },
  PATIENCE_MS,
);

describe.skipIf(!canInstall)('the Debian package', () => {
  it(
    'is installed by dpkg, works, and is removed without a rest',
    async () => {
      const folder = await folderOfTest();
      await succeed(process.execPath, [inRepository('release/debian.mjs'), folder], { cwd: '/' });
      const [name = 'none'] = (await readdir(folder)).filter((file) => file.endsWith('.deb'));
      const root = join(folder, 'root');
      await succeed('mkdir', ['-p', join(root, 'var/lib/dpkg')], { cwd: '/' });
      const dpkg = async (...args: string[]) =>
        await succeed('dpkg', [`--root=${root}`, '--force-script-chrootless', ...args], { cwd: '/' });
      // What it depends on is on this machine, of which that root's records know nothing.
      const ours = '--ignore-depends=nodejs,libc6,libstdc++6,libudev1';
      await dpkg(ours, '--install', join(folder, name));
      expect(await dpkg('--status', 'sureflash')).toContain(`Version: ${version}`);

      await expectToWork(join(root, 'usr/bin/sureflash'));
      const rules = await readFile(join(root, 'usr/lib/udev/rules.d/70-sureflash.rules'), 'utf8');
      expect(rules).toContain('ATTR{idVendor}=="0483"');
      const bash = join(root, 'usr/share/bash-completion/completions/sureflash');
      const defined = await succeed('bash', ['-c', `source '${bash}' && complete -p sureflash`], { cwd: '/' });
      expect(defined).toContain('sureflash');
      const manual = gunzipSync(await readFile(join(root, 'usr/share/man/man1/sureflash.1.gz'))).toString();
      expect(manual).toContain('.SS "sureflash program"');

      await dpkg('--purge', 'sureflash');
      const left = (await readdir(root, { recursive: true })).filter((path) => path.includes('sureflash'));
      expect(left).toEqual([]);
    },
    PATIENCE_MS,
  );
});
