/**
 * `npm run race -- [--boards A,B] [--tracks guest,own] [--quick] [--cpus N] [--json] [--write]`: dfu-util and sureflash
 * program the same images into the same models: in a guest with a real kernel, which QEMU emulates, and on this machine's own
 * processor over USB/IP. Modelled silicon with the times of recordings where there are any (docs/virtual-figures.md), and a
 * full-speed bus. Unless boards are named, the guest has two of them. `--quick` is one board and two states; `--write` writes
 * docs/performance.md and the figures of README.md.
 */

import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus as processors } from 'node:os';
import { parseArgs } from 'node:util';
import { quote } from './lib/guest.ts';
import { here } from './lib/here.ts';
import { watchLoad } from './lib/load.ts';
import { Problem } from './lib/problem.ts';
import { BOARDS, IN_GUEST, type RaceBoard, racesOn } from './lib/race-boards.ts';
import { documentOf, type RaceResult, readmeOf, show, type TrackResult, warningOf } from './lib/race-report.ts';
import { runRaces } from './lib/race-run.ts';
import { guestTrack, ownTrack, type RaceTrack } from './lib/race-track.ts';
import { runToEnd } from './lib/run-to-end.ts';

const { values } = parseArgs({
  options: {
    boards: { type: 'string' },
    tracks: { type: 'string', default: 'own,guest' },
    quick: { type: 'boolean', default: false },
    cpus: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
  },
});

/** How each track is made, and how a command is run there that tells what it is. */
const TRACKS: Readonly<Record<string, () => Promise<RaceTrack>>> = {
  own: ownTrack,
  guest: async () => await guestTrack(Number(values.cpus)),
};

await runToEnd(async () => {
  const { quick, json, write, tracks: wanted } = values;
  const names = wanted.split(',');
  if (write && (quick || values.boards || !names.includes('own')))
    throw new Problem('--write needs all boards and states, on this machine too');
  const loadSince = watchLoad();
  const tracks: TrackResult[] = [];
  for (const name of names) {
    const make = TRACKS[name];
    if (!make) throw new Problem(`no track ${name}; there are ${Object.keys(TRACKS).join(', ')}`);
    tracks.push(await raceOn(await make(), chosen(name)));
  }
  const date = new Date().toISOString().slice(0, 10);
  const race: RaceResult = { date, machine: describeMachine(), load: loadSince(), tracks };
  if (json) console.log(JSON.stringify({ modelled: true, ...race }));
  else show(race);
  const warning = warningOf(race);
  if (warning) console.error(warning);
  if (write) {
    const page = here('docs/performance.md');
    writeFileSync(page, `${documentOf(race)}${behindRace(readFileSync(page, 'utf8'))}`);
    const readme = here('README.md');
    writeFileSync(readme, readmeOf(readFileSync(readme, 'utf8'), race));
  }
  return 0;
});

/** @returns the chapters that other measurements have written behind this one */
function behindRace(page: string): string {
  const from = page.indexOf('<!-- probe -->');
  return from < 0 ? '' : `\n${page.slice(from)}`;
}

async function raceOn(track: RaceTrack, boards: readonly RaceBoard[]): Promise<TrackResult> {
  try {
    const speedBefore = await speedOf(track);
    const rows = await runRaces(track, racesOn(boards, { quick: values.quick }), (row) => {
      const busy = row.load.isNotable ? `, while ${row.load.others.toFixed(1)} processors did something else` : '';
      const seconds = (row.deviceMs / 1000).toFixed(2);
      if (!values.json) console.log(`${row.track}: ${row.board}, ${row.before}, ${row.program}: ${seconds} s${busy}`);
    });
    const versions = await must(track, 'uname -r; dfu-util --version | head -1');
    const [kernel = '', dfuUtil = ''] = versions.trim().split('\n');
    return { name: track.name, kernel, dfuUtil, speedMs: [speedBefore, await speedOf(track)], rows };
  } finally {
    await track.close();
  }
}

/** @returns processor ms for the same fixed work on every track */
async function speedOf(track: RaceTrack): Promise<number> {
  return Number(await must(track, `${quote(process.execPath)} ${quote(here('testbed/dist/guest/speed.js'))}`));
}

async function must(track: RaceTrack, command: string): Promise<string> {
  const { status, out, err } = await track.run(command, 120_000);
  if (status !== 0) throw new Error(`status ${status} of: ${command}\n${out}${err}`);
  return out;
}

function chosen(track: string): readonly RaceBoard[] {
  if (!values.boards) {
    const boards = track === 'guest' ? BOARDS.filter(({ name }) => IN_GUEST.includes(name)) : BOARDS;
    return values.quick ? boards.slice(0, 1) : boards;
  }
  return values.boards.split(',').map((name) => {
    const board = BOARDS.find((one) => one.name === name);
    if (!board) throw new Problem(`no board ${name}; there are ${BOARDS.map((one) => one.name).join(', ')}`);
    return board;
  });
}

function describeMachine(): string {
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: here('.'), encoding: 'utf8' }).trim();
  const model = processors()[0]?.model.trim() ?? 'unknown processor';
  return `${availableParallelism()} cores (${model}), ${values.cpus} of them in the guest; Node ${process.version}; commit ${commit}.`;
}
