/**
 * `npm run race -- [--boards A,B] [--quick] [--cpus N] [--json] [--write]`: dfu-util and sureflash program the same
 * images into the same models, in one run of the guest. Modelled silicon with the poll times of real ROMs where they are
 * known (packages/virtual/src/table), and a full-speed bus. `--quick` is one board and two states; `--write` writes
 * docs/performance.md.
 */

import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { Bench } from './lib/bench.ts';
import type { Guest } from './lib/guest.ts';
import { here } from './lib/here.ts';
import { Problem } from './lib/problem.ts';
import { BOARDS, type RaceBoard, racesOn } from './lib/race-boards.ts';
import { documentOf, type RaceResult, show } from './lib/race-report.ts';
import { runRaces } from './lib/race-run.ts';
import { runToEnd } from './lib/run-to-end.ts';

const { values } = parseArgs({
  options: {
    boards: { type: 'string' },
    quick: { type: 'boolean', default: false },
    cpus: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
  },
});

await runToEnd(async () => {
  const { quick, cpus, json, write } = values;
  if (write && (quick || values.boards)) throw new Problem('--write needs the whole race');
  const boards = chosen();
  const bench = await Bench.start({ limitMs: 1_200_000, bus: true, cpus: Number(cpus) });
  let race: RaceResult;
  try {
    const machine = await describeMachine(bench.guest, cpus);
    const rows = await runRaces(bench, racesOn(boards, { quick }), (row) => {
      if (!json) console.log(`${row.board}, ${row.before}, ${row.program}: ${(row.deviceMs / 1000).toFixed(2)} s`);
    });
    race = { date: new Date().toISOString().slice(0, 10), machine, rows };
  } finally {
    await bench.close();
  }
  if (json) console.log(JSON.stringify({ modelled: true, ...race }));
  else show(race);
  if (write) writeFileSync(here('docs/performance.md'), documentOf(race));
  return 0;
});

function chosen(): readonly RaceBoard[] {
  if (!values.boards) return values.quick ? BOARDS.slice(0, 1) : BOARDS;
  return values.boards.split(',').map((name) => {
    const board = BOARDS.find((one) => one.name === name);
    if (!board) throw new Problem(`no board ${name}; there are ${BOARDS.map((one) => one.name).join(', ')}`);
    return board;
  });
}

async function describeMachine(guest: Guest, cpus: string): Promise<string> {
  const [kernel, dfuUtil] = (await guest.must('uname -r; dfu-util --version | head -1')).trim().split('\n');
  return `${availableParallelism()} cores, ${cpus} of them in the guest; Linux ${kernel}, ${dfuUtil}, Node ${process.version}.`;
}
