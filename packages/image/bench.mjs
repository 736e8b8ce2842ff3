// How fast and with how much memory 8 MiB of firmware are read, beside nrf-intel-hex. Prints one JSON object.
// Each figure comes from a process of its own, which reads the file from disk as the command line does.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const CONTENT = 8 * 1024 * 1024;
const RUNS = 5;
const [, , task, path] = process.argv;

const tasks = {
  'intel-hex': async () => (await ours())(readFileSync(path)),
  srec: async () => (await ours())(readFileSync(path)),
  elf: async () => (await ours())(readFileSync(path)),
  'nrf-intel-hex': async () => {
    const { default: MemoryMap } = await import('nrf-intel-hex');
    return MemoryMap.fromHex(readFileSync(path, 'latin1'), Number.POSITIVE_INFINITY);
  },
};

async function ours() {
  return (await import('./dist/index.js')).parseFirmware;
}

/** Peak memory above that of the process with the code loaded: the file and all that reading it needs. Start-up counts as ours. */
async function measureMemory() {
  await ours();
  await import('nrf-intel-hex');
  globalThis.gc();
  const before = process.memoryUsage().rss;
  await tasks[task]();
  console.log(JSON.stringify({ growth: process.resourceUsage().maxRSS * 1024 - before }));
}

async function measureTime() {
  const times = [];
  for (let i = 0; i < RUNS; i++) {
    const start = performance.now();
    await tasks[task]();
    times.push(performance.now() - start);
  }
  times.sort((a, b) => a - b);
  console.log(JSON.stringify({ medianMs: times[RUNS >> 1], bestMs: times[0] }));
}

/** Bytes that stay allocated beside the file itself. */
async function measureCopies() {
  const file = readFileSync(path);
  const parse = await ours();
  globalThis.gc();
  const before = process.memoryUsage().arrayBuffers;
  const firmware = parse(file);
  const copied = process.memoryUsage().arrayBuffers - before;
  console.log(JSON.stringify({ copies: copied / firmware.image.byteLength }));
}

function child(mode, ...rest) {
  const run = spawnSync(process.execPath, ['--expose-gc', fileURLToPath(import.meta.url), ...rest], {
    encoding: 'utf8',
    env: { ...process.env, SUREFLASH_IMAGE_BENCH: mode },
  });
  if (run.status !== 0) throw new Error(run.stderr);
  return JSON.parse(run.stdout);
}

function contentOf(seed) {
  const bytes = new Uint8Array(CONTENT);
  for (let i = 0, state = seed; i < CONTENT; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    bytes[i] = state >>> 24;
  }
  return bytes;
}

function measureFile(name, file, folder) {
  const target = join(folder, name);
  writeFileSync(target, file);
  const figures = (taskName) => {
    const time = child('time', taskName, target);
    const memory = child('memory', taskName, target);
    return { ms: round(time.medianMs), memoryTimesFile: round(memory.growth / file.length) };
  };
  return { figures, target };
}

async function main() {
  const { formatFirmware, MemoryImage } = await import('./dist/index.js');
  const folder = mkdtempSync(join(tmpdir(), 'sureflash-bench-'));
  const image = new MemoryImage([{ address: 0x0800_0000, bytes: contentOf(1) }]);
  const result = { contentBytes: CONTENT };
  try {
    const hexFile = formatFirmware(image, 'intel-hex', { entry: 0x0800_0131 });
    const hexFiles = measureFile('8.hex', hexFile, folder);
    result.intelHex = { fileBytes: hexFile.length, ...hexFiles.figures('intel-hex') };
    result.nrfIntelHex = { fileBytes: hexFile.length, ...hexFiles.figures('nrf-intel-hex') };
    const srecFile = formatFirmware(image, 'srec', { entry: 0x0800_0131 });
    result.srec = { fileBytes: srecFile.length, ...measureFile('8.srec', srecFile, folder).figures('srec') };
    const elfFile = formatFirmware(image, 'elf', { entry: 0x0800_0131 });
    const elfFiles = measureFile('8.elf', elfFile, folder);
    const { copies } = child('copies', 'elf', elfFiles.target);
    result.elf = { fileBytes: elfFile.length, ...elfFiles.figures('elf'), copies: round(copies) };
    result.ratios = {
      intelHexTimeToNrf: round(result.intelHex.ms / result.nrfIntelHex.ms, 4),
      srecTimeToNrf: round(result.srec.ms / result.nrfIntelHex.ms, 4),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  console.log(JSON.stringify(result));
}

function round(value, digits = 2) {
  return Number(value.toFixed(digits));
}

const modes = { memory: measureMemory, time: measureTime, copies: measureCopies };
await (modes[process.env.SUREFLASH_IMAGE_BENCH] ?? main)();
