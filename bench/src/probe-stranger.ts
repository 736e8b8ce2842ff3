/**
 * st-flash on a virtual ST-LINK, in model time: a USB/IP server, and testbed's stand-in for libusb, which also gives the model
 * what the program sleeps. It verifies by reading every byte back.
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { UsbIpServer } from '@sureflash/usbip';
import type { Clock, Setup, UsbDeviceModel } from '@sureflash/virtual';
import { FLASH_START } from './figures.ts';
import { type BenchProbe, PROBES, type ProbeDesk } from './probe-rig.ts';

const ST_FLASH = 'st-flash';
const COMPILER = 'gcc';
const STAND_IN = fileURLToPath(new URL('../../testbed/libusb/libusb-over-usbip.c', import.meta.url));
const LIBRARY_FLAGS = '-std=gnu11 -O2 -shared -fPIC'.split(' ');
const STAND_IN_FLAGS = [...LIBRARY_FLAGS, '-fvisibility=hidden', '-Wl,-soname,libusb-1.0.so.0'];
const SLOW_CLOCK = fileURLToPath(new URL('../slow-clock.c', import.meta.url));
const LIBRARY = 'libusb-1.0.so.0';
/** No transfer takes so long. */
const CLIENT_LIMIT_MS = 5000;
/** The stand-in's request of vendor type: so many ms were slept. */
const SLEPT = { requestType: 0x40, request: 0x53 } as const;

/** @returns as `v1.7.0`; `undefined` where it, or a compiler for the stand-in, is not installed */
export function stFlashVersion(): string | undefined {
  const { error, stdout } = spawnSync(ST_FLASH, ['--version'], { encoding: 'utf8' });
  return error || spawnSync(COMPILER, ['--version']).error ? undefined : stdout.trim();
}

export function buildForStranger(folder: string): void {
  execFileSync(COMPILER, [...STAND_IN_FLAGS, '-o', join(folder, LIBRARY), STAND_IN]);
}

/** @returns the library that makes a program's clock slower; `undefined` where there is no compiler */
export function buildSlowClock(folder: string): string | undefined {
  if (spawnSync(COMPILER, ['--version']).error) return undefined;
  const library = join(folder, 'slow-clock.so');
  execFileSync(COMPILER, [...LIBRARY_FLAGS, '-o', library, SLOW_CLOCK]);
  return library;
}

/** Writes and verifies. @throws Error where st-flash says that it has failed */
export async function runStFlash(rig: ProbeDesk, probe: BenchProbe, folder: string, file: string): Promise<void> {
  const { clock, desk } = rig;
  const { device } = desk.connector;
  if (!device) throw new Error('the probe is not plugged in');
  const connector = { device: sleeping(rig, device), subscribe: () => () => undefined };
  const { bulkMs } = PROBES[probe];
  const ports = new Map([['1-1', connector]]);
  const server = new UsbIpServer({
    ports,
    clock: patient(clock),
    transferMs: (setup, bytes) => (setup ? 0 : bulkMs(bytes)),
  });
  const { host, port } = await server.listen({ port: 0 });
  const environment = {
    ...process.env,
    SUREFLASH_USBIP: `${host}:${port}`,
    SUREFLASH_SLEEPS: '1',
    LD_LIBRARY_PATH: folder,
    LD_PRELOAD: join(folder, LIBRARY),
  };
  try {
    const operands = ['--reset', 'write', file, `0x0${FLASH_START.toString(16)}`];
    const child = spawn(ST_FLASH, operands, { env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
    let printed = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => (printed += chunk.toString()));
    const code = await new Promise<number | null>((resolve, reject) => child.on('error', reject).on('close', resolve));
    if (code !== 0) throw new Error(`st-flash ended with ${code}:\n${printed}`);
  } finally {
    await server.close();
  }
}

/**
 * The server gives a client some seconds to say what it wants. Model time passes while nobody says anything, and st-flash has
 * the wall's time for that.
 */
function patient(clock: Clock): Clock {
  return {
    now: () => clock.now(),
    sleep: async (ms, signal) =>
      ms < CLIENT_LIMIT_MS
        ? await clock.sleep(ms, signal)
        : await new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason))),
  };
}

/** What the host sleeps passes before it is answered. */
function sleeping({ clock }: ProbeDesk, device: UsbDeviceModel): UsbDeviceModel {
  const isSlept = ({ requestType, request }: Setup): boolean =>
    requestType === SLEPT.requestType && request === SLEPT.request;
  return {
    speed: device.speed,
    deviceDescriptor: device.deviceDescriptor,
    configurationDescriptor: device.configurationDescriptor,
    get busyUntil() {
      return device.busyUntil;
    },
    control: (setup, data) =>
      isSlept(setup) ? { kind: 'ack', heldUntil: clock.now() + setup.value } : device.control(setup, data),
    bulkIn: (endpoint, length) => device.bulkIn?.(endpoint, length) ?? { kind: 'stall' },
    bulkOut: (endpoint, data) => device.bulkOut?.(endpoint, data) ?? { kind: 'stall' },
    onReady: (listener) => device.onReady?.(listener) ?? (() => undefined),
    reset: () => device.reset(),
  };
}
