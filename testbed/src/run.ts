/**
 * `node testbed/dist/run.js [--limit SECONDS] [--verbose] COMMAND [ARGS]`: boots the guest, runs a command there with its
 * output here, and ends with its status. A script is named by its path, as root and home are the host's (read-only).
 */
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { Guest, quote } from './lib/guest.ts';
import { Problem } from './lib/problem.ts';
import { runToEnd } from './lib/run-to-end.ts';

const { values, positionals } = parseArgs({
  options: { limit: { type: 'string', default: '600' }, verbose: { type: 'boolean', default: false } },
  args: ownArguments(process.argv.slice(2)),
  allowPositionals: true,
});

await runToEnd(async () => {
  if (positionals.length === 0)
    throw new Problem('What shall run in the guest? node testbed/dist/run.js COMMAND [ARGS]');
  const limitMs = Number(values.limit) * 1000;
  const guest = await Guest.boot({ limitMs, verbose: values.verbose });
  try {
    process.stderr.write(`testbed: the guest is up after ${(guest.bootMs / 1000).toFixed(1)} s\n`);
    const [program = '', ...args] = positionals;
    const words = [...interpreterOf(program), ...args].map(quote).join(' ');
    const command = `cd ${quote(process.cwd())} && ${words}`;
    const { status } = await guest.run(command, { limitMs, onLine: (line) => console.log(line) });
    return status;
  } finally {
    await guest.close();
  }
});

/** A script needs no execute permission. */
function interpreterOf(program: string): string[] {
  if (!statSync(program, { throwIfNoEntry: false })?.isFile()) return [program];
  const path = resolve(program);
  if (/\.[cm]?js$/.test(path)) return [process.execPath, path];
  return path.endsWith('.sh') ? ['sh', path] : [path];
}

/** Our own options end where the command begins. */
function ownArguments(args: string[]): string[] {
  let at = 0;
  while (args[at]?.startsWith('--') && args[at] !== '--') at += args[at] === '--limit' ? 2 : 1;
  return args[at] === '--' ? args : [...args.slice(0, at), '--', ...args.slice(at)];
}
