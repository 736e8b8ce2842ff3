/**
 * Wire traces: a header for each time that the device was opened, with one entry a transfer behind it. The log, the
 * recording and the replay of a run are the same lines.
 */
import { type ErrorCode, type FactsOf, FlashError, isFlashError } from '../errors.ts';
import type { Clock } from '../ports/clock.ts';
import type { Alternate, ControlSetup, TransferOptions, UsbIdentity, UsbPort } from '../ports/usb.ts';

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
  readonly type: 'in' | 'out' | 'bulk-in' | 'bulk-out' | 'alternate' | 'reset';
  readonly at: number;
  readonly ms: number;
  readonly setup?: ControlSetup;
  /** Address of a bulk endpoint. */
  readonly endpoint?: number;
  /** Bytes asked for (`in`, `bulk-in`) or the number of the alternate. */
  readonly length?: number;
  readonly data?: string;
  /** Code and facts where the transfer failed. */
  readonly error?: { readonly code: ErrorCode; readonly facts: FactsOf<ErrorCode> };
  /** Present if the caller's signal has ended the transfer. */
  readonly aborted?: true;
}

/** The device left the bus and did not come back. */
export interface TraceAbsence {
  readonly type: 'absent';
}

export type TraceLine = TraceHeader | TraceEntry | TraceAbsence;

/** @returns a port that behaves as `port` does and tells `sink` of each transfer */
export function recordTrace(port: UsbPort, clock: Clock, sink: (line: TraceLine) => void): UsbPort {
  const { identity, interfaceNumber, alternates } = port;
  const configurationDescriptor = toHex(port.configurationDescriptor);
  sink({ type: 'port', version: TRACE_VERSION, identity, interfaceNumber, alternates, configurationDescriptor });
  const note = async <T>(entry: TracedRequest, work: Promise<T>, options?: TransferOptions): Promise<T> => {
    const at = clock.now();
    const times = (): { at: number; ms: number } => ({ at, ms: clock.now() - at });
    try {
      const result = await work;
      sink({ ...entry, ...times(), ...(result instanceof Uint8Array && { data: toHex(result) }) });
      return result;
    } catch (error) {
      if (isFlashError(error)) sink({ ...entry, ...times(), error: { code: error.code, facts: error.facts } });
      else if (options?.signal?.aborted) sink({ ...entry, ...times(), aborted: true });
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
      await note({ type: 'in', setup, length }, port.controlIn(setup, length, options), options),
    controlOut: async (setup, data, options) =>
      await note({ type: 'out', setup, data: toHex(data) }, port.controlOut(setup, data, options), options),
    bulkIn: async (endpoint, length, options) =>
      await note({ type: 'bulk-in', endpoint, length }, port.bulkIn(endpoint, length, options), options),
    bulkOut: async (endpoint, data, options) =>
      await note({ type: 'bulk-out', endpoint, data: toHex(data) }, port.bulkOut(endpoint, data, options), options),
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
  const take: Take = async (asked, options) => {
    const line = lines[next];
    if (!line || !isTransfer(line) || traceKey(line) !== traceKey(asked)) throw diverged(next, line, traceKey(asked));
    next++;
    if (line.aborted) throw await abortOf(options?.signal);
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

/** The call of a port, before its outcome is known. */
type TracedRequest = Omit<TraceEntry, 'at' | 'ms'>;
/** @returns the recorded entry, if it is the one that was asked for */
type Take = (asked: TracedRequest, options?: TransferOptions) => Promise<TraceEntry>;

function replayPort(header: TraceHeader, take: Take): UsbPort {
  const { identity, interfaceNumber, alternates } = header;
  return {
    identity,
    interfaceNumber,
    alternates,
    configurationDescriptor: fromHex(header.configurationDescriptor),
    gone: new Promise(() => undefined),
    selectAlternate: async (length) => void (await take({ type: 'alternate', length })),
    controlIn: async (setup, length, options) =>
      fromHex((await take({ type: 'in', setup, length }, options)).data ?? ''),
    controlOut: async (setup, data, options) => void (await take({ type: 'out', setup, data: toHex(data) }, options)),
    bulkIn: async (endpoint, length, options) =>
      fromHex((await take({ type: 'bulk-in', endpoint, length }, options)).data ?? ''),
    bulkOut: async (endpoint, data, options) =>
      void (await take({ type: 'bulk-out', endpoint, data: toHex(data) }, options)),
    reset: async () => void (await take({ type: 'reset' })),
    [Symbol.asyncDispose]: async () => undefined,
  };
}

function isTransfer(line: TraceLine): line is TraceEntry {
  return line.type !== 'port' && line.type !== 'absent';
}

function traceKey({ type, setup, endpoint, length, data = '' }: TracedRequest): string {
  return [
    type,
    ...(setup ? [`${setup.requestType} ${setup.request} value ${setup.value} index ${setup.index}`] : []),
    ...(endpoint === undefined ? [] : [`endpoint ${endpoint}`]),
    ...(length === undefined ? [] : [`length ${length}`]),
    ...(type === 'out' || type === 'bulk-out' ? [`data ${data}`] : []),
  ].join(' ');
}

/** Waits until the caller gives the transfer up, as it did in the recorded run. @returns the reason */
async function abortOf(signal: AbortSignal | undefined): Promise<unknown> {
  if (!signal) return new FlashError('trace/diverged', { entry: 0, expected: 'a signal', found: 'none' });
  if (!signal.aborted) await new Promise<void>((resolve) => signal.addEventListener('abort', resolve, { once: true }));
  return signal.reason;
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
  if (isTransfer(line)) return traceKey(line);
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
