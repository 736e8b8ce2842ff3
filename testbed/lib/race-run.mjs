/** Runs races in one guest and measures at the device. Times are in ms. */
import { assertFlash } from './bytes.mjs';
import { handOver } from './files.mjs';
import { BEFORE, OURS, UNCHANGED } from './race-boards.mjs';

/** @returns {Promise<object[]>} a row for each race, in order */
export async function runRaces(bench, races, onRow = () => {}) {
  const rows = [];
  let inGuest;
  for (const race of races) {
    const { image } = race.board;
    if (inGuest !== image) await handOver(bench.guest, { 'image.bin': image });
    // Once without a row: the programs lie in the guest's memory when the race begins.
    if (inGuest === undefined) await run(bench, { ...race, before: UNCHANGED, program: OURS });
    inGuest = image;
    const row = await run(bench, race);
    onRow(row);
    rows.push(row);
  }
  return rows;
}

async function run(bench, { board: { name, image }, before, program }) {
  const flash = BEFORE[before](image);
  const { board, place } = await bench.plug(name, flash ? { flash } : {});
  const spans = [];
  const sum = { commandMs: 0, busMs: 0, transfers: 0, beforeMs: 0, betweenMs: 0, afterMs: 0 };
  for (const command of program.commands(image)) {
    place.forget();
    const { status, out, err, ms } = await bench.guest.run(command, { limitMs: 300_000 });
    if (status !== 0) throw new Error(`${name}, ${before}: status ${status} of: ${command}\n${out}${err}`);
    const { firstAt, lastAt, transfers, busMs, waiting } = place.traffic;
    if (firstAt === undefined) continue;
    spans.push(lastAt - firstAt);
    sum.commandMs += ms;
    sum.transfers += transfers;
    sum.busMs += busMs;
    for (const part of ['beforeMs', 'betweenMs', 'afterMs']) sum[part] += waiting[part];
  }
  assertFlash(board, image);
  const { eraseMs, programMs } = board.flash.statistics;
  await bench.unplug();
  return {
    board: name,
    bytes: image.length,
    before,
    program: program.title,
    deviceMs: spans.reduce((all, span) => all + span, 0),
    firstMs: spans[0],
    flashMs: eraseMs + programMs,
    ...sum,
  };
}
