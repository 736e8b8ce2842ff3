/** Programs every board that comes, all of them at once, and tells each in one line. It knows no option of the command line. */
import { createHash } from 'node:crypto';
import type { Chip } from '@sureflash/chips';
import { type Clock, type Report, systemClock } from '@sureflash/programmer';
import { defined } from '../base/defined.ts';
import type { ExitCode } from '../base/exit-codes.ts';
import { chipNamed } from '../device/chip-named.ts';
import { connectOrClose, type OpenDevice } from '../device/open.ts';
import { type BoardPlace, placesNow } from '../device/places.ts';
import { LOOK_MS } from '../device/waiting.ts';
import type { LoadedFirmware } from '../files/firmware-file.ts';
import type { JobFile } from '../files/firmware-job.ts';
import type { Context } from '../render/context.ts';
import { briefOutcome } from '../render/plan.ts';
import { problemOf } from '../render/problem.ts';
import { count } from '../render/words.ts';
import { programDevice } from './program-job.ts';
import { checkSuffixIds } from './suffix-ids.ts';
import type { SupplyOption } from './supply.ts';
import type { UnitLog } from './unit-log.ts';
import type { UnitNumbers } from './unit-numbers.ts';

export interface ProductionOptions extends SupplyOption {
  /** So many boards end it, proven or not. */
  readonly boards?: number | undefined;
  readonly leave?: boolean | undefined;
  readonly chip?: string | undefined;
  readonly usbip?: string | undefined;
  /** What the firmware was read from: a file may say for which device it is. */
  readonly files?: readonly JobFile[] | undefined;
  readonly log?: UnitLog | undefined;
  readonly numbers?: UnitNumbers | undefined;
}

export class Production {
  readonly #context: Context;
  readonly #firmware: LoadedFirmware;
  readonly #options: ProductionOptions;
  readonly #hash: string;
  readonly #chip: Chip | undefined;
  readonly #clock: Clock = systemClock;
  /** By place. */
  readonly #running = new Map<string, Promise<void>>();
  /** Places with a board that has had its turn. */
  #done = new Set<string>();
  /** Unique ids of boards that are proven. */
  readonly #proven = new Set<string>();
  #verified = 0;
  #failed = 0;
  #firstFailure: ExitCode | undefined;
  /** What no other board can cure, and an interruption in the middle of a board. */
  #fatal: { readonly error: unknown } | undefined;

  /** @throws CommandError `cli/usage` for an unknown chip */
  constructor(context: Context, firmware: LoadedFirmware, options: ProductionOptions) {
    this.#context = context;
    this.#firmware = firmware;
    this.#options = options;
    this.#hash = createHash('sha256').update(firmware.file).digest('hex');
    this.#chip = options.chip === undefined ? undefined : chipNamed(options.chip);
  }

  /** Ends with the wish to stop, or when enough boards have had their turn. @throws what no other board can cure; `signal.reason` */
  async run(): Promise<void> {
    const { io, style } = this.#context;
    this.#context.note(style.strong('Waiting'), 'for boards; Ctrl-C ends it');
    try {
      while (!this.#isEnough() && !this.#fatal) {
        await this.#look();
        await this.#clock.sleep(LOOK_MS, io.signal);
      }
    } catch (error) {
      if (!io.signal.aborted) throw error;
    } finally {
      await Promise.all(this.#running.values());
    }
    if (this.#fatal) throw this.#fatal.error;
    const failures = this.#failed === 0 ? '' : `, ${count(this.#failed, 'failure')}`;
    this.#context.note(style.strong('Ended'), `after ${count(this.#verified, 'proven board')}${failures}`);
    if (this.#firstFailure !== undefined) this.#context.exitCode = this.#firstFailure;
    this.#context.emit({ type: 'result', ok: this.#failed === 0, boards: this.#verified, failures: this.#failed });
  }

  #isEnough(): boolean {
    return this.#running.size === 0 && this.#left() <= 0;
  }

  #left(): number {
    return (this.#options.boards ?? Number.POSITIVE_INFINITY) - this.#verified - this.#failed;
  }

  async #look(): Promise<void> {
    const places = await placesNow(this.#options.usbip);
    const there = new Set(places.map(({ name }) => name));
    this.#done = new Set([...this.#done].filter((name) => there.has(name)));
    for (const place of places) {
      if (this.#left() <= this.#running.size) return;
      if (this.#running.has(place.name) || this.#done.has(place.name)) continue;
      const turn = this.#turn(place).finally(() => {
        this.#running.delete(place.name);
        this.#done.add(place.name);
      });
      this.#running.set(place.name, turn);
    }
  }

  /** Never throws: what ends everything is kept. */
  async #turn(place: BoardPlace): Promise<void> {
    try {
      await this.#record(place, await this.#program(place));
    } catch (error) {
      this.#fatal ??= { error };
    }
  }

  /** @throws `signal.reason` */
  async #program(place: BoardPlace): Promise<Outcome> {
    const started = this.#clock.now();
    let device: OpenDevice | undefined;
    let number: number | undefined;
    try {
      device = await connectOrClose(await place.open(), defined({ stated: this.#chip }));
      const { leave, supply, numbers, files = [] } = this.#options;
      checkSuffixIds(this.#context.warningsOnly(), device, { files });
      number = numbers?.numberFor(device.about.uid);
      const firmware = numbers && number !== undefined ? numbers.firmwareWith(number) : this.#firmware;
      const options = defined({ leave, supply });
      const report = await programDevice(this.#context.warningsOnly(), device, { firmware, options });
      return { uid: device.about.uid, number, report, tookMs: this.#clock.now() - started };
    } catch (error) {
      if (this.#context.io.signal.aborted) throw error;
      return { uid: device?.about.uid, number, error, tookMs: this.#clock.now() - started };
    } finally {
      await device?.close();
    }
  }

  /** @throws CommandError where the record cannot be written */
  async #record(place: BoardPlace, outcome: Outcome): Promise<void> {
    const { uid, number, report, error, tookMs } = outcome;
    const problem = report ? undefined : problemOf(error);
    const isAgain = uid !== undefined && this.#proven.has(uid);
    if (problem) {
      this.#failed++;
      this.#firstFailure ??= problem.exitCode;
    } else if (!isAgain) {
      this.#verified++;
      if (uid !== undefined) this.#proven.add(uid);
    }
    this.#tell(place, outcome, isAgain);
    const said = problem ? { code: problem.code, exitCode: problem.exitCode, title: problem.title } : figuresOf(report);
    const line = {
      type: 'unit',
      ok: report !== undefined,
      place: place.name,
      uid,
      number,
      again: isAgain,
      tookMs,
      ...said,
    };
    this.#context.emit(line);
    await this.#options.log?.add({ ...line, sha256: this.#hash });
  }

  #tell(place: BoardPlace, { uid, number, report, error, tookMs }: Outcome, isAgain: boolean): void {
    const { style } = this.#context;
    const named = [
      place.name,
      ...(uid === undefined ? [] : [`uid ${uid}`]),
      ...(number === undefined ? [] : [`number ${number}`]),
    ];
    if (report) {
      const again = isAgain ? '; this board was proven before' : '';
      const label = report.outcome === 'unchanged' ? 'Unchanged' : 'Verified';
      this.#context.result(style.ok(label), `${named.join('  ')}  ${briefOutcome(report, tookMs)}${again}`);
      return;
    }
    const { title, code, remedy } = problemOf(error);
    this.#context.result(style.bad('Failed'), `${named.join('  ')}  ${title} ${style.dim(`[${code}]`)}`);
    for (const line of remedy) this.#context.note('', line);
  }
}

interface Outcome {
  readonly uid: string | undefined;
  readonly number: number | undefined;
  /** Of a board that is proven. */
  readonly report?: Report;
  readonly error?: unknown;
  readonly tookMs: number;
}

function figuresOf(report: Report | undefined): Record<string, unknown> {
  if (!report) return {};
  const { outcome, sectorsErased, bytesWritten, verifiedBytes, startedAt } = report;
  return { outcome, sectorsErased, bytesWritten, verifiedBytes, left: startedAt !== undefined };
}
