/** Wire traces: one entry a transfer. The log, the recording and the replay of a run are the same lines. */
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

export type TraceLine = TraceHeader | TraceEntry;

/** A port that behaves as `port` does and tells `sink` of each transfer. */
export function recordTrace(port: UsbPort, clock: Clock, sink: (line: TraceLine) => void): UsbPort {
  const { identity, interfaceNumber, alternates } = port;
  const configurationDescriptor = toHex(port.configurationDescriptor);
  sink({ type: 'port', version: TRACE_VERSION, identity, interfaceNumber, alternates, configurationDescriptor });
  const note = async <T>(entry: Omit<TraceEntry, 'at' | 'ms'>, work: Promise<T>): Promise<T> => {
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
 * A port that answers as the recorded device did. A request that the recording does not have next is
 * `trace/diverged`: the run took another way than the recorded one.
 * @param clock passes the recorded time of each transfer; without it they take none
 * @throws FlashError `trace/diverged` when the lines do not begin with a header
 */
export function replayTrace(lines: readonly TraceLine[], clock?: Clock): UsbPort {
  const [header, ...rest] = lines;
  if (header?.type !== 'port') throw diverged(0, 'a header', header?.type ?? 'nothing');
  const entries = rest.filter((line): line is TraceEntry => line.type !== 'port');
  let next = 0;
  const take = async (asked: Omit<TraceEntry, 'at' | 'ms'>): Promise<TraceEntry> => {
    const entry = entries[next];
    if (!entry || keyOf(entry) !== keyOf(asked)) throw diverged(next, entry ? keyOf(entry) : 'the end', keyOf(asked));
    next++;
    if (entry.ms > 0) await clock?.sleep(entry.ms);
    if (entry.error) throw new FlashError(entry.error.code, entry.error.facts);
    return entry;
  };
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

function keyOf({ type, setup, length, data }: Omit<TraceEntry, 'at' | 'ms'>): string {
  const request = setup ? ` ${setup.requestType} ${setup.request} value ${setup.value} index ${setup.index}` : '';
  return `${type}${request}${length === undefined ? '' : ` length ${length}`}${type === 'out' ? ` data ${data ?? ''}` : ''}`;
}

function diverged(entry: number, expected: string, found: string): FlashError<'trace/diverged'> {
  return new FlashError('trace/diverged', { entry, expected: expected.slice(0, 200), found: found.slice(0, 200) });
}

function toHex(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += byte.toString(16).padStart(2, '0');
  return text;
}

function fromHex(text: string): Uint8Array {
  return Uint8Array.from({ length: text.length >> 1 }, (_, i) => Number.parseInt(text.slice(i * 2, i * 2 + 2), 16));
}
