/** `node files-child.js time|memory|copies READER PATH`: reads a firmware file and prints one figure. */
import { readFileSync } from 'node:fs';
import { parseFirmware } from '@sureflash/image';
import nrf from 'nrf-intel-hex';

/** Its types promise an ES module; Node loads CommonJS, whose default export is the class itself. */
const MemoryMap = nrf as unknown as typeof nrf.default;
const RUNS = 5;
const [, , figure = '', reader = '', path = ''] = process.argv;

const READERS: Readonly<Record<string, () => unknown>> = {
  ours: () => parseFirmware(readFileSync(path)),
  'nrf-intel-hex': () => MemoryMap.fromHex(readFileSync(path, 'latin1'), Number.POSITIVE_INFINITY),
};

const FIGURES: Readonly<Record<string, () => number>> = {
  time: medianMs,
  memory: memoryGrowth,
  copies: copiesOfContent,
};

console.log(oneOf(FIGURES, figure)());

function medianMs(): number {
  const read = oneOf(READERS, reader);
  const times = Array.from({ length: RUNS }, () => {
    const start = performance.now();
    read();
    return performance.now() - start;
  });
  return times.toSorted((a, b) => a - b)[RUNS >> 1] ?? Number.NaN;
}

/** Peak memory in bytes above that of the process with the code loaded: the file and all that reading it needs. */
function memoryGrowth(): number {
  globalThis.gc?.();
  const before = process.memoryUsage().rss;
  oneOf(READERS, reader)();
  return process.resourceUsage().maxRSS * 1024 - before;
}

/** Bytes that stay allocated beside the file itself, to those of the image. */
function copiesOfContent(): number {
  const file = readFileSync(path);
  globalThis.gc?.();
  const before = process.memoryUsage().arrayBuffers;
  const { image } = parseFirmware(file);
  return (process.memoryUsage().arrayBuffers - before) / image.byteLength;
}

function oneOf<T>(table: Readonly<Record<string, T>>, name: string): T {
  const found = table[name];
  if (!found) throw new RangeError(`${name} is none of ${Object.keys(table).join(', ')}`);
  return found;
}
