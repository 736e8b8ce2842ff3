/**
 * Wire traces: a header for each time that the device was opened, with one entry a transfer behind it. The log, the
 * recording and the replay of a run are the same lines.
 */
import { type ErrorCode, type FactsOf, FlashError, isFlashError } from '../errors.ts';
import type { Clock } from '../ports/clock.ts';
import type { Alternate, ControlSetup, UsbIdentity, UsbPort } from '../ports/usb.ts';

export const TRACE_VERSION = 1;

export interface TraceHeader {
  readonly type: 'port';
  readonly version: typeof TRACE_VERSION;
  readonly identity: UsbIdentity;
  readonly interfaceNumber: number;
  readonly alternates: readonly Alternate[];
  /** Lower-case hexadecimal. */
  readonly configurationDescriptor: string;
}

/** `at` and `ms` on the clock of the run; `data` is what went over the wire, in hexadecimal. */
export interface TraceEntry {
  readonly type: 'in' | 'out' | 'alternate' | 'reset';
  readonly at: number;
  readonly ms: number;
  readonly setup?: ControlSetup;
  /** Bytes asked for (`in`) or the number of the alternate. */
  readonly length?: number;
  readonly data?: string;
  /** Code and facts where the transfer failed. */
  readonly error?: { readonly code: ErrorCode; readonly facts: FactsOf<ErrorCode> };
}

/** The device left the bus and did not come back. */
export interface TraceAbsence {
  readonly type: 'absent';
}

export type TraceLine = TraceHeader | TraceEntry | TraceAbsence;

/** A port that behaves as `port` does and tells `sink` of each transfer. */
export function recordTrace(port: UsbPort, clock: Clock, sink: (line: TraceLine) => void): UsbPort {
  const { identity, interfaceNumber, alternates } = port;
  const configurationDescriptor = toHex(port.configurationDescriptor);
  sink({ type: 'port', version: TRACE_VERSION, identity, interfaceNumber, alternates, configurationDescriptor });
  const note = async <T>(entry: Asked, work: Promise<T>): Promise<T> => {
    const at = clock.now();
    const times = (): { at: number; ms: number } => ({ at, ms: clock.now() - at });
    try {
      const result = await work;
      sink({ ...entry, ...times(), ...(result instanceof Uint8Array && { data: toHex(result) }) });
      return result;
    } catch (error) {
      if (isFlashError(error)) sink({ ...entry, ...times(), error: { code: error.code, facts: error.facts } });
      throw error;
    }
  };
  return {
    identity,
    interfaceNumber,
    alternates,
    configurationDescriptor: port.configurationDescriptor,
    gone: port.gone,
    selectAlternate: async (length) => await note({ type: 'alternate', length }, port.selectAlternate(length)),
    controlIn: async (setup, length, options) =>
      await note({ type: 'in', setup, length }, port.controlIn(setup, length, options)),
    controlOut: async (setup, data, options) =>
      await note({ type: 'out', setup, data: toHex(data) }, port.controlOut(setup, data, options)),
    reset: async () => await note({ type: 'reset' }, port.reset()),
    [Symbol.asyncDispose]: async () => await port[Symbol.asyncDispose](),
  };
}

/**
 * The recorded device, to be opened as often as it was opened then. A request that the recording does not have next is
 * `trace/diverged`: the run took another way than the recorded one.
 * @param clock passes the recorded time of each transfer; without it they take none
 * @returns opens it: the next port of the recording, or `undefined` where the device did not come back
 * @throws FlashError `trace/diverged`, from opening too, when no header stands there
 */
export function replayTrace(lines: readonly TraceLine[], clock?: Clock): () => UsbPort | undefined {
  let next = 0;
  const take = async (asked: Asked): Promise<TraceEntry> => {
    const line = lines[next];
    if (!line || !isTransfer(line) || keyOf(line) !== keyOf(asked)) throw diverged(next, line, keyOf(asked));
    next++;
    if (line.ms > 0) await clock?.sleep(line.ms);
    if (line.error) throw new FlashError(line.error.code, line.error.facts);
    return line;
  };
  return () => {
    const line = lines[next];
    if (line?.type === 'absent') return undefined;
    if (line?.type !== 'port') throw diverged(next, line, 'open');
    next++;
    return replayPort(line, take);
  };
}

/** What a run asks of a port. */
type Asked = Omit<TraceEntry, 'at' | 'ms'>;

function replayPort(header: TraceHeader, take: (asked: Asked) => Promise<TraceEntry>): UsbPort {
  const { identity, interfaceNumber, alternates } = header;
  return {
    identity,
    interfaceNumber,
    alternates,
    configurationDescriptor: fromHex(header.configurationDescriptor),
    gone: new Promise(() => undefined),
    selectAlternate: async (length) => void (await take({ type: 'alternate', length })),
    controlIn: async (setup, length) => fromHex((await take({ type: 'in', setup, length })).data ?? ''),
    controlOut: async (setup, data) => void (await take({ type: 'out', setup, data: toHex(data) })),
    reset: async () => void (await take({ type: 'reset' })),
    [Symbol.asyncDispose]: async () => undefined,
  };
}

function isTransfer(line: TraceLine): line is TraceEntry {
  return line.type !== 'port' && line.type !== 'absent';
}

function keyOf({ type, setup, length, data }: Asked): string {
  const request = setup ? ` ${setup.requestType} ${setup.request} value ${setup.value} index ${setup.index}` : '';
  return `${type}${request}${length === undefined ? '' : ` length ${length}`}${type === 'out' ? ` data ${data ?? ''}` : ''}`;
}

/** Entries are counted from 1, headers too, as the lines of the file are. */
function diverged(index: number, line: TraceLine | undefined, found: string): FlashError<'trace/diverged'> {
  const expected = wordsFor(line);
  return new FlashError('trace/diverged', {
    entry: index + 1,
    expected: expected.slice(0, 200),
    found: found.slice(0, 200),
  });
}

function wordsFor(line: TraceLine | undefined): string {
  if (!line) return 'the end';
  if (isTransfer(line)) return keyOf(line);
  return line.type === 'port' ? 'open' : 'absent';
}

function toHex(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += byte.toString(16).padStart(2, '0');
  return text;
}

function fromHex(text: string): Uint8Array {
  return Uint8Array.from({ length: text.length >> 1 }, (_, i) => Number.parseInt(text.slice(i * 2, i * 2 + 2), 16));
}
