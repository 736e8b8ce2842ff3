/** Where this program runs: in a container, in Windows' Linux, on a machine of its own. */
import { access, readFile } from 'node:fs/promises';

export type Surrounding = 'container' | 'wsl' | 'machine';

export interface SurroundingPlaces {
  /** Files that container engines leave. */
  readonly marks: readonly string[];
  /** What is mounted where: the layers of an engine without marks have its name. */
  readonly mounts: string;
  /** WSL 2 registers Windows programs there, whoever has built its kernel. */
  readonly interop: string;
  /** The release of the kernel: WSL's says so. */
  readonly release: string;
  readonly routes: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

const SURROUNDING_PLACES: SurroundingPlaces = {
  // Docker; Podman and Buildah; systemd-nspawn, LXC and what else tells systemd; LXD and Incus; Flatpak; ChromeOS.
  marks: [
    '/.dockerenv',
    '/run/.containerenv',
    '/run/systemd/container',
    '/run/host/container-manager',
    '/dev/lxd/sock',
    '/.flatpak-info',
    '/opt/google/cros-containers',
  ],
  mounts: '/proc/self/mountinfo',
  interop: '/proc/sys/fs/binfmt_misc/WSLInterop',
  release: '/proc/sys/kernel/osrelease',
  routes: '/proc/net/route',
  env: process.env,
};

/** A container in WSL counts as one: its engine decides what is seen. */
export async function surroundingOf(places: SurroundingPlaces = SURROUNDING_PLACES): Promise<Surrounding> {
  const { marks, mounts, release, interop, env } = places;
  // systemd's convention for container engines: https://systemd.io/CONTAINER_INTERFACE
  if (env['container'] || env['KUBERNETES_SERVICE_HOST']) return 'container';
  for (const mark of marks) if (await isThere(mark)) return 'container';
  if (ENGINE_ROOT.test(await contentOf(mounts))) return 'container';
  const isWsl = /microsoft|wsl/i.test(await contentOf(release)) || env['WSL_DISTRO_NAME'] || (await isThere(interop));
  return isWsl ? 'wsl' : 'machine';
}

/** The line of the root in mountinfo (proc(5)), whose layers lie in a folder of an engine: containerd, Docker, Podman. */
const ENGINE_ROOT = /^\d+ \d+ \S+ \S+ \/ .* overlay .*(containerd|docker|buildkit|containers\/storage)/m;

/** WSL 1 has Windows' own kernel: `4.4.0-19041-Microsoft`. WSL 2 has one of its own: `5.15.90.1-microsoft-standard-WSL2`. */
export async function isFirstWsl({
  release,
}: Pick<SurroundingPlaces, 'release'> = SURROUNDING_PLACES): Promise<boolean> {
  return /^4\.4\.0-\d+-Microsoft/.test(await contentOf(release));
}

const contentOf = async (path: string): Promise<string> => await readFile(path, 'utf8').catch(() => '');
const isThere = async (path: string): Promise<boolean> =>
  await access(path).then(
    () => true,
    () => false,
  );

/** @returns the address under which WSL reaches Windows: its default route (in its mirrored network, itself) */
export async function windowsHost({ routes }: Pick<SurroundingPlaces, 'routes'> = SURROUNDING_PLACES): Promise<string> {
  const lines = (await contentOf(routes)).split('\n').map((line) => line.trim().split(/\s+/));
  const gateway = lines.find(([, destination, via]) => destination === '00000000' && via !== '00000000')?.[2] ?? '';
  const bytes = /^[0-9A-F]{8}$/i.test(gateway) ? Buffer.from(gateway, 'hex').reverse() : undefined;
  return bytes ? [...bytes].join('.') : '127.0.0.1';
}

/** What to do in a container, whatever hides the device there. */
export const SHOW_TO_CONTAINER: readonly string[] = [
  'Give the container the USB devices of the host, including later ones: docker run -v /dev/bus/usb:/dev/bus/usb --device-cgroup-rule "c 189:* rmw" (the same for podman; --device alone gives only the devices that are plugged in at the start).',
  'A Flatpak wants flatpak override --user --device=all APP, a Snap snap connect NAME:raw-usb, LXD lxc config device add NAME board usb vendorid=0483.',
  'Or export the board on the host and reach it over the network: usbipd there, --usbip HOST/BUSID here.',
];

/** What to do in WSL, where Windows has the device. */
export async function showToWsl(places: SurroundingPlaces = SURROUNDING_PLACES): Promise<string[]> {
  const isFirst = await isFirstWsl(places);
  return [
    'In an administrator PowerShell of Windows: usbipd list, then usbipd bind --busid BUSID (https://github.com/dorssel/usbipd-win).',
    isFirst
      ? 'This is WSL 1, to which nothing can be attached: wsl --set-version DISTRIBUTION 2, or connect directly.'
      : 'Then in PowerShell: usbipd attach --wsl --busid BUSID, again after each reset of the board.',
    `${isFirst ? 'Connect' : 'Or connect'} directly, without attaching: add --usbip ${await windowsHost(places)}/BUSID`,
  ];
}
