/** Runs races in one guest and measures at the device. Times are in ms. */

import type { Bench } from './bench.ts';
import { assertFlash } from './bytes.ts';
import { handOver } from './files.ts';
import { BEFORE, type Before, OURS, type Race, UNCHANGED } from './race-boards.ts';

/** What was measured of a race. */
export interface RaceRow {
  readonly board: string;
  readonly bytes: number;
  readonly before: Before;
  readonly program: string;
  /** From the first DFU request of each command to its last, and of the first command alone. */
  readonly deviceMs: number;
  readonly firstMs: number;
  readonly flashMs: number;
  readonly commandMs: number;
  readonly busMs: number;
  readonly transfers: number;
  /** The device stood still before the first change, between changes, and after the last. */
  readonly beforeMs: number;
  readonly betweenMs: number;
  readonly afterMs: number;
}

/** @returns a row for each race, in order */
export async function runRaces(
  bench: Bench,
  races: readonly Race[],
  onRow: (row: RaceRow) => void = () => {},
): Promise<RaceRow[]> {
  const rows: RaceRow[] = [];
  let inGuest: Uint8Array | undefined;
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

async function run(bench: Bench, { board: { name, image }, before, program }: Race): Promise<RaceRow> {
  const flash = BEFORE[before](image);
  const { board, place } = await bench.plug(name, { flash });
  const spans: number[] = [];
  const sum = { commandMs: 0, busMs: 0, transfers: 0, beforeMs: 0, betweenMs: 0, afterMs: 0 };
  for (const command of program.commands(image)) {
    place.forget();
    const { status, out, err, ms } = await bench.guest.run(command, { limitMs: 300_000 });
    if (status !== 0) throw new Error(`${name}, ${before}: status ${status} of: ${command}\n${out}${err}`);
    const { firstAt, lastAt, transfers, busMs, waiting } = place.traffic;
    if (firstAt === undefined || lastAt === undefined) continue;
    spans.push(lastAt - firstAt);
    sum.commandMs += ms;
    sum.transfers += transfers;
    sum.busMs += busMs;
    for (const part of ['beforeMs', 'betweenMs', 'afterMs'] as const) sum[part] += waiting[part];
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
    firstMs: spans[0] ?? 0,
    flashMs: eraseMs + programMs,
    ...sum,
  };
}
