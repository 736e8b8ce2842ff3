/** A device once more, after it has left the bus. */
import { type Device, hasCode } from '@sureflash/programmer';
import { waitForReturn } from '@sureflash/programmer/option-bytes';
import { CommandError } from '../base/command-error.ts';
import type { DeviceSource } from './source.ts';

export interface Reopened {
  readonly source: DeviceSource;
  readonly device: Device;
}

export interface ReopenOptions {
  /** Whether a device that was found is the one that is waited for; where absent, the first one is. */
  readonly isBack?: (found: Device) => boolean;
  /** Half a minute where absent. */
  readonly limitMs?: number;
  readonly signal?: AbortSignal;
}

/**
 * Waits until it can be opened and understood: one that is about to leave may be opened once more before it does.
 * @throws FlashError `device/not-back`, `trace/diverged`
 */
export async function reopened(
  before: DeviceSource,
  understand: (source: DeviceSource) => Promise<Device>,
  { isBack = () => true, ...waiting }: ReopenOptions = {},
): Promise<Reopened> {
  const found = await waitForReturn(
    async () => {
      try {
        const once = await openedOnce(before, understand);
        if (!once || isBack(once.device)) return once;
        await once.source[Symbol.asyncDispose]();
        return undefined;
      } catch (error) {
        // Another look does not mend a trace: it ends the wait.
        if (hasCode(error, 'trace/diverged')) return error;
        throw error;
      }
    },
    before.clock,
    waiting,
  );
  if (found instanceof Error) throw found;
  return found;
}

async function openedOnce(
  before: DeviceSource,
  understand: (source: DeviceSource) => Promise<Device>,
): Promise<Reopened | undefined> {
  const source = await orAbsent(before.reopen());
  if (!source) return undefined;
  try {
    return { source, device: await understand(source) };
  } catch (error) {
    await source[Symbol.asyncDispose]();
    throw error;
  }
}

/** What cannot be found or opened now may be a moment later. */
async function orAbsent(opening: Promise<DeviceSource>): Promise<DeviceSource | undefined> {
  try {
    return await opening;
  } catch (error) {
    if (error instanceof CommandError) return undefined;
    throw error;
  }
}
