/**
 * Debug probes on a real kernel's USB: st-info, OpenOCD, st-flash and sureflash, one after the other on the same desk. st-flash
 * only reads: it gives its loader 500 ms of the guest's time, which a busy machine does not keep.
 */
import assert from 'node:assert/strict';
import { createVirtualCmsisDap, createVirtualStLink, type Microcontroller } from '@sureflash/virtual';
import type { Bench } from '../lib/bench.ts';
import { assertSame, FLASH_START } from '../lib/bytes.ts';
import type { Checks } from '../lib/checks.ts';
import { FOLDER, handOver, imageWithStart } from '../lib/files.ts';
import { assertEnd, sureflash } from '../lib/programmer.ts';
import { Transcript, type TranscriptOptions } from '../lib/transcript.ts';

const PROBED_BYTES = 6000;
/** A core that runs free catches up with so much at each look of a program that waits by the wall. */
const LOOK_MS = 20;
const STRANGER_LIMIT_MS = 120_000;

interface ProbeDeskDefinition {
  readonly probe: 'v2-1' | 'v3e' | 'debugprobe';
  readonly chip: string;
  /** OpenOCD's script of the chip. */
  readonly script: string;
}

const DESKS: readonly ProbeDeskDefinition[] = [
  { probe: 'v2-1', chip: 'STM32F103', script: 'stm32f1x' },
  { probe: 'v3e', chip: 'STM32L476', script: 'stm32l4x' },
  { probe: 'debugprobe', chip: 'STM32F103', script: 'stm32f1x' },
];

export async function probe(bench: Bench, checks: Checks, options: TranscriptOptions): Promise<void> {
  const images = { 'openocd.bin': imageWithStart(PROBED_BYTES, 2), 'ours.bin': imageWithStart(PROBED_BYTES, 3) };
  await handOver(bench.guest, images);
  for (const definition of DESKS) {
    checks.area(`${definition.probe} and ${definition.chip}`);
    const chip = await plugDesk(bench, definition);
    const isStlink = definition.probe !== 'debugprobe';
    if (isStlink) await named(bench, checks, { definition, options });
    await checks.check('OpenOCD writes and verifies', async () => {
      const { status, err } = await bench.guest.run(openocd(definition), { limitMs: STRANGER_LIMIT_MS });
      assert.equal(status, 0, err.slice(-1500));
      assertSame(chip.flash.peek(FLASH_START, PROBED_BYTES), images['openocd.bin']);
    });
    if (isStlink) await readBack(bench, checks, images['openocd.bin']);
    await checks.check('sureflash writes and proves through usbfs', async () => {
      const option = definition.probe === 'debugprobe' ? '--cmsis-dap' : '--stlink';
      assertEnd(await sureflash(bench.guest, `program ${FOLDER}/ours.bin@0x08000000 ${option}`), 0);
      assertSame(chip.flash.peek(FLASH_START, PROBED_BYTES), images['ours.bin']);
    });
    await bench.unplug();
  }
}

interface Naming {
  readonly definition: ProbeDeskDefinition;
  readonly options: TranscriptOptions;
}

async function named({ guest }: Bench, checks: Checks, { definition, options }: Naming): Promise<void> {
  const { probe: name, chip } = definition;
  const transcript = new Transcript(`st-info-${name}-${chip}`, options);
  await checks.check('st-info names the chip', async () => {
    const command = 'st-info --probe';
    transcript.expect('probe', command, await guest.run(command, { limitMs: STRANGER_LIMIT_MS }));
  });
}

async function readBack({ guest }: Bench, checks: Checks, image: Uint8Array): Promise<void> {
  const back = `${FOLDER}/back.bin`;
  await checks.check('st-flash reads the same bytes', async () => {
    const command = `st-flash read ${back} 0x08000000 ${PROBED_BYTES}`;
    const { status, err } = await guest.run(command, { limitMs: STRANGER_LIMIT_MS });
    assert.equal(status, 0, err.slice(-1500));
    assertSame(await guest.read(back), image);
  });
}

async function plugDesk(bench: Bench, { probe: name, chip }: ProbeDeskDefinition): Promise<Microcontroller> {
  const common = { chip, clock: bench.rack.clock, longestRunMs: LOOK_MS };
  const desk =
    name === 'debugprobe'
      ? createVirtualCmsisDap({ probe: name, ...common })
      : createVirtualStLink({ probe: name, ...common });
  bench.rack.place('1-1').show(desk.connector);
  await bench.attach();
  return desk.microcontroller;
}

function openocd({ probe: name, script }: ProbeDeskDefinition): string {
  const ports = 'gdb_port disabled; tcl_port disabled; telnet_port disabled';
  const adapter = name === 'debugprobe' ? 'cmsis-dap' : 'stlink';
  const work = `program ${FOLDER}/openocd.bin 0x08000000 verify; shutdown`;
  return `openocd -c '${ports}' -f interface/${adapter}.cfg -f target/${script}.cfg -c '${work}'`;
}
