/** Where this program runs: in a container, in Windows' Linux, on a machine of its own. */
import { access, readFile } from 'node:fs/promises';

export type Surrounding = 'container' | 'wsl' | 'machine';

export interface SurroundingPlaces {
  /** Files that container engines leave (Docker, Podman). */
  readonly marks: readonly string[];
  /** The release of the kernel: WSL's says so. */
  readonly release: string;
  readonly routes: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

const SURROUNDING_PLACES: SurroundingPlaces = {
  marks: ['/.dockerenv', '/run/.containerenv'],
  release: '/proc/sys/kernel/osrelease',
  routes: '/proc/net/route',
  env: process.env,
};

/** A container in WSL counts as one: its engine decides what is seen. */
export async function surroundingOf({
  marks,
  release,
  env,
}: SurroundingPlaces = SURROUNDING_PLACES): Promise<Surrounding> {
  // systemd's convention for container engines: https://systemd.io/CONTAINER_INTERFACE
  if (env['container'] || env['KUBERNETES_SERVICE_HOST']) return 'container';
  for (const mark of marks) {
    const isThere = await access(mark).then(
      () => true,
      () => false,
    );
    if (isThere) return 'container';
  }
  const text = await readFile(release, 'utf8').catch(() => '');
  return /microsoft|wsl/i.test(text) ? 'wsl' : 'machine';
}

/** @returns the address under which WSL reaches Windows: its default route (in its mirrored network, itself) */
export async function windowsHost({ routes }: Pick<SurroundingPlaces, 'routes'> = SURROUNDING_PLACES): Promise<string> {
  const lines = (await readFile(routes, 'utf8').catch(() => '')).split('\n').map((line) => line.trim().split(/\s+/));
  const gateway = lines.find(([, destination, via]) => destination === '00000000' && via !== '00000000')?.[2] ?? '';
  const bytes = /^[0-9A-F]{8}$/i.test(gateway) ? Buffer.from(gateway, 'hex').reverse() : undefined;
  return bytes ? [...bytes].join('.') : '127.0.0.1';
}

/** What to do in a container, whatever hides the device there. */
export const SHOW_TO_CONTAINER: readonly string[] = [
  'Give the container the USB devices of the host, including later ones: docker run -v /dev/bus/usb:/dev/bus/usb --device-cgroup-rule "c 189:* rmw" (the same for podman; --device alone gives only the devices that are plugged in at the start).',
  'Or export the board on the host and reach it over the network: usbipd there, --usbip HOST/BUSID here.',
];

/** What to do in WSL, where Windows has the device. */
export async function showToWsl(): Promise<string[]> {
  return [
    'In an administrator PowerShell of Windows: usbipd list, then usbipd bind --busid BUSID (https://github.com/dorssel/usbipd-win).',
    'Then in PowerShell: usbipd attach --wsl --busid BUSID, again after each reset of the board.',
    `Or connect directly, without attaching: add --usbip ${await windowsHost()}/BUSID`,
  ];
}
