/** Meets one hostile end with the command line, undisturbed and with Ctrl-C. */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { HOSTILE_DEVICES } from './devices.ts';
import { contentAt } from './dfu-device.ts';
import { HOSTILE_FILES } from './files.ts';
import type { HostileCase } from './hostile-case.ts';
import { startServer } from './raw-server.ts';
import { type CliRun, newFolder, runCli } from './run-cli.ts';
import { HOSTILE_SERVERS } from './servers.ts';
import { HOSTILE_TRACES } from './traces.ts';

export const HOSTILE_CASES: readonly HostileCase[] = [
  ...HOSTILE_DEVICES,
  ...HOSTILE_SERVERS,
  ...HOSTILE_TRACES,
  ...HOSTILE_FILES,
];

export interface Meeting {
  readonly name: string;
  readonly words: string;
  /** Absent for what does not end of itself. */
  readonly alone?: CliRun;
  readonly interrupted: CliRun;
  readonly interruptedAtMs: number;
}

/** Of a run that does not end of itself. */
const ENDLESS_MS = 4_000;
const LOADED_BYTES = 20_000;
const SMALL_BYTES = 40;

/** @param moment share of the undisturbed time after which Ctrl-C comes */
export async function meet(subject: HostileCase, words: string, moment: number): Promise<Meeting> {
  const folder = newFolder();
  const server = subject.serve && (await startServer(subject.serve));
  try {
    writeFileSync(join(folder, 'a.bin'), contentAt(0, LOADED_BYTES));
    writeFileSync(join(folder, 'small.bin'), contentAt(0, SMALL_BYTES));
    subject.make?.(folder);
    const args = words.replaceAll('{port}', String(server?.port ?? 0)).split(' ');
    const alone = subject.isEndless ? undefined : await runCli(args, { cwd: folder });
    const interruptedAtMs = Math.round(moment * (alone?.wallMs ?? ENDLESS_MS));
    const interrupted = await runCli(args, { cwd: folder, interruptAfterMs: interruptedAtMs });
    return { name: subject.name, words, ...(alone && { alone }), interrupted, interruptedAtMs };
  } finally {
    await server?.close();
    rmSync(folder, { recursive: true });
  }
}

/** The same moment for the same name. */
export function momentFor(text: string): number {
  let sum = 0;
  for (const letter of text) sum = Math.imul(sum ^ (letter.codePointAt(0) ?? 0), 0x0100_0193);
  return (sum >>> 0) / 2 ** 32;
}
