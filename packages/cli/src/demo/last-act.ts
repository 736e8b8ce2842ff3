/** The demo's last act: the generated jump is built, runs on the virtual chip, and from then on updates need no hand at the board. */
import { hex } from '@sureflash/programmer';
import { type Clock, type Execution, executedBoard, type RomEntry } from '@sureflash/virtual';
import { connectSource } from '../device/open.ts';
import { openBoard } from '../device/virtual-board.ts';
import { exampleFile } from '../files/example-files.ts';
import { type LoadedFirmware, loadFirmware } from '../files/firmware-file.ts';
import { announceDevice, announceFile } from '../parts/announce.ts';
import { programDevice } from '../parts/program-job.ts';
import type { Context } from '../render/context.ts';
import { compileJump, demoJump, JUMP_WORDS } from './compile.ts';
import { jumpObjectName } from './jump-program.ts';

export interface LastAct {
  readonly context: Context;
  readonly clock: Clock;
  readonly heading: (text: string) => void;
  readonly prompt: (words: string) => void;
}

/** How often the act looks whether the board has come on the bus. */
const BUS_LOOK_MS = 10;

/** @throws Error when the story does not come out as told: a defect of ours */
export async function playLastAct({ context, clock, heading, prompt }: LastAct): Promise<void> {
  const { style } = context;
  heading(
    'The lasting solution. The diagnosis named the command that writes the code; the application calls that code first.',
  );
  prompt(JUMP_WORDS);
  for (const { name, text } of demoJump().files) {
    context.result(style.ok('Written'), `${name}, ${text.split('\n').length} lines, in a folder of the demo`);
  }
  const first = await built(context, 1);
  const second = await built(context, 2);

  const executions: Execution[] = [];
  const board = executedBoard(clock, { onExecution: (execution) => executions.push(execution) });
  /** Starts the board anew. @returns where its program has landed */
  const started = (vbus: boolean): Execution => {
    board.setPins({ boot0: false, vbus });
    board.reset();
    const execution = executions.at(-1);
    if (!execution) throw new Error('the board of the demo ran no program');
    tellExecution(context, execution);
    return execution;
  };
  const update = async (version: number, firmware: LoadedFirmware): Promise<void> => {
    prompt(`program ${jumpObjectName(version)}`);
    announceFile(context, jumpObjectName(version), firmware);
    while (!board.device) await clock.sleep(BUS_LOOK_MS);
    const source = await openBoard(board, clock, 'virtual board');
    try {
      const device = await connectSource(source, {});
      announceDevice(context, device);
      await programDevice(context, device, { firmware, options: {} });
    } finally {
      await source[Symbol.asyncDispose]();
    }
  };

  heading('One last time by hand (BOOT0 high): the application that contains the jump.');
  await update(1, first);
  heading('BOOT0 low, and a reset, with the USB cable in. The core runs the program, instruction by instruction.');
  if (started(true).landing !== 'system memory') throw new Error('the generated jump did not reach the ROM');
  await update(2, second);
  if (started(true).landing !== 'system memory') throw new Error('the new version did not reach the ROM');
  heading('And without the cable: the application runs.');
  if (started(false).landing !== 'flash') throw new Error('the application did not run');
}

/** Compiled here where a compiler is; else the object that comes with this program. */
async function built(context: Context, version: number): Promise<LoadedFirmware> {
  const { style } = context;
  const compiled = await compileJump(version);
  const delivered = await loadFirmware(context.io, exampleFile(jumpObjectName(version)), {});
  if (!compiled) {
    context.result(style.ok('Object'), `${jumpObjectName(version)}, built before: arm-none-eabi-gcc is not here`);
    return delivered;
  }
  const firmware = await loadFirmware(
    { ...context.io, readFile: async () => compiled.elf },
    jumpObjectName(version),
    {},
  );
  const same = firmware.image.equals(delivered.image) ? 'identical to' : 'different from';
  const text = `${jumpObjectName(version)} with arm-none-eabi-gcc ${compiled.compiler}: ${same} the object that sureflash ships`;
  context.result(style.ok('Compiled'), text);
  return firmware;
}

function tellExecution(context: Context, { landing, romEntry, vbus }: Execution): void {
  const { style } = context;
  const where = landing === 'system memory' ? 'in the ROM bootloader' : 'in the application';
  context.result(style.ok('Executed'), `PA9 ${vbus ? 'high' : 'low'}: the core is ${where}`);
  if (romEntry) context.result(style.ok('Entered'), entryText(romEntry));
  context.emit({ type: 'executed', landing, vbus, ...(romEntry && { msp: romEntry.msp }) });
}

/** `MSP 0x20001000, interrupts on and none enabled, SysTick off, clocks as after a reset`. */
function entryText({ msp, primask, sysTick, enabledInterrupts, changedClocks }: RomEntry): string {
  const interrupts = enabledInterrupts.length === 0 ? 'none enabled' : `${enabledInterrupts.length} enabled`;
  const clocks = changedClocks.length === 0 ? 'clocks as after a reset' : `clocks changed: ${changedClocks.join(', ')}`;
  return `MSP ${hex(msp)}, interrupts ${primask === 0 ? 'on' : 'off'} and ${interrupts}, SysTick ${sysTick.control === 0 ? 'off' : 'on'}, ${clocks}`;
}
