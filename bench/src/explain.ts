/** How long the explanation of a failed proof takes, cold and warm: runs on loaders whose deviations are known, without a device. */
import type { Clock } from '@sureflash/programmer';
import { explainRecording, type Recording, type WriteOperation, wordsOf } from '@sureflash/programmer/explain';
import { randomBytes } from '@sureflash/virtual';
import { FLASH_START, rounded } from './figures.ts';

const KB = 1024;
const BLOCK_BYTES = 2 * KB;
/** Each loader writes everything so many bytes too high. */
const SHIFT = 0x100;
/** The first run is cold. */
const TIMES = 4;

interface ExplainCase {
  readonly imageBytes: number;
  readonly flashBytes: number;
  /** Bits that the loader does not lose. */
  readonly mask: number;
}

const CASES: Readonly<Record<string, ExplainCase>> = {
  'one deviation, 117 KB': { imageBytes: 117 * KB, flashBytes: 256 * KB, mask: 0xff },
  'one deviation, 1000 KB': { imageBytes: 1000 * KB, flashBytes: 1024 * KB, mask: 0xff },
  'two deviations, 117 KB': { imageBytes: 117 * KB, flashBytes: 256 * KB, mask: 0xfe },
  'two deviations, 1000 KB': { imageBytes: 1000 * KB, flashBytes: 1024 * KB, mask: 0xfe },
};

/** Ms of processor time. */
export interface ExplainFigures {
  readonly firstMs: number;
  /** The median of the runs after the first. */
  readonly warmMs: number;
  readonly certainty: string;
  readonly named: string;
}

/** Processor time in place of the wall's: the limit of a search cuts it short by what it computed, as it does for users. */
const clock: Clock = {
  now: () => process.cpuUsage().user / 1000,
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
    const started = clock.now();
    const { certainty, models } = await explainRecording(recording, { clock });
    return { ms: clock.now() - started, certainty, named: models[0] ? wordsOf(models[0]).sentence : '' };
  };
  const { ms: firstMs, certainty, named } = await timed();
  const warm: number[] = [];
  while (warm.length < TIMES - 1) warm.push((await timed()).ms);
  const median = warm.toSorted((a, b) => a - b)[Math.floor(warm.length / 2)] ?? Number.NaN;
  return { firstMs: rounded(firstMs, 0), warmMs: rounded(median, 0), certainty, named };
}

/** A run on such a loader: all is read, erased, written and read again. */
function recorded({ imageBytes, flashBytes, mask }: ExplainCase): Recording {
  const flash = randomBytes(3, flashBytes);
  const image = randomBytes(5, imageBytes);
  const blocks = Array.from({ length: Math.floor(imageBytes / BLOCK_BYTES) }, (_, number) => ({
    base: FLASH_START,
    number,
    address: FLASH_START + number * BLOCK_BYTES,
  }));
  const bytesAt = (from: Uint8Array, address: number) =>
    from.slice(address - FLASH_START, address - FLASH_START + BLOCK_BYTES);
  const readAll = () =>
    blocks.map((block) => ({ kind: 'read' as const, ...block, bytes: bytesAt(flash, block.address) }));
  const before = readAll();
  const erases = blocks.map(({ address }) => ({ kind: 'erase' as const, address, length: BLOCK_BYTES }));
  flash.fill(0xff, 0, blocks.length * BLOCK_BYTES);
  const writes = blocks.map((block) => ({ kind: 'write' as const, ...block, bytes: bytesAt(image, block.address) }));
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
    flash[at] = (flash[at] ?? 0) & byte & mask;
  }
}
