/** Strangers that use libusb against virtual probes: a USB/IP server, and a stand-in for libusb that speaks to it. */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { UsbIpServer } from '@sureflash/usbip';
import {
  createVirtualStLink,
  RealClock,
  type UsbConnector,
  type VirtualStLink,
  type VirtualStLinkOptions,
} from '@sureflash/virtual';
import { runStranger } from './openocd.ts';

const SOURCE = fileURLToPath(new URL('../../../testbed/libusb/libusb-over-usbip.c', import.meta.url));
const FLAGS = '-std=gnu11 -O2 -shared -fPIC -fvisibility=hidden -Wl,-soname,libusb-1.0.so.0'.split(' ');
/** A stranger waits by the wall, st-flash at most 500 ms for its loader: a free-running core catches up with so much at each look. */
export const STRANGER_RUN_MS = 20;

const COMPILER = 'gcc';

/** Builds the stand-in in a folder, from which the loader of programs takes it. */
export function buildStandIn(folder: string): void {
  execFileSync(COMPILER, [...FLAGS, '-o', `${folder}/libusb-1.0.so.0`, SOURCE]);
}

/** Runs a program that finds this device and no other. */
export type RunAttached = (
  program: string,
  operands: readonly string[],
) => Promise<{ readonly code: number; readonly printed: string }>;

export interface AttachedStLink {
  readonly desk: VirtualStLink;
  readonly run: RunAttached;
}

/** A probe with a chip behind it on USB, for as long as `work` takes. */
export async function attachStLink(
  folder: string,
  options: Omit<VirtualStLinkOptions, 'clock'>,
  work: (attached: AttachedStLink) => Promise<void>,
): Promise<void> {
  const clock = new RealClock();
  const desk = createVirtualStLink({ longestRunMs: STRANGER_RUN_MS, ...options, clock });
  await attachDevice(folder, { connector: desk.connector, clock }, async (run) => await work({ desk, run }));
}

/** A device on USB for as long as `work` takes. */
export async function attachDevice(
  folder: string,
  { connector, clock }: { readonly connector: UsbConnector; readonly clock: RealClock },
  work: (run: RunAttached) => Promise<void>,
): Promise<void> {
  const server = new UsbIpServer({ ports: new Map([['1-1', connector]]), clock });
  try {
    await server.listen({ port: 0 });
    const environment = [`SUREFLASH_USBIP=127.0.0.1:${server.address?.port ?? 0}`, `LD_LIBRARY_PATH=${folder}`];
    await work(async (program, operands) => await runStranger('env', [...environment, program, ...operands]));
  } finally {
    await server[Symbol.asyncDispose]();
  }
}
