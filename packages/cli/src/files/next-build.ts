/** Waits for a file to change and to be left alone. It looks at the file from time to time: builds replace files, which ends a watch on them. */
import type { Clock } from '@sureflash/programmer';
import type { Io } from '../base/io.ts';

const FILE_LOOK_MS = 200;
/** A linker may pause for as long as this between two writes. */
const QUIET_MS = 400;

/**
 * @param before the stamp of the build that was seen last; absent for none
 * @param onAbsent told once when there is no such file
 * @returns the stamp of the file once it has changed, and has stayed the same for a moment
 * @throws the reason of the signal
 */
export async function nextBuild(
  { fileStamp, signal }: Pick<Io, 'fileStamp' | 'signal'>,
  path: string,
  { before, clock, onAbsent }: { readonly before?: string; readonly clock: Clock; readonly onAbsent: () => void },
): Promise<string> {
  let seen: string | undefined;
  let since = clock.now();
  for (let told = false; ; ) {
    signal.throwIfAborted();
    const stamp = await fileStamp(path);
    if (stamp !== seen) {
      seen = stamp;
      since = clock.now();
    } else if (stamp !== undefined && stamp !== before && clock.now() - since >= QUIET_MS) {
      return stamp;
    }
    if (stamp === undefined && before === undefined && !told) {
      told = true;
      onAbsent();
    }
    await clock.sleep(FILE_LOOK_MS, signal);
  }
}
