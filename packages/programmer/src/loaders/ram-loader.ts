/** Drives the flash loader that runs in the chip's RAM. It knows mailbox and buffers, and no probe. */
import type { FlashController, RegisterSteps } from '@sureflash/chips';
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
import { flashFlagNames } from './controller-words.ts';
import { crcOfAnswer } from './crc-answer.ts';
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
import {
  ANSWER_WORDS,
  type ControllerWords,
  commandWords,
  LOADER_COMMAND,
  LOADER_STATE,
  MAILBOX,
  parameterWords,
} from './mailbox.ts';
import { assureOwnCode } from './own-code.ts';
import { takeSteps } from './quicker-clock.ts';
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
  readonly quicker: RegisterSteps | undefined;
}

const STARTED_LIMIT_MS = 100;
/** Between two looks: a buffer takes several times as long, and the other one is full meanwhile. */
const LOADER_LOOK_MS = 1;
/** Looks without progress after which the core itself is looked at. */
const QUIET_LOOKS = 16;
/** A CRC goes through 1 MB in about 4 s where the core runs at 2 MHz. */
const CRC_STUCK_MS = 10_000;
/** Address and length, which become the CRC. */
const LIST_ENTRY_BYTES = 8;

interface LoaderWait extends ProgressOptions {
  readonly operation: string;
  readonly address: number;
  readonly stuckMs: number;
  /** Something useful to do instead of waiting. @returns whether there was anything */
  readonly meanwhile?: () => Promise<boolean>;
}

export class RamLoader implements FlashAlgorithm {
  readonly #parts: RamLoaderParts;
  #running = false;
  readonly #buffers: LoaderBuffers;

  constructor(parts: RamLoaderParts) {
    this.#parts = parts;
    this.#buffers = new LoaderBuffers(parts.access, parts.area);
  }

  /** Puts the loader into RAM and starts it. @throws FlashError `probe/refused` where there is no RAM for it, `core/*` */
  async start(): Promise<void> {
    if (this.#running) return;
    const { access, core, clock, controller, words, area, watchdog, quicker } = this.#parts;
    const { code, mailbox, bufferBytes, bufferStride, bufferCount, buffers } = area;
    await unlockFlash(access, controller, words);
    if (quicker) await takeSteps(access, quicker);
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
      await this.#checkCore('start of the flash loader');
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
    await this.#finished({ operation: 'erase', address, stuckMs: ERASE_STUCK_MS, signal, onDone, meanwhile });
  }

  async program(part: BankBytes, { signal, onDone, readBack }: ProgramOptions): Promise<void> {
    const { address, bytes, registers } = part;
    const { bufferBytes, bufferCount } = this.#parts.area;
    const carried = this.#buffers.take(part);
    // Something else was announced than is programmed.
    if (carried === undefined) await this.#empty('program', address);
    // The loader reads whole words.
    const readsBack = readBack === true && (address | bytes.length) % 4 === 0;
    await this.#command(LOADER_COMMAND.PROGRAM, [address, bytes.length, registers, 0, readsBack ? 1 : 0]);
    let before = 0;
    const onProgrammed = (done: number): void => {
      if (readsBack) this.#buffers.programmed(part, before, done);
      before = done;
      onDone?.(done);
    };
    const meanwhile = async (): Promise<boolean> => await this.#buffers.collect();
    const waiting = {
      operation: 'program',
      address,
      stuckMs: PROGRAM_STUCK_MS,
      signal,
      onDone: onProgrammed,
      meanwhile,
    };
    for (let sent = carried ?? 0; sent < bytes.length; sent += bufferBytes) {
      // The buffer is free when the part that was in it before has been programmed.
      await this.#progressTo(Math.max(0, sent - (bufferCount - 1) * bufferBytes), waiting);
      await this.#buffers.fill(bytes, sent);
    }
    await this.#finished(waiting);
  }

  async takeReadBack(): Promise<Chunk[]> {
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
    const list = area.buffers + CRC_TABLE_BYTES;
    const found: number[] = [];
    for (let first = 0; first < ranges.length; first += area.listEntries) {
      const some = ranges.slice(first, first + area.listEntries);
      await this.start();
      const entries = some.flatMap(({ start, end }) => [start, end - start]);
      await writeMemoryWords(access, list, entries);
      await this.#command(LOADER_COMMAND.CRC, [list, some.length, area.buffers]);
      const [address, done] = [some[0]?.start ?? 0, found.length];
      const onEach = (count: number): void => onDone?.(done + count);
      const waiting = { operation: 'CRC', address, stuckMs: CRC_STUCK_MS };
      await this.#finished({ ...waiting, signal, onDone: onEach });
      const answers = await readWords(access, list, some.length * (LIST_ENTRY_BYTES / 4));
      found.push(
        ...some.map((range, index) => crcOfAnswer(range, answers[2 * index] ?? 0, answers[2 * index + 1] ?? 0)),
      );
    }
    await this.#empty('CRC', ranges[0]?.start ?? 0);
    return found;
  }

  async #empty(operation: string, address: number): Promise<void> {
    await this.#command(LOADER_COMMAND.EMPTY, []);
    await this.#finished({ operation, address, stuckMs: STARTED_LIMIT_MS });
    this.#buffers.forget();
  }

  async #command(command: number, args: readonly number[]): Promise<void> {
    await this.start();
    await writeMemoryWords(this.#parts.access, this.#parts.area.mailbox, commandWords(command, args));
  }

  /** Waits until so many bytes have been programmed. */
  async #progressTo(bytes: number, waiting: LoaderWait): Promise<void> {
    const { access, area, clock } = this.#parts;
    const end = clock.now() + waiting.stuckMs;
    for (let look = 1; ; look++) {
      waiting.signal?.throwIfAborted();
      if (bytes === 0) return;
      const done = await readWord(access, area.mailbox + MAILBOX.PROGRESS);
      if (done >= bytes) {
        waiting.onDone?.(done);
        return;
      }
      if (look % QUIET_LOOKS === 0) await this.#answer(waiting);
      if (clock.now() >= end) throw await this.#stuck(waiting);
      if (!(await waiting.meanwhile?.())) await clock.sleep(LOADER_LOOK_MS, waiting.signal);
    }
  }

  /** Waits for the end of a command. @throws FlashError `flash/refused` with the flags of the controller */
  async #finished(waiting: LoaderWait): Promise<void> {
    const { clock } = this.#parts;
    const { signal, onDone, stuckMs } = waiting;
    let end = clock.now() + stuckMs;
    let before = -1;
    for (let look = 1; ; look++) {
      signal?.throwIfAborted();
      const { state, progress } = await this.#answer(waiting);
      if (progress !== before && state !== 0) onDone?.(progress);
      if (state === LOADER_STATE.DONE) return;
      if (progress !== before) end = clock.now() + stuckMs;
      else if (look % QUIET_LOOKS === 0) await this.#checkCore(waiting.operation, waiting.address);
      before = progress;
      if (clock.now() >= end) throw await this.#stuck(waiting);
      if (!(await waiting.meanwhile?.())) await clock.sleep(LOADER_LOOK_MS, signal);
    }
  }

  async #answer({ operation, address }: LoaderWait): Promise<{ state: number; progress: number }> {
    const { access, area, controller } = this.#parts;
    const words = await readWords(access, area.mailbox + MAILBOX.STATE, ANSWER_WORDS);
    const [state = 0, , progress = 0, flags = 0, at = address] = words;
    if (state === LOADER_STATE.REFUSED) {
      throw new FlashError('flash/refused', { operation, address: at, flags: flashFlagNames(controller.kind, flags) });
    }
    return { state, progress };
  }

  /** @throws FlashError `core/reset`, `core/fault` where the loader does not run any more */
  async #checkCore(operation: string, address?: number): Promise<void> {
    const { core } = this.#parts;
    const { halted, wasReset } = await core.status();
    if (wasReset) throw new FlashError('core/reset', { operation, ...(address !== undefined && { address }) });
    if (!halted) return;
    await assureOwnCode(this.#parts.access, this.#parts.area.code, operation);
    throw await core.faultAt(operation);
  }

  /** @returns `flash/stuck`; `core/ram-changed` is thrown where that is why */
  async #stuck({ operation, address, stuckMs }: LoaderWait): Promise<FlashError<'flash/stuck'>> {
    await assureOwnCode(this.#parts.access, this.#parts.area.code, operation);
    return new FlashError('flash/stuck', { operation, address, afterMs: stuckMs });
  }
}
