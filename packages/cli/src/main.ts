/** The entry: binds the command line to this process, its streams, its signals, its exit code. `--version` is answered at once. */
import { readFileSync, writeSync } from 'node:fs';

/** As for `cli/interrupted`; the table of exit codes would load the library. */
const EXIT_INTERRUPTED = 130;
/** As for `cli/file`. */
const EXIT_NOT_WRITTEN = 5;
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
  const [{ systemIo }, { runCli }, { listenForStop }, { OutputState }] = await Promise.all([
    import('./base/io.ts'),
    import('./run.ts'),
    import('./base/signals.ts'),
    import('./base/output-state.ts'),
  ]);
  const stop = new AbortController();
  let ended: number | undefined;
  listenForStop({
    onStop: () => stop.abort(new Error('interrupted')),
    onAtOnce: () => {
      if (ended !== undefined) process.exit(ended);
      say('Stopped      At once, as asked: the device may not be at rest. The next run completes what is missing.');
      process.exit(EXIT_INTERRUPTED);
    },
  });
  const output = new OutputState(process.stdout);
  // Nobody can be told when standard error is not to be written to.
  process.stderr.on('error', () => undefined);
  let code = await runCli(args, systemIo(stop.signal));
  const failure = await output.failure();
  if (failure) {
    say(`Error        Standard output could not be written: ${failure.message}. [cli/file]`);
    if (code === 0) code = EXIT_NOT_WRITTEN;
  }
  ended = code;
  process.exitCode = code;
  // A transfer that a dead device never ends keeps libusb, and with it the process, for up to a minute.
  setTimeout(() => process.exit(code), LINGER_MS).unref();
}

/** Past the stream, which may never be emptied. */
function say(text: string): void {
  try {
    writeSync(process.stderr.fd, `${text}\n`);
  } catch {
    // The terminal is gone.
  }
}
