/** The figures of a race as tables, on the console and in Markdown. */
import type { Load } from './load.ts';
import { type Before, DFU_UTIL, OTHER, OURS, OURS_POLITE, OURS_UNTOLD, type Racer, UNCHANGED } from './race-boards.ts';
import { pageOf } from './race-page.ts';
import type { RaceRow } from './race-run.ts';
import type { TrackName } from './race-track.ts';

export interface TrackResult {
  readonly name: TrackName;
  readonly kernel: string;
  readonly dfuUtil: string;
  /** Processor ms for the same fixed work, before the race and after it. */
  readonly speedMs: readonly [before: number, after: number];
  readonly rows: readonly RaceRow[];
}

export interface RaceResult {
  readonly tracks: readonly TrackResult[];
  /** `2026-03-01` */
  readonly date: string;
  /** A sentence. */
  readonly machine: string;
  readonly load: Load;
}

/** A row as a reader sees it, by the heads of its columns. */
type TableRow = Readonly<Record<string, string | number>>;

const TITLES: Readonly<Record<TrackName, string>> = {
  own: "On the machine's own processor",
  guest: 'In the guest, behind a real kernel',
};

/** A quieter machine would give other figures. */
const SPEED_MAY_DIFFER = 1.15;

const seconds = (ms: number): string => (ms / 1000).toFixed(2);
const size = (bytes: number): string =>
  bytes < 1024 * 1024 ? `${(bytes / 1024).toFixed(0)} KB` : `${bytes / (1024 * 1024)} MB`;
const chip = (board: string): string => board.replace(/^stm32(.+)-rom$/, (_, name: string) => name.toUpperCase());
const needsMs = ({ flashMs, romMs, busMs }: RaceRow): number => flashMs + romMs + busMs;

/** One row with names as a reader sees them. */
function figures(row: RaceRow): TableRow {
  const { board, bytes, before, program, deviceMs, flashMs, romMs, busMs, transfers, cpuMs, load } = row;
  return {
    board: chip(board),
    image: size(bytes),
    before,
    program,
    'time s': seconds(deviceMs),
    'cells s': seconds(flashMs),
    'ROM s': seconds(romMs),
    'bus s': seconds(busMs),
    'time/(cells+ROM+bus)': (deviceMs / needsMs(row)).toFixed(2),
    transfers,
    'processor s': seconds(cpuMs),
    'others busy': load.isNotable ? `**${load.others.toFixed(1)}**` : load.others.toFixed(1),
  };
}

export function show({ tracks }: RaceResult): void {
  console.log('Modelled silicon, full-speed bus; times at the device, from the first DFU request to the last.');
  for (const track of tracks) {
    console.log(`${TITLES[track.name]}; fixed work ${track.speedMs.map((ms) => ms.toFixed(0)).join(' and ')} ms`);
    console.table(track.rows.map(figures));
  }
}

/** @returns what else the machine did, where it did so much that the figures say less */
export function warningOf({ tracks, load }: RaceResult): string | undefined {
  const rows = tracks.flatMap((track) => track.rows);
  const disturbed = rows.filter((row) => row.load.isNotable).length;
  const changed = tracks.filter(({ speedMs: [a, b] }) => Math.max(a, b) / Math.min(a, b) > SPEED_MAY_DIFFER);
  if (disturbed === 0 && changed.length === 0) return undefined;
  const speeds = changed.map(({ speedMs: [a, b] }) => `; fixed work took ${a.toFixed(0)} and ${b.toFixed(0)} ms`);
  const kept = `something else kept ${load.others.toFixed(1)} processors busy on average`;
  return `The machine did not only race: ${kept}, notably during ${disturbed} of ${rows.length} runs${speeds.join('')}.`;
}

function markdown(objects: readonly TableRow[]): string {
  const [head = {}] = objects;
  const line = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`;
  const keys = Object.keys(head);
  return [
    line(keys),
    line(keys.map(() => '---')),
    ...objects.map((row) => line(keys.map((key) => row[key] ?? ''))),
  ].join('\n');
}

function findRow(rows: readonly RaceRow[], board: string, [before, { title }]: readonly [Before, Racer]): RaceRow {
  const found = rows.find((row) => row.board === board && row.before === before && row.program === title);
  if (!found) throw new RangeError(`${title} did not race on ${board} (${before})`);
  return found;
}

/** What each program takes for the same work, and ours where there is none. */
function headline(rows: readonly RaceRow[]): TableRow[] {
  const boards = [...new Set(rows.map(({ board }) => board))];
  return boards.map((board) => {
    const theirs = findRow(rows, board, [OTHER, DFU_UTIL]);
    const ours = findRow(rows, board, [OTHER, OURS]);
    return {
      board: chip(board),
      image: size(ours.bytes),
      'dfu-util, not verified': `${seconds(theirs.firstMs)} s`,
      'dfu-util and upload': `${seconds(theirs.deviceMs)} s`,
      'sureflash, verified': `${seconds(ours.deviceMs)} s`,
      'dfu-util and upload / sureflash': (theirs.deviceMs / ours.deviceMs).toFixed(1),
      'sureflash / (cells + ROM + bus)': (ours.deviceMs / needsMs(ours)).toFixed(2),
      'sureflash, image unchanged': `${seconds(findRow(rows, board, [UNCHANGED, OURS]).deviceMs)} s`,
    };
  });
}

/** How long the device stood still because the host asked nothing of it, in our runs over another firmware. */
function pauses(rows: readonly RaceRow[]): TableRow[] {
  const ours = rows.filter(({ before, program }) => before === OTHER && program === OURS.title);
  return ours.map((row) => ({
    board: chip(row.board),
    'time s': seconds(row.deviceMs),
    'cells + ROM + bus s': seconds(needsMs(row)),
    'before the first change s': seconds(row.beforeMs),
    'between changes s': seconds(row.betweenMs),
    'in the proof s': seconds(row.afterMs),
  }));
}

/** Seconds that a program takes before and after it talks to the device. */
function outside(rows: readonly RaceRow[]): string {
  const titles = [OURS, OURS_POLITE, OURS_UNTOLD].map(({ title }) => title);
  const times = rows
    .filter(({ program }) => titles.includes(program))
    .map(({ commandMs, deviceMs }) => commandMs - deviceMs);
  return (times.reduce((sum, ms) => sum + ms, 0) / times.length / 1000).toFixed(1);
}

export function documentOf(race: RaceResult): string {
  const { tracks, date, machine, load } = race;
  const speed = tracks.map(({ name, kernel, speedMs }) => ({
    where: TITLES[name],
    Linux: kernel,
    'fixed work, before and after': speedMs.map((ms) => `${ms.toFixed(0)} ms`).join(', '),
    'start and end of sureflash, mean': `${outside(tracks.find((each) => each.name === name)?.rows ?? [])} s`,
  }));
  return pageOf({
    date,
    machine,
    dfuUtil: tracks[0]?.dfuUtil ?? 'dfu-util',
    load: `${load.average.toFixed(1)} at the end; something else kept ${load.others.toFixed(1)} processors busy on average`,
    warning: warningOf(race),
    speed: markdown(speed),
    tracks: tracks.map(({ name, rows }) => ({
      title: TITLES[name],
      headline: markdown(headline(rows)),
      pauses: markdown(pauses(rows)),
      figures: markdown(rows.map(figures)),
    })),
  });
}

const MARKS = { start: '<!-- race -->', end: '<!-- /race -->' } as const;

/** @returns README.md with the headline of the race on the machine's own processor between its marks */
export function readmeOf(readme: string, { tracks, date }: RaceResult): string {
  const [from, to] = [readme.indexOf(MARKS.start), readme.indexOf(MARKS.end)];
  if (from < 0 || to < from) throw new RangeError(`README.md has no place between ${MARKS.start} and ${MARKS.end}`);
  const rows = tracks.find(({ name }) => name === 'own')?.rows ?? [];
  const text = `Measured on ${date}.\n\n${markdown(headline(rows))}\n\n`;
  return `${readme.slice(0, from + MARKS.start.length)}\n${text}${readme.slice(to)}`;
}
