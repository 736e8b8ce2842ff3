/** What is tried before it is relied on: whether a refusal is read protection, and the length of a block. It knows no region. */
import { FlashError, hasCode } from '../../errors.ts';
import type { DfuSession } from '../protocol/session.ts';

export interface TrialParts {
  readonly session: DfuSession;
  /** Bytes of a block. */
  readonly transferSize: number;
  /** Whether errVENDOR may mean read protection, as in ST's ROMs (AN3156 §5). */
  readonly isRom: boolean;
  /** A loader that nobody knows: what it says of its blocks and of its reads is tried before it is relied on. */
  readonly isTried: boolean;
}

/** A block that every loader takes: it fits one packet, and is a multiple of every unit of flash. */
export const SHORT_BLOCK = 32;

export class Trials {
  readonly #parts: TrialParts;
  /** Whether flash was read: under read protection none is (AN3156 §5). */
  #isOpen = false;
  #isAsking = false;
  #tookBlock = false;

  constructor(parts: TrialParts) {
    this.#parts = parts;
  }

  /** Flash has given some of its bytes. */
  noteRead(): void {
    this.#isOpen = true;
  }

  /**
   * While read protection is on, a ROM answers everything with errVENDOR (AN3156 §5). It means that only where flash cannot be
   * read either: write protection and secure areas are refused with the same status.
   * @param readSome reads some bytes of flash
   */
  async guarded<T>(
    work: Promise<T>,
    facts: { operation: string; address?: number },
    readSome: () => Promise<void>,
  ): Promise<T> {
    try {
      return await work;
    } catch (error) {
      const mayMean = this.#parts.isRom && hasCode(error, 'dfu/status') && error.facts.status === 'errVENDOR';
      if (!mayMean || !(await this.#isClosed(facts.operation, readSome))) throw error;
      throw new FlashError('device/read-protected', facts, error);
    }
  }

  async #isClosed(operation: string, readSome: () => Promise<void>): Promise<boolean> {
    if (this.#isOpen || this.#isAsking) return !this.#isOpen;
    if (operation === 'read') return true;
    this.#isAsking = true;
    try {
      await readSome();
      return false;
    } catch (error) {
      return hasCode(error, 'device/read-protected');
    } finally {
      this.#isAsking = false;
    }
  }

  /**
   * Before the first erase: whether the block length that the loader announces is one that it takes. Where a short block
   * is refused as well, the length is not the reason.
   * @param point sets the address pointer to a sector that will be erased
   * @throws FlashError `dfu/block-size`
   */
  async tryBlock(point: () => Promise<void>): Promise<void> {
    const { session, transferSize, isTried } = this.#parts;
    if (!isTried || this.#tookBlock) return;
    await point();
    if (!(await session.takesBlock(transferSize))) {
      await point();
      if (await session.takesBlock(SHORT_BLOCK)) throw new FlashError('dfu/block-size', { announced: transferSize });
    }
    this.#tookBlock = true;
  }
}
