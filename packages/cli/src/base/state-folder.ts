/** Where this user's programs keep what outlives a run, by the custom of each system. */
import { homedir } from 'node:os';
import { posix, win32 } from 'node:path';

interface UserPlace {
  readonly platform: NodeJS.Platform;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
}

/**
 * Linux: XDG_STATE_HOME or ~/.local/state (XDG Base Directory Specification 0.8). macOS: ~/Library/Application Support.
 * Windows: LOCALAPPDATA.
 */
export function stateFolder({ platform, env, home }: UserPlace = here()): string {
  if (platform === 'win32') {
    return win32.join(env['LOCALAPPDATA'] || win32.join(home, 'AppData', 'Local'), 'sureflash');
  }
  const stated = env['XDG_STATE_HOME'] ?? '';
  // A path that is not absolute is invalid and ignored, says the specification.
  if (posix.isAbsolute(stated)) return posix.join(stated, 'sureflash');
  if (platform === 'darwin') return posix.join(home, 'Library', 'Application Support', 'sureflash');
  return posix.join(home, '.local', 'state', 'sureflash');
}

const here = (): UserPlace => ({ platform: process.platform, env: process.env, home: homedir() });
