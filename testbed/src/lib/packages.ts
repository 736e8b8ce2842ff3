/** What the guest is made of: Debian's tools on this machine, and a kernel that is unpacked without being installed. */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { Problem } from './problem.ts';

/** A Debian kernel, unpacked: its root folder, its version ("6.1.0-56-amd64") and its image. */
export interface Kernel {
  readonly root: string;
  readonly version: string;
  readonly image: string;
}

/** A program that is needed, and the Debian package that has it. */
const NEEDED = [
  { package: 'qemu-system-x86', program: 'qemu-system-x86_64' },
  { package: 'busybox-static', program: 'busybox' },
  { package: 'cpio', program: 'cpio' },
  { package: 'kmod', program: 'depmod' },
  { package: 'usbip', program: 'usbip' },
  { package: 'dfu-util', program: 'dfu-util' },
  { package: 'fwupd', program: 'fwupdtool' },
  { package: 'udev', program: '/lib/systemd/systemd-udevd' },
];

/** What a race on this machine's own processor needs. */
const NATIVE = [
  { package: 'dfu-util', program: 'dfu-util' },
  { package: 'gcc', program: 'gcc' },
  { package: 'libc6-dev', program: '/usr/include/netdb.h' },
];

const SBIN = ['/usr/local/sbin', '/usr/sbin', '/sbin'];

/** Where kernels are kept between runs. */
export const cacheFolder = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'sureflash-testbed');

/** @returns the path of a program, or undefined */
export function findProgram(name: string): string | undefined {
  const folders = name.startsWith('/') ? [''] : [...(process.env['PATH'] ?? '').split(':'), ...SBIN];
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
}

/** @throws Problem where it is not installed */
export function programPath(name: string): string {
  const path = findProgram(name);
  if (!path) throw new Problem(`${name} is not installed.`);
  return path;
}

/** Installs what is missing when we may. @throws Problem that names the packages and the command */
export function ensurePrograms(): void {
  ensure(NEEDED);
}

/** The same for programs that run beside the guest. */
export function ensureNativePrograms(): void {
  ensure(NATIVE);
}

function ensure(needed: typeof NEEDED): void {
  const missing = needed.filter(({ program }) => !findProgram(program)).map((each) => each.package);
  if (missing.length === 0) return;
  const command = `apt-get install -y --no-install-recommends ${missing.join(' ')}`;
  if (process.getuid?.() !== 0 || !findProgram('apt-get')) {
    throw new Problem(`These Debian packages are missing: ${missing.join(', ')}. As root: ${command}`);
  }
  process.stderr.write(`testbed: installing ${missing.join(', ')}\n`);
  aptGet(['install', '-y', '--no-install-recommends', ...missing], '/');
}

/**
 * Debian's kernel of this release, unpacked below the cache folder with its module index.
 * @throws Problem where none can be had
 */
export function ensureKernel(): Kernel {
  const kept = keptKernel();
  if (kept) return kept;
  if (!findProgram('apt-get')) {
    throw new Problem(
      `A Debian kernel is needed: unpack one with "dpkg -x linux-image-….deb" into ${cacheFolder}/NAME.`,
    );
  }
  mkdirSync(cacheFolder, { recursive: true });
  const name = kernelPackage();
  const folder = join(cacheFolder, name);
  const work = `${folder}.${process.pid}.part`;
  mkdirSync(work, { recursive: true });
  try {
    process.stderr.write(`testbed: downloading ${name}\n`);
    aptGet(['download', name], work);
    const archive = readdirSync(work).find((file) => file.endsWith('.deb'));
    if (!archive) throw new Problem(`apt-get downloaded no ${name}.`);
    execFileSync('dpkg', ['-x', archive, 'root'], { cwd: work });
    const { version } = kernelThatIsIn(join(work, 'root'));
    execFileSync(programPath('depmod'), ['-b', join(work, 'root'), version]);
    rmSync(folder, { recursive: true, force: true });
    renameSync(join(work, 'root'), folder);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return kernelThatIsIn(folder);
}

function keptKernel(): Kernel | undefined {
  if (!existsSync(cacheFolder)) return undefined;
  const names = readdirSync(cacheFolder).filter((name) => !name.endsWith('.part'));
  return names.map((name) => kernelIn(join(cacheFolder, name))).findLast((kernel) => kernel !== undefined);
}

function kernelThatIsIn(root: string): Kernel {
  const kernel = kernelIn(root);
  if (!kernel) throw new Problem(`There is no kernel image in ${join(root, 'boot')}.`);
  return kernel;
}

function kernelIn(root: string): Kernel | undefined {
  const boot = join(root, 'boot');
  const image = existsSync(boot) && readdirSync(boot).find((file) => file.startsWith('vmlinuz-'));
  if (!image) return undefined;
  return { root, version: image.slice('vmlinuz-'.length), image: join(boot, image) };
}

/** The newest one that the meta package depends on, such as `linux-image-6.1.0-56-amd64`. */
function kernelPackage(): string {
  const ask = (): string | undefined => {
    const { stdout } = spawnSync('apt-cache', ['depends', 'linux-image-amd64'], { encoding: 'utf8' });
    return /Depends: (linux-image-\d\S+)/.exec(stdout)?.[1];
  };
  let name = ask();
  if (!name && process.getuid?.() === 0) {
    aptGet(['update'], '/');
    name = ask();
  }
  if (!name) throw new Problem('apt knows no kernel. As root: apt-get update; it must list linux-image-amd64.');
  return name;
}

/** Package lists that are too old name files that are gone: then they are brought up to date once. */
function aptGet(args: readonly string[], cwd: string): void {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' };
  const run = (words: readonly string[]) => spawnSync('apt-get', ['-q', ...words], { cwd, env, encoding: 'utf8' });
  if (run(args).status === 0) return;
  if (process.getuid?.() === 0) run(['update']);
  const { status, stderr } = run(args);
  if (status !== 0) throw new Problem(`apt-get ${args.join(' ')} failed:\n${stderr}`);
}
