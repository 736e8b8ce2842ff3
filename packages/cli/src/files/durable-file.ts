/** Files that are whole or not there, also after a power cut. It knows nothing of what is in them. */
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Windows opens no folder as a file; NTFS writes its journal in order. */
const SYNCS_FOLDERS = process.platform !== 'win32';
/** What stands between a crash and the next look at the folder. */
const UNFINISHED = '.unfinished';

/**
 * Puts content in the place of a file, on the disk before it returns. The folder is made, for this user alone.
 * @throws what the file system throws; the file is as it was then
 */
export async function writeDurably(path: string, content: Uint8Array): Promise<void> {
  const folder = dirname(path);
  const made = await mkdir(folder, { recursive: true, mode: 0o700 });
  const unfinished = `${path}.${process.pid}${UNFINISHED}`;
  await rm(unfinished, { force: true });
  try {
    const file = await open(unfinished, 'wx', 0o600);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(unfinished, path);
  } catch (error) {
    await rm(unfinished, { force: true }).catch(() => undefined);
    throw error;
  }
  // A folder that is new stands in a folder that has to be on the disk too.
  const top = made === undefined ? folder : dirname(made);
  for (let at = folder; at.length >= top.length; at = dirname(at)) {
    await syncFolder(at);
    if (at === dirname(at)) return;
  }
}

/** Takes a file away, also from the disk; one that is not there is no error. */
export async function removeDurably(path: string): Promise<void> {
  await rm(path, { force: true });
  await syncFolder(dirname(path)).catch(() => undefined);
}

/** @returns the names of the files in a folder, without those that a crash has left unfinished, which go */
export async function filesIn(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  const unfinished = names.filter((name) => name.endsWith(UNFINISHED));
  for (const name of unfinished)
    if (!isRunning(name)) await rm(join(folder, name), { force: true }).catch(() => undefined);
  return names.filter((name) => !name.endsWith(UNFINISHED)).sort();
}

/** Whether the process that has begun the file is still there. */
function isRunning(name: string): boolean {
  try {
    return process.kill(Number(/\.(\d+)\.unfinished$/.exec(name)?.[1]), 0);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

async function syncFolder(folder: string): Promise<void> {
  if (!SYNCS_FOLDERS) return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } catch (error) {
    // Some file systems, of network shares for one, sync no folders.
    if (!(error instanceof Error && 'code' in error && error.code === 'EINVAL')) throw error;
  } finally {
    await handle.close();
  }
}
