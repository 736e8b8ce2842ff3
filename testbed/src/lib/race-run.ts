/** Runs races on one track and measures at the device. Times are in ms. */

import { assertFlash } from './bytes.ts';
import { type Load, watchLoad } from './load.ts';
import { BEFORE, type Before, OURS, type Race, UNCHANGED } from './race-boards.ts';
import type { RaceTrack, TrackName } from './race-track.ts';

/** What was measured of a race. */
export interface RaceRow {
  readonly track: TrackName;
  readonly board: string;
  readonly bytes: number;
  readonly before: Before;
  readonly program: string;
  /** From the first DFU request of each command to its last, and of the first command alone. */
  readonly deviceMs: number;
  readonly firstMs: number;
  /** Cells, what the ROM took for packets beyond the bus, and the bus. */
  readonly flashMs: number;
  readonly romMs: number;
  readonly busMs: number;
  readonly commandMs: number;
  /** Processor time of the commands, from their start to their end. */
  readonly cpuMs: number;
  readonly transfers: number;
  /** The device stood still before the first change, between changes, and after the last. */
  readonly beforeMs: number;
  readonly betweenMs: number;
  readonly afterMs: number;
  readonly load: Load;
}

const RACE_LIMIT_MS = 300_000;

/** @returns a row for each race, in order */
export async function runRaces(
  track: RaceTrack,
  races: readonly Race[],
  onRow: (row: RaceRow) => void = () => {},
): Promise<RaceRow[]> {
  const rows: RaceRow[] = [];
  let there: Uint8Array | undefined;
  for (const race of races) {
    const { image } = race.board;
    if (there !== image) await track.handOver(image);
    // Once without a row: the programs lie in memory when the race begins.
    if (there === undefined) await run(track, { ...race, before: UNCHANGED, program: OURS });
    there = image;
    const row = await run(track, race);
    onRow(row);
    rows.push(row);
  }
  return rows;
}

async function run(track: RaceTrack, { board: { name, image }, before, program }: Race): Promise<RaceRow> {
  const { board, place } = await track.plug(name, BEFORE[before](image));
  const spans: number[] = [];
  const sum = { commandMs: 0, cpuMs: 0, busMs: 0, transfers: 0, beforeMs: 0, betweenMs: 0, afterMs: 0 };
  const loadSince = watchLoad();
  for (const command of program.commands(image, track.commandPlace)) {
    place.forget();
    // `times` of a POSIX shell: what it took itself, and what those took that it has waited for.
    const { status, out, err, ms } = await track.run(`(${command}); status=$?; times; exit $status`, RACE_LIMIT_MS);
    if (status !== 0) throw new Error(`${name}, ${before}: status ${status} of: ${command}\n${out}${err}`);
    sum.cpuMs += cpuMsOf(out);
    const { firstAt, lastAt, transfers, busMs, waiting } = place.traffic;
    if (firstAt === undefined || lastAt === undefined) continue;
    spans.push(lastAt - firstAt);
    sum.commandMs += ms;
    sum.transfers += transfers;
    sum.busMs += busMs;
    for (const part of ['beforeMs', 'betweenMs', 'afterMs'] as const) sum[part] += waiting[part];
  }
  const load = loadSince();
  assertFlash(board, image);
  const { eraseMs, programMs } = board.flash.statistics;
  const romMs = board.programMs;
  await track.unplug();
  return {
    track: track.name,
    board: name,
    bytes: image.length,
    before,
    program: program.title,
    deviceMs: spans.reduce((all, span) => all + span, 0),
    firstMs: spans[0] ?? 0,
    flashMs: eraseMs + programMs,
    romMs,
    load,
    ...sum,
  };
}

/** The last line of `times`: `0m1.230000s 0m0.040000s`. */
function cpuMsOf(out: string): number {
  const last = out.trimEnd().split('\n').at(-1) ?? '';
  const parts = [...last.matchAll(/(\d+)m([\d.]+)s/g)];
  if (parts.length !== 2) throw new Error(`no times in: ${last}`);
  return parts.reduce((total, [, minutes, seconds]) => total + (Number(minutes) * 60 + Number(seconds)) * 1000, 0);
}
