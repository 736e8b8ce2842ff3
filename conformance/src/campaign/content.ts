/** What flash holds, past every wire: the image, what was beside it, and everything else. */
import type { Segment } from '@sureflash/image';
import type { Board } from '@sureflash/virtual';
import type { Case } from './case.ts';

/** Whether each part of flash is as it should be. */
export interface Holding {
  readonly image: boolean;
  /** What the sectors of the image hold beside it; true where the job gives it up. */
  readonly rest: boolean;
  /** What is not there of it was handed out at the end of the run, byte for byte. Cells that were erased held nothing. */
  readonly handedOut: boolean;
  /** All other sectors; what is missing there was not handed out either. */
  readonly elsewhere: boolean;
}

/** Remembers the flash of a board as it is, to judge it later. */
export class Content {
  readonly #board: Board;
  readonly #case: Case;
  readonly #before: readonly Uint8Array[];

  constructor(board: Board, subject: Case) {
    this.#board = board;
    this.#case = subject;
    this.#before = board.flash.sectors.map(({ start, end }) => board.flash.peek(start, end - start));
  }

  /** @param handedOut what the run has given back of what stood beside the image */
  judge(handedOut: readonly Segment[] = []): Holding {
    const { image, job } = this.#case;
    // A device that gives nothing back lets nothing be kept, which is said before it is erased.
    const givesUp = job.keepBeside === false || job.unproven === true;
    const { flash } = this.#board;
    const holding = { image: true, rest: true, handedOut: true, elsewhere: true };
    for (const [i, sector] of flash.sectors.entries()) {
      const found = flash.peek(sector.start, sector.end - sector.start);
      const wanted = (this.#before[i] ?? found).slice();
      const parts = image.within(sector);
      if (parts.length === 0) {
        if (sameBytes(found, wanted)) continue;
        // The loader may have announced larger sectors than the chip has: this one is then beside the image.
        if (sameBytes(withSegments(found, sector, handedOut), wanted)) holding.rest = false;
        else holding.elsewhere = false;
        continue;
      }
      for (const { address, bytes } of parts) {
        const at = address - sector.start;
        if (!sameBytes(found.subarray(at, at + bytes.length), bytes)) holding.image = false;
        // From here on only what is beside the image counts.
        wanted.set(found.subarray(at, at + bytes.length), at);
      }
      if (givesUp || sameBytes(found, wanted)) continue;
      holding.rest = false;
      const givenBack = withSegments(found, sector, handedOut);
      if (!holdsWords(givenBack, wanted)) holding.handedOut = false;
    }
    return holding;
  }
}

function withSegments(found: Uint8Array, sector: SectorExtent, segments: readonly Segment[]): Uint8Array {
  const filled = found.slice();
  for (const { address, bytes } of segments) {
    const start = Math.max(address, sector.start);
    const end = Math.min(address + bytes.length, sector.end);
    if (start < end) filled.set(bytes.subarray(start - address, end - address), start - sector.start);
  }
  return filled;
}

/** Whether each word of `wanted` that is not erased is in `found`. */
function holdsWords(found: Uint8Array, wanted: Uint8Array): boolean {
  for (let at = 0; at < wanted.length; at += WORD) {
    const word = wanted.subarray(at, at + WORD);
    if (!isErased(word) && !sameBytes(found.subarray(at, at + WORD), word)) return false;
  }
  return true;
}

/** Erased cells read as 0xFF, or as 0 on L0 and L1 (RM0367 §3.3.4); what the cases put into flash is noise, never such a word. */
function isErased(word: Uint8Array): boolean {
  return word.every((byte) => byte === 0xff) || word.every((byte) => byte === 0);
}

const WORD = 4;

interface SectorExtent {
  readonly start: number;
  readonly end: number;
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
