/** The thread's board once more, with a debug probe at hand: the probe writes the way out, and from then on USB alone does. */
import { type Clock, LONGEST_RUN_MS, ProbedBoard } from '@sureflash/virtual';
import { connectSource } from '../device/open.ts';
import { openBoard } from '../device/virtual-board.ts';
import { exampleFile } from '../files/example-files.ts';
import { type LoadedFirmware, loadFirmware } from '../files/firmware-file.ts';
import { announceDevice, announceFile } from '../parts/announce.ts';
import { programDevice } from '../parts/program-job.ts';
import type { Context } from '../render/context.ts';
import { jumpObjectName } from './jump-program.ts';
import type { LastAct } from './last-act.ts';

/** How often the act looks whether the board has come on the bus. */
const PROBE_ACT_LOOK_MS = 10;

/** @throws Error when the story does not come out as told: a defect of ours */
export async function playProbeAct({ context, clock, heading, prompt }: LastAct): Promise<void> {
  const { style } = context;
  const { board, desk } = new ProbedBoard(clock, { longestRunMs: LONGEST_RUN_MS });
  const firmwareOf = async (version: number): Promise<LoadedFirmware> =>
    await loadFirmware(context.io, exampleFile(jumpObjectName(version)), {});
  const stage = { context, clock };

  heading(
    'Another such board, with the generated class in it, and an ST-LINK at its debug connector. The probe writes the program of (e) once; then USB does.',
  );
  if (board.program === 'rom') throw new Error('the board is in its ROM before anything was written');
  prompt(`program ${jumpObjectName(1)} --stlink --leave`);
  await programThrough(stage, desk.connector, { version: 1, firmware: await firmwareOf(1), leave: true });
  while (!board.device) await clock.sleep(PROBE_ACT_LOOK_MS);
  if (board.program !== 'rom') throw new Error(`the board came up in ${board.program ?? 'nothing'}`);
  context.result(style.ok('Executed'), 'PA9 high: the core is in the ROM bootloader; nobody touched BOOT0');
  // The probe is still there: without a choice both would fit, and neither would be touched.
  prompt(`program ${jumpObjectName(2)} --usb 0483:df11`);
  await programThrough(stage, board, { version: 2, firmware: await firmwareOf(2), leave: false });
  context.emit({ type: 'executed', landing: desk.microcontroller.landing, vbus: true });
}

interface ProbeActJob {
  readonly version: number;
  readonly firmware: LoadedFirmware;
  readonly leave: boolean;
}

async function programThrough(
  { context, clock }: { readonly context: Context; readonly clock: Clock },
  plug: Parameters<typeof openBoard>[0],
  { version, firmware, leave }: ProbeActJob,
): Promise<void> {
  announceFile(context, jumpObjectName(version), firmware);
  const source = await openBoard(plug, clock, 'virtual board');
  try {
    const device = await connectSource(source, {});
    announceDevice(context, device);
    await programDevice(context, device, { firmware, options: { leave } });
    await device.close();
  } finally {
    await source[Symbol.asyncDispose]();
  }
}
