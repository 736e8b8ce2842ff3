/** Programs every board that comes, all of them at once, and tells each in one line. It knows no option of the command line. */
import { createHash } from 'node:crypto';
import { MemoryImage, type Range } from '@sureflash/image';
import { type Clock, hex, type Report, systemClock } from '@sureflash/programmer';
import { usage } from '../base/command-error.ts';
import { EXIT, type ExitCode } from '../base/exit-codes.ts';
import { chipNamed } from '../device/chip-named.ts';
import { connectSource, type OpenDevice } from '../device/open.ts';
import { type BoardPlace, placesNow } from '../device/places.ts';
import { LOOK_MS } from '../device/waiting.ts';
import type { LoadedFirmware } from '../files/firmware-file.ts';
import type { Context } from '../render/context.ts';
import { briefOutcome } from '../render/plan.ts';
import { problemOf } from '../render/problem.ts';
import { count } from '../render/words.ts';
import { programDevice } from './program-job.ts';
import type { SupplyOption } from './supply.ts';
import type { UnitLog } from './unit-log.ts';

/** A number for each board, at an address that the firmware leaves free. */
export interface Numbers {
  readonly address: number;
  readonly first: number;
}

export interface ProductionOptions extends SupplyOption {
  /** So many boards end it, proven or not. */
  readonly boards?: number | undefined;
  readonly leave?: boolean | undefined;
  readonly chip?: string | undefined;
  readonly usbip?: string | undefined;
  readonly log?: UnitLog | undefined;
  readonly numbers?: Numbers | undefined;
}

const NUMBER_BYTES = 4;

export class Production {
  readonly #context: Context;
  readonly #firmware: LoadedFirmware;
  readonly #options: ProductionOptions;
  readonly #hash: string;
  readonly #clock: Clock = systemClock;
  /** By place. */
  readonly #running = new Map<string, Promise<void>>();
  /** Places with a board that has had its turn. */
  #done = new Set<string>();
  /** Unique ids of boards that are proven. */
  readonly #proven = new Set<string>();
  readonly #numberByUid = new Map<string, number>();
  #nextNumber: number;
  #verified = 0;
  #failed = 0;
  #firstFailure: ExitCode | undefined;
  /** What no other board can cure, and an interruption in the middle of a board. */
  #fatal: { readonly error: unknown } | undefined;

  /** @throws CommandError `cli/usage` for a number where the firmware has bytes of its own, and for an unknown chip */
  constructor(context: Context, firmware: LoadedFirmware, options: ProductionOptions) {
    this.#context = context;
    this.#firmware = firmware;
    this.#options = options;
    this.#hash = createHash('sha256').update(firmware.file).digest('hex');
    this.#nextNumber = options.numbers?.first ?? 0;
    if (options.chip !== undefined) chipNamed(options.chip);
    if (options.numbers) checkFree(firmware.image, options.numbers.address);
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
      device = await this.#open(place);
      number = this.#numberFor(device.about.uid);
      const { leave, supply } = this.#options;
      const options = { ...(leave && { leave }), ...(supply !== undefined && { supply }) };
      const report = await programDevice(this.#context.warningsOnly(), device, {
        firmware: this.#with(number),
        options,
      });
      return { uid: device.about.uid, number, report, tookMs: this.#clock.now() - started };
    } catch (error) {
      if (this.#context.io.signal.aborted) throw error;
      return { uid: device?.about.uid, number, error, tookMs: this.#clock.now() - started };
    } finally {
      await device?.close();
    }
  }

  async #open(place: BoardPlace): Promise<OpenDevice> {
    const { chip } = this.#options;
    const source = await place.open();
    try {
      return await connectSource(source, chip === undefined ? {} : { stated: chipNamed(chip) });
    } catch (error) {
      await source[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** No number is given to two boards: that of a board that failed goes to no other. */
  #numberFor(uid: string | undefined): number | undefined {
    if (!this.#options.numbers) return undefined;
    const number = (uid === undefined ? undefined : this.#numberByUid.get(uid)) ?? this.#nextNumber++;
    if (uid !== undefined) this.#numberByUid.set(uid, number);
    return number;
  }

  #with(number: number | undefined): LoadedFirmware {
    const { numbers } = this.#options;
    if (!numbers || number === undefined) return this.#firmware;
    const bytes = new Uint8Array(NUMBER_BYTES);
    new DataView(bytes.buffer).setUint32(0, number, true);
    const image = new MemoryImage([...this.#firmware.image.segments, { address: numbers.address, bytes }]);
    return { ...this.#firmware, image };
  }

  /** @throws CommandError where the record cannot be written */
  async #record(place: BoardPlace, outcome: Outcome): Promise<void> {
    const { uid, number, report, error, tookMs } = outcome;
    const problem = report ? undefined : problemOf(error);
    const isAgain = uid !== undefined && this.#proven.has(uid);
    if (problem) {
      this.#failed++;
      this.#firstFailure ??= problem.exitCode === EXIT.success ? EXIT.defect : problem.exitCode;
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

function checkFree(image: MemoryImage, address: number): void {
  const range: Range = { start: address, end: address + NUMBER_BYTES };
  if (address % NUMBER_BYTES === 0 && image.within(range).length === 0) return;
  throw usage(
    `The number cannot stand at ${hex(address)}.`,
    'Name an address that is a multiple of 4 and that the firmware leaves free.',
  );
}
