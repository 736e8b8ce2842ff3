/**
 * `node testbed/race.mjs [--all] [--cpus N] [--json]`: dfu-util and sureflash program the same images into the same models, in one
 * run of the guest. Modelled silicon with the poll times of real ROMs where they are known (packages/virtual, roms.ts), and
 * a full-speed bus. dfu-util always does the same, whatever flash holds: it runs once, with `--all` each time.
 */
import { parseArgs } from 'node:util';
import { Bench } from './lib/bench.mjs';
import { assertFlash } from './lib/bytes.mjs';
import { FOLDER, handOver, imageOf, SUREFLASH, v1 } from './lib/files.mjs';
import { runToEnd } from './lib/run-to-end.mjs';

const { values } = parseArgs({
  options: {
    all: { type: 'boolean', default: false },
    cpus: { type: 'string', default: '2' },
    json: { type: 'boolean', default: false },
  },
});

const BOARDS = [
  { name: 'stm32f105-rom', image: v1 },
  { name: 'stm32f407-rom', image: imageOf(512 * 1024, 11) },
];

/** What flash holds before. */
const BEFORE = {
  erased: () => undefined,
  '2 KB changed': (image) => image.map((byte, at) => (at >= 0x8000 && at < 0x8800 ? byte ^ 0x5a : byte)),
  unchanged: (image) => image,
};

/** AN3156 §5.2 counts a block's address by the length that is asked for: dfu-util reads a short last one elsewhere. */
const wholeBlocks = (bytes) => Math.ceil(bytes / 2048) * 2048;

/** dfu-util does not verify: that takes an upload and a comparison, which costs no time of the device. */
const DFU_UTIL = {
  title: 'dfu-util + upload',
  commands: (image) => [
    `dfu-util -a 0 -s 0x08000000 -D ${FOLDER}/image.bin`,
    `rm -f ${FOLDER}/back.bin; dfu-util -a 0 -s 0x08000000:${wholeBlocks(image.length)} -U ${FOLDER}/back.bin`,
    `cmp -n ${image.length} ${FOLDER}/image.bin ${FOLDER}/back.bin`,
  ],
};

const OURS = {
  title: 'sureflash',
  commands: () => [`${SUREFLASH} program ${FOLDER}/image.bin --at 0x08000000 --quiet`],
};

await runToEnd(async () => {
  const bench = await Bench.start({ limitMs: 1_200_000, bus: true, cpus: Number(values.cpus) });
  const rows = [];
  try {
    for (const board of BOARDS) rows.push(...(await raceOn(bench, board)));
  } finally {
    await bench.close();
  }
  if (values.json) console.log(JSON.stringify({ modelled: true, rows }));
  else show(rows);
  return 0;
});

async function raceOn(bench, { name, image }) {
  await handOver(bench.guest, { 'image.bin': image });
  const rows = [];
  for (const [before, flashOf] of Object.entries(BEFORE)) {
    const start = { name, image, before, flash: flashOf(image) };
    if (before === 'erased' || values.all) rows.push(await run(bench, start, DFU_UTIL));
    rows.push(await run(bench, start, OURS));
  }
  return rows;
}

async function run(bench, { name, image, before, flash }, { title, commands }) {
  const { board, place } = await bench.plug(name, flash ? { flash } : {});
  const spans = [];
  let transfers = 0;
  let busMs = 0;
  for (const command of commands(image)) {
    place.forget();
    await bench.guest.must(command, { limitMs: 300_000 });
    const { traffic } = place;
    if (traffic.firstAt !== undefined) spans.push(traffic.lastAt - traffic.firstAt);
    transfers += traffic.transfers;
    busMs += traffic.busMs;
  }
  assertFlash(board, image);
  const { eraseMs, programMs } = board.flash.statistics;
  await bench.unplug();
  const deviceMs = spans.reduce((sum, span) => sum + span, 0);
  const flashMs = eraseMs + programMs;
  return {
    board: name,
    bytes: image.length,
    before,
    program: title,
    deviceMs,
    firstMs: spans[0],
    flashMs,
    busMs,
    transfers,
  };
}

function show(rows) {
  const seconds = (ms) => (ms / 1000).toFixed(2);
  console.log('Modelled silicon, full-speed bus; times at the device, from the first DFU request to the last.');
  console.table(
    rows.map(({ board, bytes, before, program, deviceMs, firstMs, flashMs, busMs, transfers }) => ({
      board,
      KB: (bytes / 1024).toFixed(0),
      before,
      program,
      'time s': seconds(deviceMs),
      'without upload s': seconds(firstMs),
      'flash s': seconds(flashMs),
      'bus s': seconds(busMs),
      transfers,
      'time/(flash+bus)': (deviceMs / (flashMs + busMs)).toFixed(2),
      'time/flash': flashMs > 0 ? (deviceMs / flashMs).toFixed(2) : '-',
    })),
  );
}
