/**
 * `node testbed/race.mjs [--boards A,B] [--quick] [--cpus N] [--json] [--write]`: dfu-util and sureflash program the same
 * images into the same models, in one run of the guest. Modelled silicon with the poll times of real ROMs where they are
 * known (packages/virtual/src/table), and a full-speed bus. `--quick` is one board and two states; `--write` writes
 * docs/performance.md.
 */
import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { Bench } from './lib/bench.mjs';
import { here } from './lib/files.mjs';
import { Problem } from './lib/problem.mjs';
import { BOARDS, racesOn } from './lib/race-boards.mjs';
import { documentOf, show } from './lib/race-report.mjs';
import { runRaces } from './lib/race-run.mjs';
import { runToEnd } from './lib/run-to-end.mjs';

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
  const race = { modelled: true, date: new Date().toISOString().slice(0, 10) };
  try {
    race.machine = await describeMachine(bench.guest, cpus);
    race.rows = await runRaces(bench, racesOn(boards, { quick }), (row) => {
      if (!json) console.log(`${row.board}, ${row.before}, ${row.program}: ${(row.deviceMs / 1000).toFixed(2)} s`);
    });
  } finally {
    await bench.close();
  }
  if (json) console.log(JSON.stringify(race));
  else show(race);
  if (write) writeFileSync(here('docs/performance.md'), documentOf(race));
  return 0;
});

function chosen() {
  if (!values.boards) return values.quick ? BOARDS.slice(0, 1) : BOARDS;
  return values.boards.split(',').map((name) => {
    const board = BOARDS.find((one) => one.name === name);
    if (!board) throw new Problem(`no board ${name}; there are ${BOARDS.map((one) => one.name).join(', ')}`);
    return board;
  });
}

async function describeMachine(guest, cpus) {
  const [kernel, dfuUtil] = (await guest.must('uname -r; dfu-util --version | head -1')).trim().split('\n');
  return `${availableParallelism()} cores, ${cpus} of them in the guest; Linux ${kernel}, ${dfuUtil}, Node ${process.version}.`;
}
