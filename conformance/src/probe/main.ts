/**
 * `npm run campaign:probe [-- --sample N] [--threads N] [--write]`: every fault of the wire at every class of command, on three
 * chips, through an ST-LINK/V2-1, an STLINK-V3 and a CMSIS-DAP probe. `--sample` does every Nth trial alone; `--write` puts the
 * figures into docs/reliability.md. Prints what came of each kind; ends with status 1 if a promise is broken.
 */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import {
  commandsToStrike,
  type FaultTrial,
  type FaultVerdict,
  isPromiseKept,
  STRUCK_PROBES,
  WIRE_FAULTS,
} from './faults.ts';
import { type FaultFigures, writeProbeFigures } from './figures.ts';
import { MATRIX_ROWS } from './matrix.ts';

interface TrialOutcome extends FaultTrial {
  readonly verdict: FaultVerdict;
}

const CHIPS_TRIED = ['STM32F103', 'STM32L476', 'STM32G071'];
const tell = (text: string): void => void process.stdout.write(`${text}\n`);

await strikeAll();

async function strikeAll(): Promise<void> {
  const { values } = parseArgs({
    options: {
      sample: { type: 'string', default: '1' },
      write: { type: 'boolean', default: false },
      threads: { type: 'string', default: `${availableParallelism()}` },
    },
  });

  const started = performance.now();
  const all: FaultTrial[] = [];
  const desks = STRUCK_PROBES.flatMap((probe) => CHIPS_TRIED.map((chip) => ({ probe, chip })));
  for (const { probe, chip } of desks) {
    const places = await commandsToStrike(probe, chip);
    tell(`${chip} behind ${probe}: ${places.length} places, ${Object.keys(WIRE_FAULTS).length} faults`);
    for (const fault of Object.keys(WIRE_FAULTS)) all.push(...places.map((at) => ({ probe, chip, fault, at })));
  }
  const trials = all.filter((_, index) => index % Number(values.sample) === 0);
  if (values.write && trials.length < all.length) throw new Error('--write needs the whole campaign');
  const shares = Array.from({ length: Number(values.threads) }, (_, share) =>
    trials.filter((_trial, index) => index % Number(values.threads) === share),
  );
  const outcomes = (await Promise.all(shares.map(tried))).flat();
  tellOf(outcomes);
  tell(`${outcomes.length} trials, ${((performance.now() - started) / 1000).toFixed(0)} s`);
  const isKept = outcomes.length === trials.length && outcomes.every(({ verdict }) => isPromiseKept(verdict));
  if (values.write && outcomes.length === trials.length) {
    const rows = Object.keys(WIRE_FAULTS).map((fault) => figuresOf(fault, outcomes));
    writeProbeFigures(rows, MATRIX_ROWS.length);
  }
  process.exitCode = isKept ? 0 : 1;
}

function figuresOf(fault: string, outcomes: readonly TrialOutcome[]): FaultFigures {
  const own = outcomes.filter((each) => each.fault === fault);
  const count = (wanted: FaultVerdict): number => own.filter(({ verdict }) => verdict === wanted).length;
  const survived = count('survived');
  const completed = count('failed and completed');
  return { fault, survived, completed, broken: own.length - survived - completed };
}

function tellOf(outcomes: readonly TrialOutcome[]): void {
  const byFault = new Map<string, Map<FaultVerdict, number>>();
  for (const { fault, verdict } of outcomes) {
    const counts = byFault.get(fault) ?? new Map<FaultVerdict, number>();
    byFault.set(fault, counts.set(verdict, (counts.get(verdict) ?? 0) + 1));
  }
  for (const [fault, counts] of byFault) {
    tell(`${fault.padEnd(14)} ${[...counts].map(([verdict, count]) => `${verdict} ${count}`).join(', ')}`);
  }
  const broken = outcomes.filter(({ verdict }) => !isPromiseKept(verdict));
  for (const { probe, chip, fault, at, verdict } of broken) {
    tell(`${chip} behind ${probe}, ${fault} at command ${at}: ${verdict}`);
  }
  tell(`${broken.length} broken promises`);
}

async function tried(share: readonly FaultTrial[]): Promise<TrialOutcome[]> {
  if (share.length === 0) return [];
  const worker = new Worker(new URL('./worker.js', import.meta.url), { workerData: share });
  const outcomes: TrialOutcome[] = [];
  return await new Promise((resolve, reject) => {
    worker.on('message', (outcome: TrialOutcome) => outcomes.push(outcome));
    worker.on('error', reject);
    worker.on('exit', () => resolve(outcomes));
  });
}
