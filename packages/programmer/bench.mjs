/** `node packages/programmer/bench.mjs`: how long an explanation takes, cold and warm, as processor time of this process. */
import { explain, wordsOf } from '@sureflash/programmer/explain';

const START = 0x08000000;
const BLOCK = 2048;
const clock = {
  now: () => process.cpuUsage().user / 1000,
  sleep: async () => await new Promise((resolve) => setImmediate(resolve)),
};

function noise(length, seed) {
  let state = seed;
  return Uint8Array.from({ length }, () => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return state >>> 16;
  });
}

/** A run on a loader that writes everything 0x100 too high, and with `mask` loses bits as well. */
function record(imageBytes, flashBytes, mask) {
  const sectors = Array.from({ length: flashBytes / BLOCK }, (_, i) => ({
    start: START + i * BLOCK,
    end: START + (i + 1) * BLOCK,
  }));
  const shape = { start: START, end: START + flashBytes, sectors, erasedValue: 0xff, cells: 'plain', writeSize: 2 };
  const flash = noise(flashBytes, 3);
  const image = noise(imageBytes, 5);
  const blocks = Array.from({ length: Math.floor(imageBytes / BLOCK) }, (_, number) => ({
    base: START,
    number,
    address: START + number * BLOCK,
  }));
  const read = (block) => ({
    kind: 'read',
    ...block,
    bytes: flash.slice(block.address - START, block.address - START + BLOCK),
  });
  const before = blocks.map(read);
  const erases = blocks.map(({ address }) => ({ kind: 'erase', address, length: BLOCK }));
  for (const { address } of erases) flash.fill(0xff, address - START, address - START + BLOCK);
  const writes = blocks.map((block) => ({
    kind: 'write',
    ...block,
    bytes: image.slice(block.address - START, block.address - START + BLOCK),
  }));
  for (const { address, bytes } of writes) {
    for (const [i, byte] of bytes.entries()) flash[address - START + 0x100 + i] &= byte & mask;
  }
  return { shape, blockSize: BLOCK, operations: [...before, ...erases, ...writes, ...blocks.map(read)] };
}

const rows = {};
for (const [name, imageBytes, flashBytes, mask] of [
  ['one deviation, 117 KB', 117 * 1024, 256 * 1024, 0xff],
  ['one deviation, 1 MB', 1000 * 1024, 1024 * 1024, 0xff],
  ['two deviations, 117 KB', 117 * 1024, 256 * 1024, 0xfe],
  ['two deviations, 1 MB', 1000 * 1024, 1024 * 1024, 0xfe],
]) {
  const recording = record(imageBytes, flashBytes, mask);
  const times = [];
  let found;
  for (let i = 0; i < 4; i++) {
    const started = clock.now();
    found = await explain(recording, { clock });
    times.push(clock.now() - started);
  }
  const warm = times.slice(1).sort((a, b) => a - b)[1];
  rows[name] = {
    'first ms': Math.round(times[0]),
    'warm ms': Math.round(warm),
    certainty: found.certainty,
    named: found.models[0] ? wordsOf(found.models[0]).sentence : '',
  };
}
console.table(rows);
