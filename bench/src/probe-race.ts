/**
 * OpenOCD, st-flash and sureflash on the same virtual ST-LINKs and chips, each until the flash is verified. Time is that of the
 * model: bus, probe, SWD, core and cells. What strangers compute counts as nothing, and what OpenOCD sleeps between two commands;
 * the sleeps of st-flash and of sureflash count. OpenOCD is at the highest speed of the probe, and has its scripts' quicker clock
 * of the core; st-flash chooses its own. Where there is a compiler, the time limits of OpenOCD are a hundred times as long: a busy
 * machine reaches none.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MemoryImage } from '@sureflash/image';
import { program } from '@sureflash/programmer';
import { randomBytes, StLinkServerSession, type UsbDeviceModel } from '@sureflash/virtual';
import { FLASH_START } from './figures.ts';
import { type BenchProbe, checkFlash, connected, PROBES, type ProbeDesk, probeDesk } from './probe-rig.ts';
import { buildForStranger, buildSlowClock, runStFlash, stFlashVersion } from './probe-stranger.ts';

const KB = 1024;
const OPENOCD = 'openocd';

const RACES = [
  ['STM32F103', 'v2-1', 32, 'stm32f1x'],
  ['STM32F407', 'v2-1', 64, 'stm32f4x'],
  ['STM32F407', 'v3e', 64, 'stm32f4x'],
  ['STM32L476', 'v2-1', 64, 'stm32l4x'],
  ['STM32G431', 'v2-1', 64, 'stm32g4x'],
  // OpenOCD takes each look at a busy H7 for a millisecond: behind a V3 it gives up before the erase is done.
  ['STM32H743', 'v2-1', 128, 'stm32h7x'],
] as const;

interface Run {
  readonly ms: number;
  readonly commands: number;
}

export interface ProbeRaceFigures {
  readonly chip: string;
  readonly probe: string;
  readonly kbytes: number;
  readonly openocd: Run;
  /** Absent where it is not installed. */
  readonly stFlash?: Run;
  /** Proven by the chip's CRC, as OpenOCD does. */
  readonly quick: Run;
  /** Every byte read back. */
  readonly sureflash: Run;
}

/** @returns its first line, such as `Open On-Chip Debugger 0.12.0`; `undefined` where it is not installed */
export function openocdVersion(): string | undefined {
  const { error, stderr } = spawnSync(OPENOCD, ['--version'], { encoding: 'utf8' });
  return error ? undefined : stderr.split('\n')[0];
}

export async function raceProbes(onRace: (figures: ProbeRaceFigures) => void): Promise<ProbeRaceFigures[]> {
  const folder = mkdtempSync(join(tmpdir(), 'sureflash-race-'));
  const file = join(folder, 'image.bin');
  const results: ProbeRaceFigures[] = [];
  const hasStFlash = stFlashVersion() !== undefined;
  if (hasStFlash) buildForStranger(folder);
  const slowClock = buildSlowClock(folder);
  try {
    for (const [chip, probe, kbytes, script] of RACES) {
      const image = withVectors(randomBytes(kbytes, kbytes * KB));
      const before = randomBytes(7, kbytes * KB);
      writeFileSync(file, image);
      const stranger = probeDesk(probe, chip, before);
      await serveProbe(stranger, probe, async (port) => {
        const operands = openocdOperands(port, script, file, PROBES[probe].khz);
        await runOpenocd(operands, slowClock);
      });
      checkFlash(stranger, `openocd on ${chip}`, image);
      const second = probeDesk(probe, chip, before);
      if (hasStFlash) {
        await runStFlash(second, probe, folder, file);
        checkFlash(second, `st-flash on ${chip}`, image);
      }
      const runs: Run[] = [];
      for (const quickProof of [true, false]) {
        const ours = probeDesk(probe, chip, before);
        await programmed(ours, image, quickProof);
        checkFlash(ours, `sureflash on ${chip}`, image);
        runs.push(runOf(ours));
      }
      const [quick = NO_RUN, sureflash = NO_RUN] = runs;
      const figures = {
        chip: chip.slice(5),
        probe: PROBES[probe].firmware.slice(0, 2),
        kbytes,
        openocd: runOf(stranger),
        ...(hasStFlash && { stFlash: runOf(second) }),
        quick,
        sureflash,
      };
      onRace(figures);
      results.push(figures);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return results;
}

const NO_RUN: Run = { ms: Number.NaN, commands: 0 };
const runOf = ({ clock, desk }: ProbeDesk): Run => ({ ms: Math.round(clock.now()), commands: desk.probe.commands });

async function programmed(rig: ProbeDesk, image: Uint8Array, quickProof: boolean): Promise<void> {
  const device = await connected(rig);
  await program(device, new MemoryImage([{ address: FLASH_START, bytes: image }]), { quickProof });
  await device.close();
}

/** A stack and an entry that a chip can start with. */
function withVectors(image: Uint8Array): Uint8Array {
  const view = new DataView(image.buffer);
  view.setUint32(0, 0x2000_0400, true);
  view.setUint32(4, FLASH_START + 0x101, true);
  return image;
}

/** The probe behind ST's server protocol for as long as `work` takes. */
async function serveProbe(rig: ProbeDesk, probe: BenchProbe, work: (port: number) => Promise<void>): Promise<void> {
  const { clock, desk } = rig;
  const entry = { probe: desk.probe, connector: { serial: desk.connector.serial, device: withBus(rig, probe) } };
  const sockets = new Set<Socket>();
  const broken: string[] = [];
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    const onBroken = (why: string): void => void broken.push(why);
    const session = new StLinkServerSession({ probes: [entry], clock, send: (bytes) => socket.write(bytes), onBroken });
    socket.on('data', (chunk) => void session.receive(chunk).catch((error: unknown) => onBroken(String(error))));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  try {
    await work(address.port);
  } finally {
    for (const socket of sockets) socket.destroy();
    server.close();
  }
  if (broken.length > 0) throw new Error(broken.join('; '));
}

/** The server protocol has no bus: each transfer takes the time that it would take on the probe's. */
function withBus({ clock, desk }: ProbeDesk, probe: BenchProbe): UsbDeviceModel {
  const { connector } = desk;
  const { bulkMs } = PROBES[probe];
  let busUntil = 0;
  const carry = (bytes: number): void => {
    busUntil = Math.max(busUntil, clock.now(), connector.busyUntil) + bulkMs(bytes);
  };
  return {
    speed: connector.speed,
    deviceDescriptor: connector.deviceDescriptor,
    configurationDescriptor: connector.configurationDescriptor,
    get busyUntil() {
      return Math.max(busUntil, connector.busyUntil);
    },
    control: (setup) => connector.control(setup),
    reset: () => connector.reset(),
    bulkIn(endpoint, length) {
      const reply = connector.bulkIn(endpoint, length);
      if (reply.kind === 'data') carry(reply.bytes.length);
      return reply;
    },
    bulkOut(endpoint, data) {
      const reply = connector.bulkOut(endpoint, data);
      carry(data.length);
      return reply;
    },
  };
}

function openocdOperands(port: number, script: string, file: string, khz: number): string[] {
  const words = [
    'gdb_port disabled; tcl_port disabled; telnet_port disabled',
    `source [find interface/stlink.cfg]; hla_stlink_backend tcp ${port}`,
    `source [find target/${script}.cfg]`,
    'init; reset init',
    // The scripts set their own speed when they have set the clock.
    `adapter speed ${khz}`,
    `flash write_image erase ${file} ${FLASH_START}`,
    `verify_image ${file} ${FLASH_START}`,
    'shutdown',
  ];
  return words.flatMap((each) => ['-c', each]);
}

/** @param clock a library that makes its clock slower */
async function runOpenocd(operands: readonly string[], clock: string | undefined): Promise<void> {
  const env = { ...process.env, ...(clock !== undefined && { LD_PRELOAD: clock }) };
  const child = spawn(OPENOCD, operands, { env, stdio: ['ignore', 'ignore', 'pipe'] });
  let printed = '';
  child.stderr.on('data', (chunk: Buffer) => {
    printed += chunk.toString();
  });
  const code = await new Promise<number | null>((resolve, reject) => child.on('error', reject).on('close', resolve));
  if (code !== 0) throw new Error(`openocd ended with ${code}:\n${printed}`);
}
