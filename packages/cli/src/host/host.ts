/** What this machine tells about USB when no device can be opened: evidence for a diagnosis. Nothing is changed. */
import type { Observation } from '@sureflash/programmer/diagnosis';
import { observeLinux } from './linux.ts';
import { observeMac } from './macos.ts';
import { type RunCommand, runProgram } from './run.ts';
import { observeWindows } from './windows.ts';

export interface Host {
  readonly platform: NodeJS.Platform;
  readonly run: RunCommand;
}

export const THIS_HOST: Host = { platform: process.platform, run: runProgram };

/** Other systems tell us nothing beside what USB itself told. */
export async function observeHost({ platform, run }: Host = THIS_HOST): Promise<Observation[]> {
  if (platform === 'linux') return await observeLinux(run);
  if (platform === 'darwin') return await observeMac(run);
  return platform === 'win32' ? await observeWindows(run) : [];
}
