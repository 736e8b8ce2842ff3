/**
 * For which address a firmware was linked, by its vector table and the code that the vectors point to (ARMv7-M ARM B1.5.2).
 * It knows no chip and no file format.
 */

/** Where vectors of an STM32 point to when they point to flash. */
const FLASH = { start: 0x0800_0000, end: 0x0900_0000 } as const;
/** The same flash through the secure alias of Armv8-M chips (RM0438 §2.3): a vector there stands for one in `FLASH`. */
const SECURE_ALIAS_OFFSET = 0x0400_0000;
/** The largest table has some 240 vectors (RM0433 §20.1.2: 16 and 150; RM0456 §22: 16 and 141). */
const MOST_VECTORS = 256;
/** Images begin at flash pages; the smallest has 128 bytes, and no bootloader is known that leaves less than 1 KB. */
const BASE_STEP = 0x400;
/** Fewer vectors to different places tell nothing; without a default handler, whose code is known, it takes more. */
const LEAST_HANDLERS = 3;
const LEAST_WITHOUT_DEFAULT = 8;
/** So many vectors to one `B .`, at one address alone, are proof enough for a program that has few other handlers. */
const LEAST_SHARED = 16;
const BRANCH_TO_SELF = 0xe7fe;
/** Half-words of a default handler up to the branch back: `B .`, or a WFI or BKPT before it. */
const LONGEST_LOOP = 4;
/** A share of handlers that begin as functions do, above which an address is believed, and below which it is not. */
const BELIEVED_SHARE = 0.75;
const DOUBTED_SHARE = 0.5;

/** Half-words with which functions begin, as mask and value (ARMv7-M ARM A5). */
const FUNCTION_STARTS: readonly (readonly [mask: number, value: number])[] = [
  [0xfe00, 0xb400], // PUSH
  [0xffff, 0xe92d], // PUSH.W
  [0xf800, 0x4800], // LDR Rt, [PC, #imm8]
  [0xff7f, 0xf85f], // LDR.W Rt, [PC, #imm12]
  [0xfbf0, 0xf240], // MOVW
  [0xf800, 0x2000], // MOVS Rd, #imm8
  [0xff80, 0xb080], // SUB SP, #imm7
  [0xf800, 0xe000], // B
  [0xffff, 0x4770], // BX LR
  [0xffff, 0xf3ef], // MRS
  [0xffff, 0xb672], // CPSID i
  [0xfff0, 0xf010], // TST.W, of LR in handlers
  [0xff00, 0x4600], // MOV
  [0xff8f, 0xbf00], // NOP, YIELD, WFE, WFI, SEV
  [0xff00, 0xbe00], // BKPT
];

/**
 * The address that the image was linked for, where its vectors fit there and do not fit where it begins now.
 * @param bytes the image from its first byte
 * @param start the address at which `bytes` lies now; absent for a raw binary whose address is not known
 * @returns `undefined` where the image fits `start`, and where nothing can be said
 */
export function linkedBase(bytes: Uint8Array, start?: number): number | undefined {
  const vectors = vectorsOf(bytes);
  const handlers = [...new Set(vectors)];
  const fallback = defaultHandler(vectors);
  const code = new CodeView(bytes, handlers, fallback);
  if (handlers.length < (fallback === undefined ? LEAST_WITHOUT_DEFAULT : LEAST_HANDLERS)) {
    const isShared = vectors.filter((vector) => vector === fallback).length >= LEAST_SHARED;
    if (!isShared || (start !== undefined && code.fitsAt(start, 0))) return undefined;
    return theOnly(possibleBases(handlers, bytes.length).filter((base) => base !== start && code.staysAt(base)));
  }
  // A default handler of another kind is no reason to doubt an address that all other handlers fit.
  if (start !== undefined && (code.fitsAt(start, DOUBTED_SHARE) || code.shareAt(start) >= BELIEVED_SHARE))
    return undefined;
  const bases = possibleBases(handlers, bytes.length).filter(
    (base) => base !== start && code.fitsAt(base, BELIEVED_SHARE),
  );
  return theOnly(bases);
}

/** Two addresses that fit are none. */
const theOnly = (bases: readonly number[]): number | undefined => (bases.length === 1 ? bases[0] : undefined);

/** Handlers from the reset vector on, without bit 0, as addresses in `FLASH`; up to the first word that is no vector. */
function vectorsOf(bytes: Uint8Array): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const vectors: number[] = [];
  const count = Math.min(MOST_VECTORS, Math.floor(bytes.length / 4));
  for (let i = 1; i < count; i++) {
    const word = view.getUint32(4 * i, true);
    // Reserved vectors are 0.
    if (word === 0) continue;
    const address = word - 1 >= FLASH.start + SECURE_ALIAS_OFFSET ? word - 1 - SECURE_ALIAS_OFFSET : word - 1;
    if (word % 2 === 0 || address < FLASH.start || address >= FLASH.end) break;
    vectors.push(address);
  }
  return vectors;
}

/** The default handler, where at least three vectors share one. */
function defaultHandler(vectors: readonly number[]): number | undefined {
  const counts = new Map<number, number>();
  for (const vector of vectors) counts.set(vector, (counts.get(vector) ?? 0) + 1);
  const [most] = [...counts].toSorted(([, a], [, b]) => b - a);
  return most && most[1] >= 3 ? most[0] : undefined;
}

/** The addresses at which all handlers lie inside the image, behind the first vectors. */
function possibleBases(handlers: readonly number[], length: number): number[] {
  const lowest = Math.min(...handlers);
  const highest = Math.max(...handlers);
  const first = Math.max(FLASH.start, Math.ceil((highest + 2 - length) / BASE_STEP) * BASE_STEP);
  const bases: number[] = [];
  for (let base = first; base + 8 <= lowest; base += BASE_STEP) bases.push(base);
  return bases;
}

class CodeView {
  readonly #view: DataView;
  readonly #handlers: readonly number[];
  readonly #fallback: number | undefined;

  constructor(bytes: Uint8Array, handlers: readonly number[], fallback: number | undefined) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#handlers = handlers;
    this.#fallback = fallback;
  }

  /** Whether this share of handlers begins as functions do with the image at `base`, and the default handler loops. */
  fitsAt(base: number, share: number): boolean {
    return (this.#fallback === undefined || this.#loopsAt(this.#fallback - base)) && this.shareAt(base) >= share;
  }

  /** Whether the default handler is one branch to itself with the image at `base`. */
  staysAt(base: number): boolean {
    return this.#fallback !== undefined && this.#halfWord(this.#fallback - base) === BRANCH_TO_SELF;
  }

  /** The share of handlers that begin as functions do with the image at `base`. */
  shareAt(base: number): number {
    const fitting = this.#handlers.filter((handler) => {
      const word = this.#halfWord(handler - base);
      return word !== undefined && FUNCTION_STARTS.some(([mask, value]) => (word & mask) === value);
    });
    return fitting.length / this.#handlers.length;
  }

  /** Whether the code at `offset` branches back into itself within a few half-words (B, encoding T2). */
  #loopsAt(offset: number): boolean {
    for (let at = offset; at < offset + 2 * LONGEST_LOOP; at += 2) {
      const word = this.#halfWord(at);
      if (word === undefined) return false;
      if ((word & 0xf800) !== 0xe000) continue;
      const target = at + 4 + ((word << 21) >> 20);
      return target >= offset && target <= at;
    }
    return false;
  }

  #halfWord(offset: number): number | undefined {
    return offset >= 0 && offset + 2 <= this.#view.byteLength ? this.#view.getUint16(offset, true) : undefined;
  }
}
