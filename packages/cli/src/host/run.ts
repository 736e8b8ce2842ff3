/** Programs of the operating system that are asked for what they know. */
import { execFile } from 'node:child_process';

/** Output of a program; empty where it is not there, fails or takes too long. */
export type RunCommand = (command: string, args: readonly string[]) => Promise<string>;

const LONGEST_MS = 10_000;
const MOST_OUTPUT_BYTES = 16 * 1024 * 1024;

export const runProgram: RunCommand = async (command, args) =>
  await new Promise((resolve) => {
    execFile(command, [...args], { timeout: LONGEST_MS, maxBuffer: MOST_OUTPUT_BYTES }, (error, stdout) =>
      resolve(error ? '' : stdout),
    );
  });
