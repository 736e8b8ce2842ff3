/**
 * `npm run campaign:probe [-- --sample N] [--threads N]`: every fault of the wire at every class of command, on three chips,
 * through an ST-LINK/V2-1, an STLINK-V3 and a CMSIS-DAP probe. `--sample` does every Nth trial alone. Prints what came of each kind; ends with
 * status 1 if a promise is broken.
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
  const shares = Array.from({ length: Number(values.threads) }, (_, share) =>
    trials.filter((_trial, index) => index % Number(values.threads) === share),
  );
  const outcomes = (await Promise.all(shares.map(tried))).flat();

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
  tell(
    `${outcomes.length} trials, ${broken.length} broken promises, ${((performance.now() - started) / 1000).toFixed(0)} s`,
  );
  process.exitCode = broken.length > 0 || outcomes.length < trials.length ? 1 : 0;
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
