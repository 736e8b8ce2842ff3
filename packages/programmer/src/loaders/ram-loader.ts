/** Drives the flash loader that runs in the chip's RAM. It knows mailbox and buffers, and no probe. */
import type { FlashController, QuickerClock } from '@sureflash/chips';
import { crc32 } from '@sureflash/image';
import type { CortexCore } from '../cortex/core.ts';
import {
  type DebugAccess,
  readWord,
  readWords,
  wordBytes,
  writeMemoryWords,
  writeWord,
} from '../cortex/debug-access.ts';
import { FlashError } from '../errors.ts';
import type { Clock } from '../ports/clock.ts';
import type { Range } from '../target/geometry.ts';
import type { Chunk } from '../target/target.ts';
import { crcOfAnswer, crcWork } from './crc-answer.ts';
import {
  type BankBytes,
  ERASE_STUCK_MS,
  type FlashAlgorithm,
  PROGRAM_STUCK_MS,
  type ProgramOptions,
  type ProgressOptions,
  type SectorSeries,
  type SeriesEraseOptions,
} from './flash-algorithm.ts';
import { FLASH_LOADER } from './flash-loader-code.ts';
import { LoaderBuffers } from './loader-buffers.ts';
import { LoaderProgress, type LoaderWait } from './loader-progress.ts';
import {
  type ControllerWords,
  commandWords,
  LOADER_COMMAND,
  LOADER_READ_BACK,
  LOADER_STATE,
  MAILBOX,
  parameterWords,
} from './mailbox.ts';
import { assureOwnCode } from './own-code.ts';
import { takeSteps } from './quicker-clock.ts';
import { ReadBackPace } from './read-back-pace.ts';
import { unlockFlash } from './unlock.ts';
import { CRC_TABLE_BYTES, type WorkArea } from './work-area.ts';

export interface RamLoaderParts {
  readonly access: DebugAccess;
  readonly core: CortexCore;
  readonly clock: Clock;
  readonly controller: FlashController;
  readonly words: ControllerWords;
  readonly area: WorkArea;
  /** The key register of the independent watchdog. */
  readonly watchdog: number;
  /** Makes the core quicker that has just been reset. */
  readonly quicker: QuickerClock | undefined;
}

const STARTED_LIMIT_MS = 100;
/** A CRC goes through 1 MB in about 4 s where the core runs at 2 MHz. */
const CRC_STUCK_MS = 10_000;
/** Address and length, which become the CRC. */
const LIST_ENTRY_BYTES = 8;

export class RamLoader implements FlashAlgorithm {
  readonly #parts: RamLoaderParts;
  #running = false;
  /** The core can be made quicker for a computation. */
  #canHurry = false;
  readonly #buffers: LoaderBuffers;
  readonly #progress: LoaderProgress;
  readonly #pace = new ReadBackPace();

  constructor(parts: RamLoaderParts) {
    this.#parts = parts;
    this.#buffers = new LoaderBuffers(parts.access, parts.clock, parts.area);
    this.#progress = new LoaderProgress(parts);
  }

  /** Puts the loader into RAM and starts it. @throws FlashError `probe/refused` where there is no RAM for it, `core/*` */
  async start(): Promise<void> {
    if (this.#running) return;
    const { access, core, clock, controller, words, area, watchdog, quicker } = this.#parts;
    const { code, mailbox, bufferBytes, bufferStride, bufferCount, buffers } = area;
    await unlockFlash(access, controller, words);
    this.#canHurry = quicker !== undefined && (await takeSteps(access, quicker.start));
    const image = new Uint8Array(FLASH_LOADER.length + MAILBOX.END);
    image.set(FLASH_LOADER);
    const parameters = parameterWords(words, { ...area, watchdog });
    image.set(wordBytes(parameters), FLASH_LOADER.length + MAILBOX.PARAMETERS);
    // The end first: a part of the row with less RAM is found out before anything runs.
    await writeWord(access, buffers + (bufferCount - 1) * bufferStride + bufferBytes, 0);
    await access.writeMemory(code, image);
    await core.startAt(code);
    const end = clock.now() + STARTED_LIMIT_MS;
    while ((await readWord(access, mailbox + MAILBOX.STATE)) !== LOADER_STATE.READY) {
      await this.#progress.checkCore('start of the flash loader');
      if (clock.now() < end) continue;
      await assureOwnCode(access, code, 'start of the flash loader');
      throw new FlashError('core/stuck', {
        operation: 'start the flash loader',
        afterMs: STARTED_LIMIT_MS,
        state: 'running',
      });
    }
    this.#running = true;
    this.#buffers.lose();
  }

  async erase(series: SectorSeries, { signal, onDone, next }: SeriesEraseOptions): Promise<void> {
    const { address, step, code, codeStep, registers, count } = series;
    await this.#command(LOADER_COMMAND.ERASE, [address, step, code, codeStep, registers, count]);
    const meanwhile = async (): Promise<boolean> =>
      (next !== undefined && (await this.#buffers.carry(next))) || (await this.#buffers.collect());
    await this.#progress.ends({ operation: 'erase', address, stuckMs: ERASE_STUCK_MS, signal, onDone, meanwhile });
  }

  async program(part: BankBytes, { signal, onDone, readBack }: ProgramOptions): Promise<void> {
    const { address, bytes, registers } = part;
    const carried = this.#buffers.take(part);
    // Something else was announced than is programmed.
    if (carried === undefined) await this.#empty('program', address);
    // The loader reads whole words.
    const readsBack = readBack === true && (address | bytes.length) % 4 === 0;
    const readBackBy = readsBack ? this.#readBackBy() : LOADER_READ_BACK.NOTHING;
    await this.#command(LOADER_COMMAND.PROGRAM, [address, bytes.length, registers, 0, readBackBy]);
    let before = 0;
    const onProgrammed = (done: number): void => {
      if (readsBack) this.#buffers.programmed(part, before, done);
      before = done;
      onDone?.(done);
    };
    const waiting = { operation: 'program', address, stuckMs: PROGRAM_STUCK_MS, signal, onDone: onProgrammed };
    await this.#send(bytes, carried ?? 0, waiting);
    await this.#progress.ends({ ...waiting, meanwhile: this.#collect });
  }

  /** Fills the buffers in turns from the part on that begins at `first`, and fetches what was read back into them where that pays. */
  async #send(bytes: Uint8Array, first: number, waiting: LoaderWait): Promise<void> {
    const { bufferBytes, bufferCount } = this.#parts.area;
    const pace = this.#pace;
    let fetched = true;
    let waited = false;
    const meanwhile = async (): Promise<boolean> => {
      waited = true;
      return await this.#collect();
    };
    for (let sent = first; sent < bytes.length; sent += bufferBytes) {
      waiting.signal?.throwIfAborted();
      // The buffer is free when the part that was in it before has been programmed.
      const free = Math.max(0, sent - (bufferCount - 1) * bufferBytes);
      if (free > 0 || pace.isWireFull === undefined || this.#buffers.isWaitingAt(sent)) {
        waited = false;
        const done = await this.#progress.reaches(free, { ...waiting, meanwhile });
        // The loader has always waited for the first one.
        if (!fetched && sent - first >= 2 * bufferBytes)
          pace.filled(waited ? bufferCount : (sent - done) / bufferBytes);
      }
      fetched = await this.#buffers.fill(bytes, sent, pace.isWireFull !== true);
    }
  }

  /** Fetches what was read back into one buffer, where that pays. @returns whether there was anything */
  readonly #collect = async (): Promise<boolean> => this.#pace.isWireFull !== true && (await this.#buffers.collect());

  #readBackBy(): number {
    const { unit, storeWidth, burst } = this.#parts.words;
    // A read of words that were programmed one by one waits for the cells; other units are read when a buffer is done.
    const readsEach = unit === 4 && storeWidth === 4 && burst === 0;
    return readsEach ? LOADER_READ_BACK.EACH : LOADER_READ_BACK.BUFFERS;
  }

  async takeReadBack(): Promise<Chunk[]> {
    if (!this.#pace.pays(this.#buffers.fetchMs)) this.#buffers.dropReadBack();
    while (await this.#buffers.collect());
    return this.#buffers.takeCollected();
  }

  async stop(): Promise<void> {
    if (!this.#running) return;
    this.#running = false;
    this.#buffers.lose();
    await this.#parts.core.resetAndHalt();
  }

  async digest(ranges: readonly Range[], { signal, onDone }: ProgressOptions): Promise<number[] | undefined> {
    const { access, area } = this.#parts;
    if (area.listEntries === 0) return undefined;
    // List and table stand in the buffers.
    while (await this.#buffers.collect());
    await this.start();
    await this.#computing('begin');
    // It is the loader that says what flash holds, and that has read it back before: it proves itself with the same code.
    const all = [...ranges, { start: area.code, end: area.code + FLASH_LOADER.length }];
    const found: number[] = [];
    for (let first = 0; first < all.length; first += area.listEntries) {
      const onEach = (count: number): void => onDone?.(Math.min(first + count, ranges.length));
      found.push(...(await this.#crcsOf(all.slice(first, first + area.listEntries), { signal, onDone: onEach })));
    }
    await this.#computing('end');
    await this.#empty('CRC', ranges[0]?.start ?? 0);
    if (found.pop() === crc32(FLASH_LOADER)) return found;
    await assureOwnCode(access, area.code, 'CRC');
    return undefined;
  }

  async #crcsOf(ranges: readonly Range[], options: ProgressOptions): Promise<number[]> {
    const { access, area, clock } = this.#parts;
    const list = area.buffers + CRC_TABLE_BYTES;
    const entries = ranges.flatMap(({ start, end }) => [start, end - start]);
    await writeMemoryWords(access, list, entries);
    const started = clock.now();
    await this.#command(LOADER_COMMAND.CRC, [list, ranges.length, area.buffers]);
    const address = ranges[0]?.start ?? 0;
    await this.#progress.ends({ operation: 'CRC', address, stuckMs: CRC_STUCK_MS, ...options });
    const ms = clock.now() - started;
    const answers = await readWords(access, list, ranges.length * (LIST_ENTRY_BYTES / 4));
    this.#pace.crcTook(ms, crcWork(ranges, answers));
    return ranges.map((range, index) => crcOfAnswer(range, answers[2 * index] ?? 0, answers[2 * index + 1] ?? 0));
  }

  /** The core is quicker while it computes; where it waits for cells, that gains nothing. */
  async #computing(step: 'begin' | 'end'): Promise<void> {
    const { access, quicker } = this.#parts;
    const found = quicker?.computing?.[step];
    if (found && this.#canHurry) await takeSteps(access, [found]);
  }

  async #empty(operation: string, address: number): Promise<void> {
    await this.#command(LOADER_COMMAND.EMPTY, []);
    await this.#progress.ends({ operation, address, stuckMs: STARTED_LIMIT_MS });
    this.#buffers.forget();
  }

  async #command(command: number, args: readonly number[]): Promise<void> {
    await this.start();
    await writeMemoryWords(this.#parts.access, this.#parts.area.mailbox, commandWords(command, args));
  }
}
