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
/** Each loader writes everything so many bytes too high. */
const SHIFT = 0x100;
/** Engines compile what they have seen often: the first of the runs are not warm yet. */
const COLD_RUNS = 5;
const TIMES = 10;

interface ExplainCase {
  readonly imageBytes: number;
  readonly flashBytes: number;
  /** Bits that the loader does not lose. */
  readonly mask: number;
  /** The image comes in two pieces, as one with a table of vectors does; in one, a shift is also a base that is ignored. */
  readonly pieces: 1 | 2;
}

const CASES: Readonly<Record<string, ExplainCase>> = {
  'one deviation, 117 KB': { imageBytes: 117 * KB, flashBytes: 256 * KB, mask: 0xff, pieces: 2 },
  'one deviation, 117 KB in one piece': { imageBytes: 117 * KB, flashBytes: 256 * KB, mask: 0xff, pieces: 1 },
  'one deviation, 1000 KB': { imageBytes: 1000 * KB, flashBytes: 1024 * KB, mask: 0xff, pieces: 2 },
  'two deviations, 117 KB': { imageBytes: 117 * KB, flashBytes: 256 * KB, mask: 0xfe, pieces: 2 },
  'two deviations, 1000 KB': { imageBytes: 1000 * KB, flashBytes: 1024 * KB, mask: 0xfe, pieces: 2 },
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
const ASKS_EVERY_MS = 4;
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
function recorded({ imageBytes, flashBytes, mask, pieces }: ExplainCase): Recording {
  const flash = randomBytes(3, flashBytes);
  const image = randomBytes(5, imageBytes);
  const cut = pieces === 1 ? imageBytes : FIRST_PIECE_BYTES;
  const secondStart = FLASH_START + cut + BLOCK_BYTES;
  const blocks = [...pieceBlocks(FLASH_START, image.slice(0, cut)), ...pieceBlocks(secondStart, image.slice(cut))];
  const readAll = () =>
    blocks.map(({ base, number, address, bytes: { length } }) => {
      const offset = address - FLASH_START;
      const bytes = flash.slice(offset, offset + length);
      // A shorter last block has its address set anew.
      const isFull = length === BLOCK_BYTES;
      return { kind: 'read' as const, base: isFull ? base : address, number: isFull ? number : 0, address, bytes };
    });
  const before = readAll();
  const erases = blocks.map(({ address }) => ({ kind: 'erase' as const, address, length: BLOCK_BYTES }));
  for (const { address } of erases) flash.fill(0xff, address - FLASH_START, address - FLASH_START + BLOCK_BYTES);
  const writes = blocks.map((block) => ({ kind: 'write' as const, ...block }));
  for (const write of writes) store(flash, write, mask);
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

function store(flash: Uint8Array, { address, bytes }: WriteOperation, mask: number): void {
  for (const [i, byte] of bytes.entries()) {
    const at = address - FLASH_START + SHIFT + i;
    if (at < flash.length) flash[at] = (flash[at] ?? 0) & byte & mask;
  }
}
