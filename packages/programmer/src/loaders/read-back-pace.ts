/**
 * Whether it pays to fetch what was read back while something is programmed, by what was measured. Where the wire is full with
 * what is to be programmed, it does not: a read at the end takes as long, and needs no CRC. It moves no bytes.
 */

/** Of the time that a CRC takes: the loader sees soon that all words of a range are the same. */
const UNIFORM_SHARE = 1 / 8;

export class ReadBackPace {
  #isWireFull: boolean | undefined;
  #crcMs: number | undefined;

  /** Whether the cells wait for the wire even when it fetches nothing; `undefined` until that was seen. */
  get isWireFull(): boolean | undefined {
    return this.#isWireFull;
  }

  /** @param buffers those that the loader has not done when one was filled and nothing fetched before that */
  filled(buffers: number): void {
    this.#isWireFull = buffers <= 1;
  }

  /** The CRCs of some ranges took so long: of so many bytes, and of those that were the same word again and again. */
  crcTook(ms: number, { bytes, uniform }: { readonly bytes: number; readonly uniform: number }): void {
    const weight = bytes - uniform + uniform * UNIFORM_SHARE;
    if (weight > 0) this.#crcMs = (ms * bytes) / weight;
  }

  /** @returns whether it took longer to fetch these bytes meanwhile than it takes to prove by CRC that nothing has changed since */
  pays(fetchMs: number): boolean {
    return this.#crcMs === undefined || fetchMs > this.#crcMs;
  }
}
