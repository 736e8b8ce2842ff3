/** The entry: binds the command line to this process, its streams, its signals, its exit code. `--version` is answered at once. */
import { readFileSync } from 'node:fs';

/** The second Ctrl-C does not wait for the device any more. */
const IMPATIENT_EXIT = 130;
/** Time in ms for streams to empty, once everything is done. */
const LINGER_MS = 3_000;

const args = process.argv.slice(2);

if (args.length === 1 && (args[0] === '--version' || args[0] === '-V')) {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  process.stdout.write(`${version}\n`);
} else {
  await run();
}

async function run(): Promise<void> {
  const [{ systemIo }, { runCli }] = await Promise.all([import('./base/io.ts'), import('./run.ts')]);
  const stop = new AbortController();
  const onSignal = (): void => {
    if (stop.signal.aborted) process.exit(IMPATIENT_EXIT);
    stop.abort(new Error('interrupted'));
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  // A reader that has gone (`sureflash list | head -1`) is not an error of ours.
  process.stdout.on('error', () => undefined);
  process.stderr.on('error', () => undefined);
  const code = await runCli(args, systemIo(stop.signal));
  process.exitCode = code;
  process.off('SIGINT', onSignal);
  process.off('SIGTERM', onSignal);
  // A transfer that a dead device never ends keeps libusb, and with it the process, for up to a minute.
  setTimeout(() => process.exit(code), LINGER_MS).unref();
}
