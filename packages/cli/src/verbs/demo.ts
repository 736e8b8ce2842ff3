/** `demo`: the failure that sureflash was made for, on a virtual board, and how it is settled. */
import { type ErrorCode, hasCode, type Report } from '@sureflash/programmer';
import { type Board, type Clock, RealClock, VirtualClock } from '@sureflash/virtual';
import { flag, verb } from '../declare/verb.ts';
import { type LastAct, playLastAct } from '../demo/last-act.ts';
import { playProbeAct } from '../demo/probe-act.ts';
import { connectSource } from '../device/open.ts';
import { createBoard, openBoard } from '../device/virtual-board.ts';
import { exampleFile } from '../files/example-files.ts';
import { type LoadedFirmware, loadFirmware } from '../files/firmware-file.ts';
import { announceDevice, announceFile } from '../parts/announce.ts';
import { programDevice } from '../parts/program-job.ts';
import type { Context } from '../render/context.ts';
import { reportProblem } from '../render/problem.ts';
import { duration, size } from '../render/words.ts';
import { hang } from '../render/wrap.ts';

/** Carries the DFU class of STM32CubeMX whose functions for flash do nothing. */
const STUB_FILE = 'dashboard-v2.elf';
/** The same program without that class. */
const CLEAN_FILES = { 1: 'meter-v1.elf', 2: 'meter-v2.elf' } as const;
/** How often the demo looks whether the board has come back after its reset. */
const FRAME_MS = 10;

interface DemoStage {
  readonly context: Context;
  readonly clock: Clock;
  readonly board: Board;
}

/** One successful job and what the silicon and the bus had to do for it. */
interface Run {
  readonly name: string;
  readonly report: Report;
  readonly tookMs: number;
  readonly siliconMs: number;
  /** The bootloader's own time for packets. */
  readonly romMs: number;
  readonly busMs: number;
}

export const demoVerb = verb({
  options: { instant: flag('do not wait for the modelled silicon; the times shown are still the modelled ones') },
  examples: [['sureflash demo --instant', 'without the waiting']],
  /** @throws Error when the story does not come out as told: a defect of ours */
  run: async (context, _, { instant = false }) => {
    const clock = instant ? new VirtualClock() : new RealClock();
    const board = await createBoard(context.io, 'stm32f105-cubemx-stub', { clock });
    const stage = { context, clock, board };

    heading(
      context,
      'a',
      'An STM32F105 runs firmware version 1 with the DFU class that STM32CubeMX generates. Update it to version 2.',
    );
    await expectFailure(stage, {}, 'plan/doubtful');
    heading(context, 'a', 'Other programmers carry on at this point. So does sureflash when it is forced:');
    await expectFailure(stage, { force: true }, 'verify/mismatch');

    heading(
      context,
      'b',
      'The same board in its ROM bootloader (BOOT0 high, reset). The same program without that class.',
    );
    await enterBootloader(stage);
    const first = await runJob(stage, { name: 'version 1', file: CLEAN_FILES[1] });
    heading(context, 'c', 'Back in the bootloader: an update to version 2. Sectors that hold it already are kept.');
    await enterBootloader(stage);
    const update = await runJob(stage, { name: 'version 1 to 2', file: CLEAN_FILES[2] });
    heading(
      context,
      'd',
      'Back in the bootloader: the same command again. Then a table: where the time of the three runs went.',
    );
    await enterBootloader(stage);
    const again = await runJob(stage, { name: 'again', file: CLEAN_FILES[2] });
    tellTimes(context, [first, update, again]);
    const actOf = (letter: string): LastAct => ({
      context,
      clock,
      heading: (text) => heading(context, letter, text),
      prompt: (words) => prompt(context, words),
    });
    await playLastAct(actOf('e'));
    await playProbeAct(actOf('f'));
    context.emit({ type: 'result', ok: true });
  },
});

async function expectFailure(
  { context, board, clock }: DemoStage,
  options: { force?: boolean },
  code: ErrorCode,
): Promise<void> {
  prompt(context, `program ${STUB_FILE}${options.force ? ' --force' : ''}`);
  const firmware = await announcedFile(context, STUB_FILE);
  const source = await openBoard(board, clock, 'virtual board');
  try {
    const device = await connectSource(source, {});
    announceDevice(context, device);
    await programDevice(context, device, { firmware, options });
  } catch (error) {
    if (!hasCode(error, code)) throw error;
    context.result(context.style.dim('Exit code'), String(reportProblem(context, error)));
    return;
  } finally {
    await source[Symbol.asyncDispose]();
  }
  throw new Error('the demo programmed a device that cannot be programmed');
}

/** Programs the board and starts what was programmed. */
async function runJob(
  { context, board, clock }: DemoStage,
  { name, file }: { name: string; file: string },
): Promise<Run> {
  prompt(context, `program ${file} --leave`);
  const firmware = await announcedFile(context, file);
  const source = await openBoard(board, clock, 'virtual board');
  try {
    const device = await connectSource(source, {});
    announceDevice(context, device);
    const before = board.flash.statistics;
    const busBefore = source.busMs?.() ?? 0;
    const romBefore = board.programMs;
    const started = clock.now();
    const report = await programDevice(context, device, { firmware, options: { leave: true } });
    const after = board.flash.statistics;
    return {
      name,
      report,
      tookMs: clock.now() - started,
      siliconMs: after.eraseMs + after.programMs - before.eraseMs - before.programMs,
      romMs: board.programMs - romBefore,
      busMs: (source.busMs?.() ?? 0) - busBefore,
    };
  } finally {
    await source[Symbol.asyncDispose]();
  }
}

async function announcedFile(context: Context, name: string): Promise<LoadedFirmware> {
  const firmware = await loadFirmware(context.io, exampleFile(name), {});
  announceFile(context, name, firmware);
  return firmware;
}

async function enterBootloader({ board, clock }: DemoStage): Promise<void> {
  board.unplug();
  board.setPins({ boot0: true });
  board.plug();
  while (!board.device) await clock.sleep(FRAME_MS);
}

function tellTimes(context: Context, runs: readonly Run[]): void {
  const rows = runs.map(({ name, report, tookMs, siliconMs, romMs, busMs }) => [
    name,
    report.outcome,
    `${size(report.bytesWritten)} written`,
    duration(tookMs),
    duration(siliconMs),
    duration(romMs),
    duration(busMs),
    (tookMs / (siliconMs + romMs + busMs)).toFixed(2),
  ]);
  const table = [['run', 'outcome', '', 'we took', 'flash', 'ROM', 'USB', 'ratio'], ...rows];
  const widths = table[0]?.map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0))) ?? [];
  for (const row of table)
    context.print(
      `  ${row
        .map((text, column) => text.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd()}`,
    );
  context.print(
    context.style.dim('  ratio: our time divided by the time that flash, bootloader and USB need for the same work'),
  );
  for (const { name, tookMs, siliconMs, romMs, busMs } of runs)
    context.emit({ type: 'times', name, tookMs, siliconMs, romMs, busMs });
}

function heading(context: Context, letter: string, text: string): void {
  context.print();
  context.print(hang(context.style.strong(`(${letter})`.padEnd(5)), text, context.io.out));
}

function prompt(context: Context, words: string): void {
  context.print(context.style.dim(`$ sureflash ${words}`));
}
