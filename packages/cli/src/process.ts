/** Binds the command line to this process: its streams, its signals, its exit code. */
import { type Io, systemIo } from './base/io.ts';
import { runCli } from './run.ts';

/** The second Ctrl-C does not wait for the device any more. */
const IMPATIENT_EXIT = 130;
/** Time in ms for streams to empty, once everything is done. */
const LINGER_MS = 3_000;

export async function runProcess(args: readonly string[]): Promise<void> {
  const stop = new AbortController();
  const io: Io = systemIo(stop.signal);
  const onSignal = (): void => {
    if (stop.signal.aborted) process.exit(IMPATIENT_EXIT);
    stop.abort(new Interrupted());
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  // A reader that has gone (`sureflash list | head -1`) is not an error of ours.
  process.stdout.on('error', () => undefined);
  process.stderr.on('error', () => undefined);
  const code = await runCli(args, io);
  process.exitCode = code;
  process.off('SIGINT', onSignal);
  process.off('SIGTERM', onSignal);
  // A transfer that a dead device never ends keeps libusb, and with it the process, for up to a minute.
  setTimeout(() => process.exit(code), LINGER_MS).unref();
}

/** The reason of an abort by the user. */
export class Interrupted extends Error {
  constructor() {
    super('interrupted');
    this.name = 'Interrupted';
  }
}
