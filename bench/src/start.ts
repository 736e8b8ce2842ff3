/** Processor time that the program takes for short commands, against the bare interpreter in the same run. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { rounded } from './figures.ts';

const ROUNDS = 15;
const BARE = 'node -e 0';
const CPU_TIME = fileURLToPath(new URL('../cpu-time.cjs', import.meta.url));
const FIRMWARE = fileURLToPath(new URL('../../examples/firmware/out/dashboard-v2.elf', import.meta.url));
const COMMANDS: Readonly<Record<string, readonly string[]>> = {
  '--version': ['--version'],
  '--help': ['--help'],
  chips: ['chips'],
  check: ['check', FIRMWARE],
  list: ['list'],
  'program --help': ['program', '--help'],
};

export interface StartTime {
  readonly cpuMs: number;
  readonly timesBareNode: number;
}

/**
 * @param programs paths by name
 * @returns for bare `node -e 0`, and for each command of each program, the least processor time in ms and how many times that of bare Node it is
 */
export function measureStart(programs: Readonly<Record<string, string>>): Record<string, StartTime> {
  const commands: Record<string, readonly string[]> = { [BARE]: ['-e', '0'] };
  for (const [program, path] of Object.entries(programs))
    for (const [name, words] of Object.entries(COMMANDS)) commands[`${program} ${name}`] = [path, ...words];
  const least = new Map(Object.keys(commands).map((name) => [name, Number.POSITIVE_INFINITY]));
  // In turns, so that whatever else the machine does falls on all of them.
  for (let i = 0; i < ROUNDS; i++) {
    for (const [name, args] of Object.entries(commands))
      least.set(name, Math.min(least.get(name) ?? Number.POSITIVE_INFINITY, cpuMs(args)));
  }
  const bare = least.get(BARE) ?? Number.NaN;
  return Object.fromEntries(
    [...least].map(([name, ms]) => [name, { cpuMs: rounded(ms, 2), timesBareNode: rounded(ms / bare, 2) }]),
  );
}

function cpuMs(args: readonly string[]): number {
  const { status, output } = spawnSync(process.execPath, ['--require', CPU_TIME, ...args], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  });
  if (status !== 0) throw new Error(`node ${args.join(' ')} ended with ${status}`);
  return Number(output[3]?.toString());
}
