/** How busy the machine's processors were, and how much of that was not ours. Linux: proc(5). Times are in ms. */
import { readdirSync, readFileSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';

/** Linux counts in hundredths of a second for programs, whatever its timer does (proc(5), sysconf(_SC_CLK_TCK)). */
const TICK_MS = 10;
/** More than this share of a processor is said. */
const NOTABLE = 0.1;

interface Sample {
  readonly at: number;
  readonly busyMs: number;
  readonly oursMs: number;
}

/** What happened between two samples. */
export interface Load {
  /** Processors that something else kept busy on average: 1 is one whole processor. */
  readonly others: number;
  /** Load average of the last minute at the end. */
  readonly average: number;
  readonly isNotable: boolean;
}

/** @returns a function that says what happened since */
export function watchLoad(): () => Load {
  const before = sample();
  return () => {
    const now = sample();
    const passedMs = Math.max(1, now.at - before.at);
    const othersMs = now.busyMs - before.busyMs - (now.oursMs - before.oursMs);
    const others = Math.min(availableParallelism(), Math.max(0, othersMs / passedMs));
    return { others, average: loadavg()[0] ?? 0, isNotable: others > NOTABLE };
  };
}

function sample(): Sample {
  const [line = ''] = readFileSync('/proc/stat', 'utf8').split('\n', 1);
  // user nice system idle iowait irq softirq steal: a guest that was kept waiting by its host counts as busy.
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = line
    .trim()
    .split(/\s+/)
    .slice(1)
    .map(Number);
  const busyMs = (user + nice + system + irq + softirq + steal) * TICK_MS;
  return { at: performance.now(), busyMs, oursMs: oursMs() };
}

interface ProcessTime {
  readonly parent: number;
  readonly ms: number;
}

/** Of this process, of those that it started and still run, and of all that they have waited for. */
function oursMs(): number {
  const all = new Map<number, ProcessTime>();
  for (const name of readdirSync('/proc')) {
    const time = /^\d+$/.test(name) ? timeOf(name) : undefined;
    if (time) all.set(Number(name), time);
  }
  const isOurs = (pid: number): boolean => pid === process.pid || (pid > 1 && isOurs(all.get(pid)?.parent ?? 0));
  return [...all].reduce((sum, [pid, { ms }]) => sum + (isOurs(pid) ? ms : 0), 0);
}

/** @returns undefined for one that has just ended */
function timeOf(pid: string): ProcessTime | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in brackets may hold anything; state and parent come behind it, utime to cstime are fields 14 to 17.
    const fields = text
      .slice(text.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
    const [utime = 0, stime = 0, cutime = 0, cstime = 0] = fields.slice(11, 15);
    return { parent: fields[1] ?? 0, ms: (utime + stime + cutime + cstime) * TICK_MS };
  } catch {
    return undefined;
  }
}
