/** Gives a program an exit status whatever happens: what it returns, 1 for an error, 130 when it is interrupted. */
import { Problem } from './problem.ts';

export async function runToEnd(work: () => Promise<number>): Promise<void> {
  // `exit` runs the guest's own cleaning up.
  for (const [signal, status] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const) {
    process.on(signal, () => process.exit(status));
  }
  try {
    process.exit(await work());
  } catch (error) {
    console.error(error instanceof Problem ? `testbed: ${error.message}` : error);
    process.exit(1);
  }
}
