/** The real command line in a process of its own, and what it used: processor time, and memory at its peak. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const COMMAND_LINE = fileURLToPath(new URL('../../../packages/cli/bin/sureflash.js', import.meta.url));
/** Of one process only: what getrusage calls the peak may be that of the parent (VmHWM, proc(5)). */
const TELLS_USAGE = `import { readFileSync, writeSync } from 'node:fs';
process.on('exit', () => {
  const { user, system } = process.cpuUsage();
  let peakKb = process.resourceUsage().maxRSS;
  try { peakKb = Number(/VmHWM:\\s+(\\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1]); } catch {}
  writeSync(3, JSON.stringify({ cpuMs: (user + system) / 1000, peakKb }));
});`;
const TELLING = `data:text/javascript,${encodeURIComponent(TELLS_USAGE)}`;
/** Whoever needs longer hangs. */
const LONGEST_RUN_MS = 90_000;
const FD_USAGE = 3;

export interface Used {
  readonly cpuMs: number;
  readonly peakKb: number;
}

export interface CliRun {
  /** `SIGKILL` for one that hung. */
  readonly exit: number | string;
  /** Absent where a signal ended the process. */
  readonly used?: Used;
  readonly output: string;
  readonly wallMs: number;
}

export interface RunOptions {
  readonly cwd: string;
  /** Ctrl-C after so many ms. */
  readonly interruptAfterMs?: number;
}

export const newFolder = (): string => mkdtempSync(join(tmpdir(), 'sureflash-hostile-'));

export async function runCli(words: readonly string[], { cwd, interruptAfterMs }: RunOptions): Promise<CliRun> {
  const started = performance.now();
  const child = spawn(process.execPath, ['--import', TELLING, COMMAND_LINE, ...words], {
    cwd,
    env: { ...process.env, XDG_STATE_HOME: join(cwd, 'state'), HOME: cwd },
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
  const texts = { output: '', usage: '' };
  child.stdout?.on('data', (chunk: Buffer) => (texts.output += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (texts.output += chunk.toString()));
  child.stdio[FD_USAGE]?.on('data', (chunk: Buffer) => (texts.usage += chunk.toString()));
  const hang = setTimeout(() => child.kill('SIGKILL'), LONGEST_RUN_MS);
  const interrupt =
    interruptAfterMs === undefined ? undefined : setTimeout(() => child.kill('SIGINT'), interruptAfterMs);
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  clearTimeout(hang);
  clearTimeout(interrupt);
  const used = texts.usage === '' ? {} : { used: JSON.parse(texts.usage) as Used };
  return { exit: code ?? signal ?? 'nothing', ...used, output: texts.output, wallMs: performance.now() - started };
}
