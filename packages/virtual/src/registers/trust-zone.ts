/**
 * TrustZone of a chip: which world each page of the flash belongs to, which world an access comes from, and what option
 * bytes may become. It knows neither the bus nor a debugger (RM0438 §6.5, RM0456 §7.5, RM0481 §7.5).
 */

import type { Flash } from '../flash/flash.ts';

export type World = 'secure' | 'non-secure';

/** What option bytes and flash registers of a family say of its worlds. Options are words, as registers hold them. */
export interface TrustZoneFacts {
  readonly isOn: (options: DataView) => boolean;
  /** First and last secure page of each bank; there is none where the first lies behind the last. */
  readonly watermarks: (options: DataView) => readonly (readonly [first: number, last: number])[];
  /** Where a core starts that is secure (SECBOOTADD0). */
  readonly startsAt: (options: DataView) => number;
  /** Offsets of registers that belong to the secure world: those that drive its flash, and its options. */
  readonly drives: readonly number[];
  readonly secureOptions: readonly number[];
  /** Offset of the first SECBBxR of each bank: a set bit makes a page secure until the next reset. */
  readonly blocks: readonly number[];
  /** Whether the chip takes these options over; what it refuses stays as it was. */
  readonly accepts: (before: DataView, next: DataView) => boolean;
}

/** Words of SECBBxR in a bank: room for 256 pages. */
const BLOCK_WORDS = 8;

export class TrustZone {
  /** The world of whoever is at the bus. */
  access: World = 'secure';
  /** The world of the core: a secure program that lets another one run is not modelled, only that it has done so. */
  readonly core: World;
  readonly facts: TrustZoneFacts;
  readonly #flash: Flash;
  readonly #blocks: Uint32Array[];
  #isOn = false;
  #secure = new Set<number>();

  constructor(facts: TrustZoneFacts, flash: Flash, core: World) {
    this.facts = facts;
    this.core = core;
    this.#flash = flash;
    this.#blocks = facts.blocks.map(() => new Uint32Array(BLOCK_WORDS));
  }

  get isOn(): boolean {
    return this.#isOn;
  }

  /** As a reset takes the options over. */
  load(options: Uint8Array): void {
    const view = optionView(options);
    this.#isOn = this.facts.isOn(view);
    this.access = this.#isOn ? this.core : 'non-secure';
    for (const words of this.#blocks) words.fill(0);
    const areas = this.facts.watermarks(view);
    this.#secure = new Set(
      this.#flash.sectors.filter((_, index) => within(areas, this.#placeOf(index))).map(({ index }) => index),
    );
  }

  /** Whether a page is secure, by its watermark or for now. */
  isSecure(index: number): boolean {
    if (!this.#isOn) return false;
    const { bank, page } = this.#placeOf(index);
    const word = this.#blocks[bank]?.[page >>> 5] ?? 0;
    return this.#secure.has(index) || ((word >>> (page & 31)) & 1) === 1;
  }

  /** @returns the word of SECBBxR at an offset in the registers; `undefined` where there is none */
  block(offset: number): { get(): number; set(value: number): void } | undefined {
    const bank = this.facts.blocks.findIndex((first) => offset >= first && offset < first + 4 * BLOCK_WORDS);
    const words = this.#blocks[bank];
    const at = (offset - (this.facts.blocks[bank] ?? 0)) >>> 2;
    if (!words) return undefined;
    return {
      get: () => words[at] ?? 0,
      set: (value) => {
        words[at] = value;
      },
    };
  }

  #placeOf(index: number): { readonly bank: number; readonly page: number } {
    const { sectors } = this.#flash;
    const inBank = this.#blocks.length > 1 ? sectors.length / 2 : sectors.length;
    return { bank: Math.floor(index / inBank), page: index % inBank };
  }
}

function within(
  areas: readonly (readonly [number, number])[],
  { bank, page }: { readonly bank: number; readonly page: number },
): boolean {
  const [first, last] = areas[bank] ?? [1, 0];
  return page >= first && page <= last;
}

export const optionView = (options: Uint8Array): DataView =>
  new DataView(options.buffer, options.byteOffset, options.byteLength);
