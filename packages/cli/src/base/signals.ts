/** The wish to stop, as the system sends it: the run ends in order, and only a person at the keyboard need not wait for that. */
import { constants } from 'node:os';

/** SIGBREAK is Ctrl-Break of Windows, SIGHUP a terminal that closes; a system does not know all of them. */
const STOPS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGBREAK'] as const;
type Stop = (typeof STOPS)[number];
/** Keys. A closing terminal sends SIGHUP twice, and a supervisor SIGTERM and SIGHUP: nobody is impatient then. */
const KEYS: ReadonlySet<Stop> = new Set(['SIGINT', 'SIGQUIT', 'SIGBREAK']);
/** npm passes on the SIGINT that the terminal has sent to every process already. */
const SAME_KEY_MS = 150;

export interface Stopping {
  /** The first wish: the run ends when the device is at rest. */
  readonly onStop: () => void;
  /** A key once more: it ends at once. */
  readonly onAtOnce: () => void;
}

/** Listens as long as the process lives. */
export function listenForStop({ onStop, onAtOnce }: Stopping): void {
  let stoppedAt: number | undefined;
  for (const stop of STOPS.filter((each) => each in constants.signals)) {
    process.on(stop, () => {
      if (stoppedAt === undefined) {
        stoppedAt = performance.now();
        onStop();
      } else if (KEYS.has(stop) && performance.now() - stoppedAt > SAME_KEY_MS) onAtOnce();
    });
  }
}
