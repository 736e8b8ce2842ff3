/** Whole jobs through virtual ST-LINKs: how close they come to what the cells and the wire allow, in model time. */
import { MemoryImage } from '@sureflash/image';
import { type Device, program, type Report } from '@sureflash/programmer';
import { type Clock, randomBytes } from '@sureflash/virtual';
import { FLASH_START, rounded } from './figures.ts';
import { type BenchProbe, checkFlash, connected, PROBES, type ProbeDesk, probeDesk, wireMsOf } from './probe-rig.ts';

const KB = 1024;

/** Each with the size of an image. */
const CHIPS = [
  ['STM32F103', 32],
  ['STM32F407', 512],
  ['STM32L476', 128],
  ['STM32G431', 64],
  ['STM32H743', 256],
] as const;

/** Times in ms. */
export interface ProbeJobFigures {
  readonly chip: string;
  readonly probe: string;
  readonly kbytes: number;
  readonly before: string;
  /** From the first command of the job until everything is written, with what was read back meanwhile. */
  readonly writeMs: number;
  /** What was left to read back, and the CRC. */
  readonly proofMs: number;
  readonly cellsMs: number;
  /** What the wire needs to carry the image to the chip. */
  readonly wireMs: number;
  /** What it needs for the bytes that were read back until everything was written. */
  readonly backMs: number;
  /** The larger of cells and wire, there and back, over the time of the job without the rest of its proof; absent where nothing was written. */
  readonly share: number | undefined;
  /** Commands until the first byte of the flash was read. */
  readonly firstByte: number;
  readonly commands: number;
}

export async function measureProbeJobs(onJob: (figures: ProbeJobFigures) => void): Promise<ProbeJobFigures[]> {
  const results: ProbeJobFigures[] = [];
  for (const [chip, kbytes] of CHIPS) {
    const image = randomBytes(kbytes, kbytes * KB);
    const states = { erased: undefined, 'another firmware': randomBytes(7, kbytes * KB), 'the image': image };
    for (const probe of ['v2-1', 'v3e'] as const)
      for (const [before, content] of Object.entries(states)) {
        const figures = await measureProbeJob({ chip, probe, kbytes, image, before, content });
        onJob(figures);
        results.push(figures);
      }
  }
  return results;
}

interface ProbeJob {
  readonly chip: string;
  readonly probe: BenchProbe;
  readonly kbytes: number;
  readonly image: Uint8Array;
  readonly before: string;
  readonly content: Uint8Array | undefined;
}

async function measureProbeJob({ chip, probe, kbytes, image, before, content }: ProbeJob): Promise<ProbeJobFigures> {
  const rig = probeDesk(probe, chip, content);
  const { clock, desk } = rig;
  const device = await connected(rig);
  const readBack = watchReadBack(device, clock);
  const job = `${chip} behind ${probe}`;
  if (desk.probe.khz !== PROBES[probe].khz) throw new Error(`${job}: the line is at ${desk.probe.khz} kHz`);
  const [startMs, startCommands] = [clock.now(), desk.probe.commands];
  const report = await program(device, new MemoryImage([{ address: FLASH_START, bytes: image }]));
  checkFlash(rig, job, image);
  const commands = desk.probe.commands - startCommands;
  const writeMs = clock.now() - startMs - report.verifyMs;
  return {
    chip: chip.slice(5),
    probe: PROBES[probe].firmware.slice(0, 2),
    kbytes,
    before,
    ...timesOf(rig, probe, { report, writeMs, readBack }),
    firstByte: await commandsToFirstByte(probe, chip),
    commands,
  };
}

interface Times {
  readonly report: Report;
  readonly writeMs: number;
  readonly readBack: ReadBack;
}

function timesOf({ desk }: ProbeDesk, probe: BenchProbe, { report, writeMs, readBack }: Times) {
  const { eraseMs, programMs } = desk.microcontroller.flash.statistics;
  const { bytesWritten, verifyMs } = report;
  const [cellsMs, wireMs] = [eraseMs + programMs, wireMsOf(probe, bytesWritten)];
  const backMs = Math.max(0, wireMsOf(probe, readBack.bytes) - readBack.lateMs);
  return {
    writeMs: Math.round(writeMs),
    proofMs: Math.round(verifyMs),
    cellsMs: Math.round(cellsMs),
    wireMs: Math.round(wireMs),
    backMs: Math.round(backMs),
    share: bytesWritten > 0 ? rounded(Math.max(cellsMs, wireMs + backMs) / writeMs, 2) : undefined,
  };
}

/** What the chip had read back while it was written. */
interface ReadBack {
  bytes: number;
  /** How long the job fetched it when everything was written. */
  lateMs: number;
}

/** @returns what is known when the job has ended */
function watchReadBack({ target }: Device, clock: Clock): ReadBack {
  const readBack: ReadBack = { bytes: 0, lateMs: 0 };
  const take = target.takeReadBack?.bind(target);
  if (take)
    target.takeReadBack = async () => {
      const started = clock.now();
      const found = await take();
      readBack.lateMs += clock.now() - started;
      readBack.bytes += found.reduce((sum, { bytes }) => sum + bytes.length, 0);
      return found;
    };
  return readBack;
}

async function commandsToFirstByte(probe: BenchProbe, chip: string): Promise<number> {
  const rig = probeDesk(probe, chip, undefined);
  const { target } = await connected(rig);
  for await (const _ of target.read({ start: FLASH_START, end: FLASH_START + 4 })) break;
  return rig.desk.probe.commands;
}
