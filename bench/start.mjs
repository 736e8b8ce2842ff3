/** How long the program takes to start, against the bare interpreter. */
import { spawnSync } from 'node:child_process';

const ROUNDS = 21;

export function measureStart(program) {
  const bare = [];
  const ours = [];
  // Alternating, so that whatever else the machine does falls on both.
  for (let i = 0; i < ROUNDS; i++) {
    bare.push(time(['-e', '0']));
    ours.push(time([program, '--version']));
  }
  const [bareMs, oursMs] = [median(bare), median(ours)];
  return { bareMs: round(bareMs), oursMs: round(oursMs), ratio: round(oursMs / bareMs) };
}

function time(args) {
  const started = performance.now();
  const { status } = spawnSync(process.execPath, args, { stdio: 'ignore' });
  if (status !== 0) throw new Error(`node ${args.join(' ')} ended with ${status}`);
  return performance.now() - started;
}

const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];
const round = (value) => Math.round(value * 100) / 100;
