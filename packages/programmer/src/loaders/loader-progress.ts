/** Waits for what the flash loader in RAM does, and tells why it does nothing. It gives no command. */
import type { FlashController } from '@sureflash/chips';
import type { CortexCore } from '../cortex/core.ts';
import { type DebugAccess, readWord, readWords } from '../cortex/debug-access.ts';
import { FlashError } from '../errors.ts';
import type { Clock } from '../ports/clock.ts';
import { flashFlagNames } from './controller-words.ts';
import type { ProgressOptions } from './flash-algorithm.ts';
import { ANSWER_WORDS, LOADER_STATE, MAILBOX } from './mailbox.ts';
import { assureOwnCode } from './own-code.ts';
import type { WorkArea } from './work-area.ts';

export interface LoaderProgressParts {
  readonly access: DebugAccess;
  readonly core: CortexCore;
  readonly clock: Clock;
  readonly controller: FlashController;
  readonly area: WorkArea;
}

export interface LoaderWait extends ProgressOptions {
  readonly operation: string;
  readonly address: number;
  readonly stuckMs: number;
  /** Something useful to do instead of waiting. @returns whether there was anything */
  readonly meanwhile?: (done: number) => Promise<boolean>;
}

/** Between two looks: a buffer takes several times as long, and the other one is full meanwhile. */
const LOADER_LOOK_MS = 1;
/** Looks without progress after which the core itself is looked at. */
const QUIET_LOOKS = 16;

export class LoaderProgress {
  readonly #parts: LoaderProgressParts;

  constructor(parts: LoaderProgressParts) {
    this.#parts = parts;
  }

  /** @returns how many bytes of the command have been programmed, or how many of its sectors have been erased */
  async now(): Promise<number> {
    const { access, area } = this.#parts;
    return await readWord(access, area.mailbox + MAILBOX.PROGRESS);
  }

  /** Waits until so many bytes have been programmed. @returns how many have been */
  async reaches(bytes: number, waiting: LoaderWait): Promise<number> {
    const { clock } = this.#parts;
    const end = clock.now() + waiting.stuckMs;
    for (let look = 1; ; look++) {
      waiting.signal?.throwIfAborted();
      const done = await this.now();
      if (done >= bytes) {
        if (done > 0) waiting.onDone?.(done);
        return done;
      }
      if (look % QUIET_LOOKS === 0) await this.#answer(waiting);
      if (clock.now() >= end) throw await this.#stuck(waiting);
      if (!(await waiting.meanwhile?.(done))) await clock.sleep(LOADER_LOOK_MS, waiting.signal);
    }
  }

  /** Waits for the end of a command. @throws FlashError `flash/refused` with the flags of the controller */
  async ends(waiting: LoaderWait): Promise<void> {
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
      else if (look % QUIET_LOOKS === 0) await this.checkCore(waiting.operation, waiting.address);
      before = progress;
      if (clock.now() >= end) throw await this.#stuck(waiting);
      if (!(await waiting.meanwhile?.(progress))) await clock.sleep(LOADER_LOOK_MS, signal);
    }
  }

  /** @throws FlashError `core/reset`, `core/fault` where the loader does not run any more */
  async checkCore(operation: string, address?: number): Promise<void> {
    const { core } = this.#parts;
    const { halted, wasReset } = await core.status();
    if (wasReset) throw new FlashError('core/reset', { operation, ...(address !== undefined && { address }) });
    if (!halted) return;
    await assureOwnCode(this.#parts.access, this.#parts.area.code, operation);
    throw await core.faultAt(operation);
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

  /** @returns `flash/stuck`; `core/ram-changed` is thrown where that is why */
  async #stuck({ operation, address, stuckMs }: LoaderWait): Promise<FlashError<'flash/stuck'>> {
    await assureOwnCode(this.#parts.access, this.#parts.area.code, operation);
    return new FlashError('flash/stuck', { operation, address, afterMs: stuckMs });
  }
}
