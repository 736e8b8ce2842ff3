/**
 * How long the explanation of a failed proof takes, the first time and warm, in processor time and by the wall's clock, and
 * whether it was certain: runs on loaders whose deviations are known, without a device.
 */
import type { Clock } from '@sureflash/programmer';
import { explainRecording, type Recording, type WriteOperation, wordsOf } from '@sureflash/programmer/explain';
import { randomBytes } from '@sureflash/virtual';
import { FLASH_START, rounded } from './figures.ts';

const KB = 1024;
const BLOCK_BYTES = 2 * KB;
/** Engines compile what they have seen often: runs get faster up to the tenth or so. The first of them are not warm yet. */
const COLD_RUNS = 12;
const TIMES = 25;

/** What a loader does with the flash, where it does not do what was asked. */
interface Deviation {
  readonly write?: (offset: number, bytes: Uint8Array) => readonly [offset: number, bytes: Uint8Array];
  readonly erases?: false;
  /** What comes of the bytes of a read. */
  readonly read?: (bytes: Uint8Array) => Uint8Array;
}

const SHIFT = 0x100;
const moved: Deviation = { write: (offset, bytes) => [offset + SHIFT, bytes] };
/** The lowest bit is lost as well. */
const movedAndMasked: Deviation = { write: (offset, bytes) => [offset + SHIFT, bytes.map((byte) => byte & 0xfe)] };
const cutShort: Deviation = { write: (offset, bytes) => [offset, bytes.subarray(0, -16)] };
const keepsOld: Deviation = { erases: false };
const readsReversed: Deviation = { read: (bytes) => bytes.map((_, i) => bytes[i ^ 3] ?? 0xff) };

interface ExplainCase {
  readonly imageBytes: number;
  readonly flashBytes: number;
  readonly deviation: Deviation;
  /** The image comes in two pieces, as one with a table of vectors does; in one, a shift is also a base that is ignored. */
  readonly pieces: 1 | 2;
}

const small = { imageBytes: 117 * KB, flashBytes: 256 * KB, pieces: 2 } as const;
const large = { imageBytes: 1000 * KB, flashBytes: 1024 * KB, pieces: 2 } as const;

const CASES: Readonly<Record<string, ExplainCase>> = {
  'one deviation, 117 KB': { ...small, deviation: moved },
  'one deviation, 117 KB in one piece': { ...small, deviation: moved, pieces: 1 },
  'one deviation, 117 KB, blocks cut short': { ...small, deviation: cutShort },
  'one deviation, 117 KB, nothing erased': { ...small, deviation: keepsOld },
  'one deviation, 117 KB, words of reads reversed': { ...small, deviation: readsReversed },
  'one deviation, 1000 KB': { ...large, deviation: moved },
  'two deviations, 117 KB': { ...small, deviation: movedAndMasked },
  'two deviations, 1000 KB': { ...large, deviation: movedAndMasked },
};

/** How much of an image is in its first piece. */
const FIRST_PIECE_BYTES = 16 * KB;

/** Ms of processor time, those of compiling included, and of the wall's clock. */
export interface ExplainFigures {
  readonly firstMs: number;
  readonly firstWallMs: number;
  /** The median of the warm runs. */
  readonly warmMs: number;
  readonly warmWallMs: number;
  readonly certainty: string;
  /** Everything that could be a rival was tried before the limit. */
  readonly isComplete: boolean;
  readonly named: string;
}

const usedMs = (): number => process.cpuUsage().user / 1000;

/** Asking for processor time took a tenth of what was measured: it is not asked for again before so much has gone by. */
const ASKS_EVERY_MS = 16;
let asked = { at: Number.NEGATIVE_INFINITY, ms: 0 };

/** Processor time in place of the wall's: the limit of a search cuts it short by what it computed, as it does for users. */
const clock: Clock = {
  now: () => {
    const at = performance.now();
    if (at - asked.at >= ASKS_EVERY_MS) asked = { at, ms: usedMs() };
    return asked.ms;
  },
  sleep: async () =>
    await new Promise((resolve) => {
      setImmediate(resolve);
    }),
};

export async function measureExplain(): Promise<Record<string, ExplainFigures>> {
  const figures: Record<string, ExplainFigures> = {};
  for (const [name, each] of Object.entries(CASES)) figures[name] = await measureCase(each);
  return figures;
}

async function measureCase(each: ExplainCase): Promise<ExplainFigures> {
  const recording = recorded(each);
  const timed = async () => {
    const started = usedMs();
    const startedWall = performance.now();
    const { certainty, isComplete, models } = await explainRecording(recording, { clock });
    const took = { ms: usedMs() - started, wallMs: performance.now() - startedWall };
    return { ...took, certainty, isComplete, named: models[0] ? wordsOf(models[0]).sentence : '' };
  };
  const first = await timed();
  const others: (typeof first)[] = [];
  while (others.length < TIMES - 1) others.push(await timed());
  const warm = others.slice(COLD_RUNS - 1);
  // A warm run gets further before the limit.
  const { certainty, isComplete, named } = warm.at(-1) ?? first;
  return {
    firstMs: rounded(first.ms, 0),
    firstWallMs: rounded(first.wallMs, 0),
    warmMs: medianOf(warm.map(({ ms }) => ms)),
    warmWallMs: medianOf(warm.map(({ wallMs }) => wallMs)),
    certainty,
    isComplete,
    named,
  };
}

const medianOf = (all: readonly number[]): number =>
  rounded(all.toSorted((a, b) => a - b)[Math.floor(all.length / 2)] ?? Number.NaN, 0);

/** Blocks of one piece, counted from its start; the last is as long as is left. */
function pieceBlocks(base: number, bytes: Uint8Array): Omit<WriteOperation, 'kind'>[] {
  return Array.from({ length: Math.ceil(bytes.length / BLOCK_BYTES) }, (_, number) => ({
    base,
    number,
    address: base + number * BLOCK_BYTES,
    bytes: bytes.slice(number * BLOCK_BYTES, (number + 1) * BLOCK_BYTES),
  }));
}

/** A run on such a loader: all is read, erased, written and read again. */
function recorded({ imageBytes, flashBytes, deviation, pieces }: ExplainCase): Recording {
  const flash = randomBytes(3, flashBytes);
  const image = randomBytes(5, imageBytes);
  const cut = pieces === 1 ? imageBytes : FIRST_PIECE_BYTES;
  const secondStart = FLASH_START + cut + BLOCK_BYTES;
  const blocks = [...pieceBlocks(FLASH_START, image.slice(0, cut)), ...pieceBlocks(secondStart, image.slice(cut))];
  const readAll = () =>
    blocks.map(({ base, number, address, bytes: { length } }) => {
      const offset = address - FLASH_START;
      const stored = flash.slice(offset, offset + length);
      const bytes = deviation.read?.(stored) ?? stored;
      // A shorter last block has its address set anew.
      const isFull = length === BLOCK_BYTES;
      return { kind: 'read' as const, base: isFull ? base : address, number: isFull ? number : 0, address, bytes };
    });
  const before = readAll();
  const erases = blocks.map(({ address }) => ({ kind: 'erase' as const, address, length: BLOCK_BYTES }));
  for (const { address } of deviation.erases === false ? [] : erases)
    flash.fill(0xff, address - FLASH_START, address - FLASH_START + BLOCK_BYTES);
  const writes = blocks.map((block) => ({ kind: 'write' as const, ...block }));
  for (const write of writes) store(flash, write, deviation);
  const sectors = Array.from({ length: flashBytes / BLOCK_BYTES }, (_, i) => ({
    start: FLASH_START + i * BLOCK_BYTES,
    end: FLASH_START + (i + 1) * BLOCK_BYTES,
  }));
  const shape = {
    start: FLASH_START,
    end: FLASH_START + flashBytes,
    sectors,
    erasedValue: 0xff,
    writeSize: 2,
  } as const;
  return {
    shape: { ...shape, cells: 'plain' },
    blockSize: BLOCK_BYTES,
    operations: [...before, ...erases, ...writes, ...readAll()],
  };
}

function store(flash: Uint8Array, { address, bytes }: WriteOperation, { write }: Deviation): void {
  const asked = address - FLASH_START;
  const [offset, sent] = write?.(asked, bytes) ?? [asked, bytes];
  for (const [i, byte] of sent.entries()) {
    const at = offset + i;
    if (at < flash.length) flash[at] = (flash[at] ?? 0) & byte;
  }
}
