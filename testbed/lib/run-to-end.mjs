/** Gives a program an exit status whatever happens: what it returns, 1 for an error, 130 when it is interrupted. */
import { Problem } from './problem.mjs';

/** @param {() => Promise<number>} work */
export async function runToEnd(work) {
  // `exit` runs the guest's own cleaning up.
  for (const [signal, status] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ]) {
    process.on(signal, () => process.exit(status));
  }
  try {
    process.exit(await work());
  } catch (error) {
    console.error(error instanceof Problem ? `testbed: ${error.message}` : error);
    process.exit(1);
  }
}
