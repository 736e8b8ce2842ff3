/** `watch`: programs a firmware file whenever its build has changed, one line a round, until Ctrl-C. */
import { type Clock, hasCode, type Report, systemClock } from '@sureflash/programmer';
import { CommandError, usage } from '../base/command-error.ts';
import { defined } from '../base/defined.ts';
import { EXIT, type ExitCode } from '../base/exit-codes.ts';
import { parseCount } from '../base/numbers.ts';
import { FIRMWARE, FIRMWARE_OPTIONS } from '../declare/options.ts';
import { flag, type OptionsOf, parsed, verb } from '../declare/verb.ts';
import { type OpenDevice, openDevice } from '../device/open.ts';
import { DEVICE_OPTIONS } from '../device/options.ts';
import { isStandard } from '../files/file-access.ts';
import { loadFirmware } from '../files/firmware-file.ts';
import { nextBuild } from '../files/next-build.ts';
import { programDevice } from '../parts/program-job.ts';
import { checkSuffixIds } from '../parts/suffix-ids.ts';
import { SUPPLY_OPTIONS } from '../parts/supply.ts';
import type { Context } from '../render/context.ts';
import { briefOutcome } from '../render/plan.ts';
import { problemOf, reportProblem } from '../render/problem.ts';
import { count } from '../render/words.ts';

const WATCH_OPTIONS = {
  ...FIRMWARE_OPTIONS,
  leave: flag('start the program after each round; the next one waits for the bootloader'),
  rounds: parsed('<number>', 'end after so many rounds, with the exit code of the last', (text) =>
    parseCount(text, 'a number of rounds'),
  ),
  ...SUPPLY_OPTIONS,
  ...DEVICE_OPTIONS,
};

export const watchVerb = verb({
  operands: { file: FIRMWARE },
  options: WATCH_OPTIONS,
  examples: [
    ['sureflash watch build/app.elf', 'programs each new build; Ctrl-C ends it'],
    ['sureflash watch build/app.elf --leave', 'and starts it'],
  ],
  run: async (context, { file: [path = '', ...others] }, options) => {
    if (others.length > 0) throw usage('One file is watched.', 'Merge them as a step of the build: sureflash merge');
    if (isStandard(path)) throw usage('Standard input cannot be watched.', 'Name the file that the build makes.');
    await new Watch(context, path, options).run();
  },
});

/** Errors of the command line itself, which no new build and no other plug cures. */
const HOPELESS: ReadonlySet<ExitCode> = new Set([EXIT.usage, EXIT.access, EXIT.defect]);

/** Holds the device from one round to the next, as long as it is there. */
class Watch {
  readonly #context: Context;
  /** The lines of a round say all: what `program` prints would hide them. Bytes that only we have are told all the same. */
  readonly #silent: Context;
  readonly #path: string;
  readonly #options: OptionsOf<typeof WATCH_OPTIONS>;
  readonly #clock: Clock = systemClock;
  #device: OpenDevice | undefined;
  #failed = 0;
  /** Of the last round: it tells whether the board has the last build. */
  #ended: ExitCode = EXIT.success;

  constructor(context: Context, path: string, options: OptionsOf<typeof WATCH_OPTIONS>) {
    this.#context = context;
    this.#silent = context.warningsOnly();
    this.#path = path;
    this.#options = options;
  }

  async run(): Promise<void> {
    const { style } = this.#context;
    const { rounds = Number.POSITIVE_INFINITY } = this.#options;
    this.#context.note(style.strong('Watching'), `${this.#path}; Ctrl-C ends it`);
    let done = 0;
    let before: string | undefined;
    try {
      while (done < rounds) {
        before = await this.#nextBuild(before);
        if (before === undefined) break;
        before = await this.#round(before);
        done++;
      }
    } finally {
      await this.#close();
    }
    const failed = this.#failed > 0 ? `, ${this.#failed} of them failed` : '';
    this.#context.note(style.strong('Ended'), `after ${count(done, 'round')}${failed}`);
    const ok = this.#ended === EXIT.success;
    this.#context.emit({ type: 'result', ok, rounds: done, failed: this.#failed });
    this.#context.exitCode = this.#ended;
  }

  /** @returns its stamp; `undefined` when the user ends it, which between two rounds is no interruption */
  async #nextBuild(before: string | undefined): Promise<string | undefined> {
    const { io, style } = this.#context;
    const onAbsent = (): void => this.#context.note(style.strong('Waiting'), `for ${this.#path}`);
    try {
      return await nextBuild(io, this.#path, { ...defined({ before }), clock: this.#clock, onAbsent });
    } catch (error) {
      if (io.signal.aborted) return undefined;
      throw error;
    }
  }

  /** @returns the stamp of the build that it has dealt with. @throws what no further round can cure; `signal.reason` */
  async #round(seen: string): Promise<string> {
    let stamp = seen;
    // A device that left the bus between two rounds, or during one, gets a second chance when it is back.
    for (let chances = 2; ; chances--) {
      try {
        const device = await this.#open();
        stamp = (await this.#context.io.fileStamp(this.#path)) ?? stamp;
        this.#tell(await this.#program(device));
        this.#ended = EXIT.success;
        if (this.#options.leave) await this.#close();
        return stamp;
      } catch (error) {
        await this.#close();
        this.#context.io.signal.throwIfAborted();
        if (isHopeless(error)) throw error;
        if (chances > 1 && hasCode(error, 'usb/gone')) continue;
        this.#tellFailure(error);
        return stamp;
      }
    }
  }

  async #open(): Promise<OpenDevice> {
    const { io, style } = this.#context;
    const onWaiting = (): void => this.#context.note(style.strong('Waiting'), 'for the board; Ctrl-C ends it');
    this.#device ??= await openDevice(io, { ...this.#options, wait: this.#options.wait ?? true }, onWaiting);
    return this.#device;
  }

  async #program(device: OpenDevice): Promise<{ readonly report: Report; readonly tookMs: number }> {
    const started = device.clock.now();
    const firmware = await loadFirmware(this.#context.io, this.#path, this.#options);
    checkSuffixIds(this.#context, device, { files: [{ path: this.#path, firmware }] });
    const { leave = false, supply } = this.#options;
    const report = await programDevice(this.#silent, device, {
      firmware,
      options: { leave, ...defined({ supply }) },
    });
    return { report, tookMs: device.clock.now() - started };
  }

  #tell({ report, tookMs }: { readonly report: Report; readonly tookMs: number }): void {
    const { outcome, sectorsErased, bytesWritten, verifiedBytes, startedAt } = report;
    const label = this.#context.style.ok(outcome === 'unchanged' ? 'Unchanged' : 'Verified');
    this.#context.result(label, `${timeOfDay()}  ${briefOutcome(report, tookMs)}`);
    const left = startedAt !== undefined;
    this.#context.emit({ type: 'round', ok: true, outcome, sectorsErased, bytesWritten, verifiedBytes, tookMs, left });
  }

  #tellFailure(error: unknown): void {
    const { code, exitCode, title } = problemOf(error);
    this.#failed++;
    this.#ended = exitCode;
    if (this.#context.json) {
      this.#context.emit({ type: 'round', ok: false, code, exitCode, title });
      return;
    }
    reportProblem(this.#context, error);
    this.#context.note('', `${timeOfDay()}  waiting for the next build`);
  }

  async #close(): Promise<void> {
    const device = this.#device;
    this.#device = undefined;
    await device?.close();
  }
}

function isHopeless(error: unknown): boolean {
  if (error instanceof CommandError && error.code === 'cli/several-devices') return true;
  return HOPELESS.has(problemOf(error).exitCode);
}

/** `14:02:11` */
const timeOfDay = (): string => new Date().toTimeString().slice(0, 8);
