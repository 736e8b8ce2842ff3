/** The device of a recorded trace, on a clock that does not wait. */
import type { UsbPort } from '@sureflash/programmer';
import { replayTrace, TRACE_VERSION, type TraceLine } from '@sureflash/programmer/transports';
import { VirtualClock } from '@sureflash/virtual';
import { CommandError } from '../base/command-error.ts';
import { EXIT } from '../base/exit-codes.ts';
import type { Io } from '../base/io.ts';
import { readBytes } from '../files/file-access.ts';
import type { DeviceSource } from './source.ts';

/** @throws CommandError `cli/trace` for a file that is no trace, with the line */
export async function openReplay(io: Io, path: string): Promise<DeviceSource> {
  const clock = new VirtualClock();
  const open = replayTrace(await readTrace(io, path), clock);
  return nextSource(path, clock, open);
}

/** Each opening goes on in the trace where the one before has ended. */
function nextSource(path: string, clock: VirtualClock, open: () => UsbPort | undefined): DeviceSource {
  const port = open();
  if (!port) {
    throw new CommandError({
      code: 'cli/no-device',
      exitCode: EXIT.device,
      title: `In ${path} the device does not come back.`,
      remedy: ['Record it again, with a device that does.'],
      facts: { path },
    });
  }
  return {
    port,
    clock,
    where: `trace ${path}`,
    reopen: async () => nextSource(path, clock, open),
    [Symbol.asyncDispose]: async () => undefined,
  };
}

async function readTrace(io: Io, path: string): Promise<TraceLine[]> {
  const texts = new TextDecoder().decode(await readBytes(io, path)).split('\n');
  while (texts.length > 1 && texts.at(-1)?.trim() === '') texts.pop();
  return texts.map((text, i) => {
    const line = parseLine(text, i === 0 ? isHeader : isLine);
    if (line) return line;
    throw new CommandError({
      code: 'cli/trace',
      exitCode: EXIT.file,
      title: `${path}, line ${i + 1}: expected ${i === 0 ? 'the header' : 'a transfer'} of a trace.`,
      remedy: ['Record it with --trace.'],
      facts: { path, line: i + 1 },
    });
  });
}

type Fields = Readonly<Record<string, unknown>>;

function parseLine(text: string, fits: (line: Fields) => boolean): TraceLine | undefined {
  try {
    const line: unknown = JSON.parse(text);
    // What a replay reads of the line has been looked at by then.
    return typeof line === 'object' && line !== null && fits({ ...line }) ? (line as TraceLine) : undefined;
  } catch {
    return undefined;
  }
}

const isHex = (value: unknown): boolean => typeof value === 'string' && /^([0-9a-f]{2})*$/i.test(value);

function isHeader({ type, version, identity, alternates, interfaceNumber, configurationDescriptor }: Fields): boolean {
  return (
    type === 'port' &&
    version === TRACE_VERSION &&
    typeof identity === 'object' &&
    identity !== null &&
    Array.isArray(alternates) &&
    typeof interfaceNumber === 'number' &&
    isHex(configurationDescriptor)
  );
}

function isLine(line: Fields): boolean {
  return line['type'] === 'absent' || isHeader(line) || isEntry(line);
}

function isEntry({ type, data }: Fields): boolean {
  return (
    ['in', 'out', 'bulk-in', 'bulk-out', 'alternate', 'reset'].includes(String(type)) &&
    (data === undefined || isHex(data))
  );
}
