/** The device of a recorded trace, on a clock that does not wait. */
import { replayTrace, type TraceLine } from '@sureflash/programmer/transports';
import { VirtualClock } from '@sureflash/virtual';
import { CommandError } from '../command-error.ts';
import { EXIT } from '../exit-codes.ts';
import { readBytes } from '../firmware-file.ts';
import type { Io } from '../io.ts';
import type { Source } from './source.ts';

export async function openReplay(io: Io, path: string): Promise<Source> {
  const lines = new TextDecoder().decode(await readBytes(io, path)).split('\n');
  const port = replayTrace(
    lines.flatMap((line, i) => (line.trim() === '' ? [] : [parseLine(line, { path, number: i + 1 })])),
  );
  return { port, clock: new VirtualClock(), where: `trace ${path}`, [Symbol.asyncDispose]: async () => undefined };
}

function parseLine(line: string, { path, number }: { path: string; number: number }): TraceLine {
  try {
    const parsed: unknown = JSON.parse(line);
    if (typeof parsed === 'object' && parsed !== null && 'type' in parsed) return parsed as TraceLine;
  } catch {
    // Falls through: told below, with its place.
  }
  throw new CommandError({
    code: 'cli/trace',
    exitCode: EXIT.file,
    title: `${path}, line ${number}: expected one JSON object of a trace.`,
    remedy: ['Record it with --trace.'],
    facts: { path, line: number },
  });
}
