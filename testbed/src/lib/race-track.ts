/** Where programs race: in the guest, behind its kernel, or on this machine's own processor, over USB/IP. */
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Board } from '@sureflash/virtual';
import { Bench } from './bench.ts';
import { FOLDER, handOver } from './files.ts';
import { quote } from './guest.ts';
import { here } from './here.ts';
import { ensureNativePrograms, programPath } from './packages.ts';
import { makeProgram } from './program.ts';
import type { CommandPlace } from './race-boards.ts';
import { type Place, Rack } from './rack.ts';

/** A command's end. */
export interface TrackEnded {
  readonly status: number;
  readonly out: string;
  readonly err: string;
  readonly ms: number;
}

export interface RaceTrack {
  readonly name: TrackName;
  readonly commandPlace: CommandPlace;
  /** Puts the image where commands find it: `image.bin` in their folder. */
  handOver(image: Uint8Array): Promise<void>;
  plug(scenario: string, flash: Uint8Array | undefined): Promise<{ readonly board: Board; readonly place: Place }>;
  unplug(): Promise<void>;
  /** Runs a shell command to its end. */
  run(command: string, limitMs: number): Promise<TrackEnded>;
  close(): Promise<void>;
}

export type TrackName = 'guest' | 'own';

const BUSID = '1-1';

export async function guestTrack(cpus: number): Promise<RaceTrack> {
  const bench = await Bench.start({ limitMs: 3_000_000, bus: true, cpus });
  return {
    name: 'guest',
    commandPlace: { folder: FOLDER, dfuUtil: 'dfu-util', device: '' },
    handOver: async (image) => await handOver(bench.guest, { 'image.bin': image }),
    plug: async (scenario, flash) => await bench.plug(scenario, { flash }),
    unplug: async () => await bench.unplug(),
    run: async (command, limitMs) => await bench.guest.run(command, { limitMs }),
    close: async () => await bench.close(),
  };
}

export async function ownTrack(): Promise<RaceTrack> {
  ensureNativePrograms();
  makeProgram();
  const folder = mkdtempSync(join(tmpdir(), 'sureflash-race-'));
  buildStandIn(folder);
  const rack = await Rack.start({ bus: true });
  const server = `127.0.0.1:${rack.port}`;
  return {
    name: 'own',
    commandPlace: {
      folder,
      dfuUtil: `SUREFLASH_USBIP=${server} LD_LIBRARY_PATH=${quote(folder)} ${quote(programPath('dfu-util'))}`,
      device: `--usbip ${server}`,
    },
    handOver: async (image) => writeFileSync(join(folder, 'image.bin'), image),
    plug: async (scenario, flash) => {
      const board = rack.insert(scenario, { flash });
      const place = rack.place(BUSID);
      await place.until(true);
      place.forget();
      return { board, place };
    },
    unplug: async () => rack.place(BUSID).remove(),
    run: runHere,
    close: async () => {
      await rack.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The stand-in for libusb, under the name by which dfu-util asks the loader for it. */
function buildStandIn(folder: string): void {
  const flags = '-std=gnu11 -O2 -shared -fPIC -fvisibility=hidden -Wl,-soname,libusb-1.0.so.0'.split(' ');
  const library = join(folder, 'libusb-1.0.so.0');
  execFileSync(programPath('gcc'), [...flags, '-o', library, here('testbed/libusb/libusb-over-usbip.c')]);
}

/** Without blocking: the boards live in this process. */
function runHere(command: string, limitMs: number): Promise<TrackEnded> {
  return new Promise((resolve, reject) => {
    const started = performance.now();
    const child = spawn('sh', ['-c', command], { stdio: ['ignore', 'pipe', 'pipe'], timeout: limitMs });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
    const text = (chunks: readonly Buffer[]): string => Buffer.concat(chunks).toString();
    child.once('error', reject);
    child.once('close', (status) => {
      resolve({ status: status ?? 124, out: text(out), err: text(err), ms: performance.now() - started });
    });
  });
}
