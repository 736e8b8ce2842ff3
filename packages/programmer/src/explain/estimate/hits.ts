/** Looks for pieces of written blocks in what was read, whatever lies between. It concludes nothing from where they are. */
import type { Step } from '../recording/steps.ts';
import type { Seen } from './seen.ts';

/** Of one piece that is looked for. */
export const PIECE_BYTES = 12;
/** Fewer changes from byte to byte are anywhere. */
export const LEAST_CHANGES = 6;
const MOST_PIECES = 3000;
const FACTOR = 0x01000193;
/** FACTOR to the power of PIECE_BYTES - 1, in 32 bits: what the leaving byte counts for. */
const LEAVING = Array.from({ length: PIECE_BYTES - 1 }).reduce<number>((product) => Math.imul(product, FACTOR), 1);

/** Of many views each has at least a third of what one has. */
const FEWEST_SHARE = 3;

export interface SentPiece {
  readonly step: Step;
  readonly i: number;
  /** Which of the views it was seen through. */
  readonly view: number;
}

/** What may have become of a block on its way. */
export type View = (bytes: Uint8Array) => Uint8Array;

export const asSent: View = (bytes) => bytes;

/** Blocks, and reads in which they are looked for. */
export type Sought = Pick<Seen, 'blocks'> & { readonly after: readonly { readonly step: Step }[] };

/** A piece of a written block turned up in a read, from index `j` on. */
export interface Hit {
  readonly piece: SentPiece;
  readonly read: Step;
  readonly j: number;
}

/** Of blocks as they were sent it is asked twice, how far they lie from their place and where: they are looked for once. */
const hitsAsSent = new WeakMap<Sought, readonly Hit[]>();

/** Where pieces of blocks turned up, as one of some views shows them. */
export function hitsIn(sought: Sought, views: readonly View[]): readonly Hit[] {
  const isAsSent = views.length === 1 && views[0] === asSent;
  const known = isAsSent ? hitsAsSent.get(sought) : undefined;
  if (known) return known;
  const pieces = sieved(piecesToSeek(sought.blocks, views));
  const hits: Hit[] = [];
  for (const { step: read } of sought.after) scanFor(pieces, read, (piece, j) => hits.push({ piece, read, j }));
  if (isAsSent) hitsAsSent.set(sought, hits);
  return hits;
}

/** By their hash; `undefined` for one that two have. */
export type PiecesByHash = ReadonlyMap<number, SentPiece | undefined>;

/** Pieces of blocks through each view, fewer of each where there are several. */
function piecesToSeek(blocks: Seen['blocks'], views: readonly View[]): PiecesByHash {
  const pieces = new Map<number, SentPiece | undefined>();
  const total = blocks.reduce((sum, { step }) => sum + step.length, 0);
  const most = Math.ceil(MOST_PIECES / Math.min(views.length, FEWEST_SHARE));
  const every = Math.max(37, Math.floor(total / most));
  for (const { step } of blocks) {
    for (const [n, view] of views.entries()) {
      const bytes = view(step.bytes);
      for (let i = step.index % 7; i + PIECE_BYTES <= bytes.length; i += every) {
        if (changesAt(bytes, i) < LEAST_CHANGES) continue;
        const hash = hashAt(bytes, i);
        pieces.set(hash, pieces.has(hash) ? undefined : { step, i, view: n });
      }
    }
  }
  return pieces;
}

const LEAST_SIEVE = 1 << 16;
/** Of a sieve, what is open at most. */
const SIEVE_FACTOR = 16;

export interface SoughtPieces {
  readonly pieces: PiecesByHash;
  /** 1 for what the hash of a piece may end in: most places are passed over without a look into the map. */
  readonly sieve: Uint8Array;
}

export function sieved(pieces: PiecesByHash): SoughtPieces {
  const size = Math.max(LEAST_SIEVE, 2 ** Math.ceil(Math.log2(pieces.size * SIEVE_FACTOR + 1)));
  const sieve = new Uint8Array(size);
  for (const [hash, piece] of pieces) if (piece) sieve[hash & (size - 1)] = 1;
  return { pieces, sieve };
}

/** Tells `hit` of every piece that turns up in a block or an answer, and of the index there. */
export function scanFor(
  { pieces, sieve }: SoughtPieces,
  { bytes }: Step,
  hit: (piece: SentPiece, i: number) => void,
): void {
  if (bytes.length < PIECE_BYTES) return;
  const mask = sieve.length - 1;
  let hash = hashAt(bytes, 0);
  for (let i = 0; ; i++) {
    const piece = sieve[hash & mask] === 1 ? pieces.get(hash) : undefined;
    if (piece) hit(piece, i);
    if (i + PIECE_BYTES >= bytes.length) return;
    hash = (Math.imul(hash - Math.imul(bytes[i] ?? 0, LEAVING), FACTOR) + (bytes[i + PIECE_BYTES] ?? 0)) | 0;
  }
}

export function hashAt(bytes: Uint8Array, from: number): number {
  let hash = 0;
  for (let i = from; i < from + PIECE_BYTES; i++) hash = (Math.imul(hash, FACTOR) + (bytes[i] ?? 0)) | 0;
  return hash;
}

/** How often a byte of a piece is another than the one before it: what is much alike is found anywhere. */
export function changesAt(bytes: Uint8Array, from: number): number {
  let n = 0;
  for (let i = from + 1; i < from + PIECE_BYTES; i++) if (bytes[i] !== bytes[i - 1]) n++;
  return n;
}
