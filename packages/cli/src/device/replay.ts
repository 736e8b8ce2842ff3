/** The device of a recorded trace, on a clock that does not wait. */
import { ERROR_CODES, type UsbPort } from '@sureflash/programmer';
import { visible } from '@sureflash/programmer/basics';
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
    outlives: false,
    reopen: async () => nextSource(path, clock, open),
    [Symbol.asyncDispose]: async () => undefined,
  };
}

async function readTrace(io: Io, path: string): Promise<TraceLine[]> {
  const file = await readBytes(io, path);
  if (file.length > MOST_TRACE_BYTES) {
    throw new CommandError({
      code: 'cli/trace',
      exitCode: EXIT.file,
      title: `${visible(path)} has ${file.length} bytes; a trace of one run has at most ${MOST_TRACE_BYTES}.`,
      remedy: ['Record it with --trace.'],
      facts: { path },
    });
  }
  const lines: TraceLine[] = [];
  for (const text of traceTexts(file)) {
    const isHead = lines.length === 0;
    const line =
      text === undefined || lines.length === MOST_TRACE_LINES ? undefined : parseLine(text, isHead ? isHeader : isLine);
    if (!line) throw notOfTrace(path, lines.length + 1);
    lines.push(line);
  }
  if (lines.length === 0) throw notOfTrace(path, 1);
  return lines;
}

function notOfTrace(path: string, line: number): CommandError {
  return new CommandError({
    code: 'cli/trace',
    exitCode: EXIT.file,
    title: `${visible(path)}, line ${line}: expected ${line === 1 ? 'the header' : 'a transfer'} of a trace.`,
    remedy: ['Record it with --trace.'],
    facts: { path, line },
  });
}

const LINE_FEED = 0x0a;

/** One at a time, without empty ones at the end; `undefined` for a line that is longer than any of a trace. */
function* traceTexts(file: Uint8Array): Generator<string | undefined> {
  const decoder = new TextDecoder();
  let end = file.length;
  while (end > 0 && (file[end - 1] ?? 0) <= 0x20) end--;
  for (let at = 0; at < end; ) {
    const next = file.indexOf(LINE_FEED, at);
    const stop = next < 0 || next > end ? end : next;
    yield stop - at > MOST_LINE_BYTES ? undefined : decoder.decode(file.subarray(at, stop));
    at = stop + 1;
  }
}

/** The header has the configuration descriptor, 128 KB of digits, and 256 names; a transfer has 64 KB at most. */
const MOST_LINE_BYTES = 1024 * 1024;
/** 1 MB of flash in blocks of 64 bytes takes less than half of these. */
const MOST_TRACE_LINES = 200_000;
/** Each byte that is written and read back is four characters: this is 4 MB of flash, and more than any STM32 has. */
const MOST_TRACE_BYTES = 32 * 1024 * 1024;

type Fields = Readonly<Record<string, unknown>>;

/** An escape, or a character beyond ASCII: only such a line has what cannot be seen. */
const OTHER_THAN_PLAIN = /[^ -[\]-~]/;

/** Whoever wrote the trace has written its texts; the name of an alternate setting is parsed, and shown elsewhere. */
function unlessOfMap(this: unknown, key: string, value: unknown): unknown {
  const isMap = key === 'name' && hasFields(this) && 'interfaceClass' in this;
  return typeof value === 'string' && !isMap ? visible(value) : value;
}

function parseLine(text: string, fits: (line: Fields) => boolean): TraceLine | undefined {
  try {
    const line: unknown = OTHER_THAN_PLAIN.test(text) ? JSON.parse(text, unlessOfMap) : JSON.parse(text);
    // What a replay reads of the line has been looked at by then.
    return typeof line === 'object' && line !== null && fits({ ...line }) ? (line as TraceLine) : undefined;
  } catch {
    return undefined;
  }
}

/** bAlternateSetting is one byte. */
const MOST_ALTERNATES = 256;

const isHex = (value: unknown): boolean => typeof value === 'string' && /^([0-9a-f]{2})*$/i.test(value);

function isHeader({ type, version, identity, alternates, interfaceNumber, configurationDescriptor }: Fields): boolean {
  return (
    type === 'port' &&
    version === TRACE_VERSION &&
    isTracedIdentity(identity) &&
    Array.isArray(alternates) &&
    alternates.length <= MOST_ALTERNATES &&
    alternates.every(isAlternate) &&
    isByte(interfaceNumber) &&
    isHex(configurationDescriptor) &&
    String(configurationDescriptor).length <= 2 * 0xffff
  );
}

const hasFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null;
const isByte = (value: unknown): boolean => Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 0xff;
const isWord = (value: unknown): boolean => Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 0xffff;
/** A string descriptor has room for 126 characters; a converted one may take more. */
const isDeviceText = (value: unknown): boolean => typeof value === 'string' && value.length <= 255;

function isTracedIdentity(value: unknown): boolean {
  if (!hasFields(value)) return false;
  const { vendorId, productId, bcdDevice, manufacturer, product, serial } = value;
  return (
    [vendorId, productId, bcdDevice].every(isWord) &&
    [manufacturer, product, serial].every((text) => text === undefined || isDeviceText(text))
  );
}

function isAlternate(value: unknown): boolean {
  if (!hasFields(value)) return false;
  const { number, name, interfaceClass, interfaceSubclass, interfaceProtocol } = value;
  return [number, interfaceClass, interfaceSubclass, interfaceProtocol].every(isByte) && isDeviceText(name);
}

function isLine(line: Fields): boolean {
  return line['type'] === 'absent' || isHeader(line) || isEntry(line);
}

function isEntry({ type, data, at, ms, setup, error }: Fields): boolean {
  return (
    ['in', 'out', 'bulk-in', 'bulk-out', 'alternate', 'reset'].includes(String(type)) &&
    (data === undefined || isHex(data)) &&
    [at, ms].every((time) => typeof time === 'number' && time >= 0) &&
    (setup === undefined || isSetup(setup)) &&
    (error === undefined || isTold(error))
  );
}

function isSetup(value: unknown): boolean {
  if (!hasFields(value)) return false;
  const { requestType, recipient, request, value: setupValue, index } = value;
  return (
    typeof requestType === 'string' &&
    typeof recipient === 'string' &&
    isByte(request) &&
    isWord(setupValue) &&
    isWord(index)
  );
}

function isTold(value: unknown): boolean {
  return hasFields(value) && ERROR_CODES.some((code) => code === value['code']) && hasFields(value['facts']);
}
