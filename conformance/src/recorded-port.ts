/** The device's side of recorded sessions as a port: it answers our client as the real device answered another host. */
import { readFileSync } from 'node:fs';
import { type Clock, type ControlSetup, FlashError, type UsbPort } from '@sureflash/programmer';

/** A step of `packages/virtual/fixtures/recorded-sessions.json`, whose note says what its fields mean. */
interface Step {
  readonly send?: string;
  readonly data?: string;
  readonly bytes?: number;
  readonly status?: readonly [number | null, number | null, number | null];
  readonly stalls?: boolean;
  readonly ms?: number | readonly [number, number];
  readonly times?: number;
  readonly steps?: readonly Step[];
}

export interface RecordedSession {
  readonly id: string;
  readonly board: string;
  readonly steps: readonly Step[];
}

const FILE = new URL('../../packages/virtual/fixtures/recorded-sessions.json', import.meta.url);
const recordings = JSON.parse(readFileSync(FILE, 'utf8')) as { readonly sessions: readonly RecordedSession[] };

/** @throws Error when no session has this id */
export function sessionNamed(id: string): RecordedSession {
  const found = recordings.sessions.find((session) => session.id === id);
  if (!found) throw new Error(`no recorded session "${id}"`);
  return found;
}

interface Answer {
  readonly bytes?: Uint8Array;
  readonly heldMs: number;
}

/** A request of the recording, and the statuses that were told behind it. */
interface Exchange {
  readonly request: string;
  readonly answers: readonly Answer[];
}

const told = (poll: number, state: number): Answer => ({ bytes: Uint8Array.of(0, poll, 0, 0, state, 0), heldMs: 0 });

/** Behind requests that a recording does not show: as AN3156 §§4.1, 5.2 has it, and as other recordings do. */
const AS_DOCUMENTED: readonly Exchange[] = [
  { request: 'command 21', answers: [told(0, 4), told(0, 5)] },
  { request: 'UPLOAD', answers: [told(0, 9)] },
  { request: 'ABORT', answers: [told(0, 2)] },
];

const REQUEST = { 1: 'DNLOAD', 2: 'UPLOAD', 3: 'GETSTATUS', 4: 'CLRSTATUS', 6: 'ABORT' } as const;
const ERASED = 0xff;
const FIRST_CONTACT = 'first contact';

function flattened(steps: readonly Step[]): Step[] {
  return steps.flatMap((step) =>
    step.steps ? Array.from({ length: step.times ?? 1 }, () => flattened(step.steps ?? [])).flat() : [step],
  );
}

function exchangesOf(session: RecordedSession): Exchange[] {
  const exchanges: { request: string; answers: Answer[] }[] = [{ request: FIRST_CONTACT, answers: [] }];
  for (const step of flattened(session.steps)) {
    if (step.send === undefined) continue;
    if (step.send === 'GETSTATUS') exchanges.at(-1)?.answers.push(answerOf(step));
    else exchanges.push({ request: step.send === 'DNLOAD' ? kindOf(step.data, step.bytes) : step.send, answers: [] });
  }
  return exchanges;
}

function answerOf({ status, stalls = false, ms = 0 }: Step): Answer {
  const heldMs = typeof ms === 'number' ? ms : ms[0];
  if (stalls) return { heldMs };
  const [bStatus, poll, bState] = status ?? [0, 0, 2];
  const pollMs = poll ?? 0;
  return { bytes: Uint8Array.of(bStatus ?? 0, pollMs & 0xff, pollMs >> 8, 0, bState ?? 0, 0), heldMs };
}

/** `erase of 4100000008`, `command 21`, `block`, `leave`: two pages are not erased alike, two pointers are set alike. */
function kindOf(data: string | undefined, bytes = 0): string {
  if (data?.startsWith('41')) return `erase of ${data}`;
  if (data !== undefined) return `command ${data.slice(0, 2)}`;
  return bytes === 0 ? 'leave' : 'block';
}

export interface RecordedPort extends UsbPort {
  /** What the client has sent, in the words of `kindOf`. */
  readonly sent: readonly string[];
}

/** Where a client stands in a recording: what it has sent, and what it is told next. */
function replayOf(session: RecordedSession) {
  const left = exchangesOf(session);
  const last = new Map<string, Exchange>();
  const sent: string[] = [];
  let statuses: Answer[] = [...(left.shift()?.answers ?? [])];
  /** What is told once more when nothing is left: after a stall, as an operation before has ended. */
  let ending = told(0, 2);

  const begin = (request: string): void => {
    sent.push(request);
    const at = left.findIndex((exchange) => exchange.request === request);
    const [found] = at < 0 ? [last.get(request) ?? similar(request)] : left.splice(at, 1);
    if (!found) throw new Error(`"${request}" is not in the recording of ${session.id}`);
    last.set(request, found);
    statuses = [...found.answers];
  };
  const similar = (request: string): Exchange | undefined => {
    const [kind = ''] = request.split(' ');
    if (kind === 'erase') return [...last].find(([name]) => name.startsWith(kind))?.[1];
    return AS_DOCUMENTED.find((exchange) => exchange.request === request);
  };
  const nextStatus = (): Answer => {
    const next = statuses.shift() ?? ending;
    if (statuses.length === 0 && next.bytes) ending = next;
    return next;
  };
  return { sent, begin, nextStatus };
}

/** Answers come in the order of the requests, each after its time. */
function ordered(clock: Clock) {
  let line: Promise<void> = Promise.resolve();
  return async <T>(heldMs: number, answer: () => T): Promise<T> => {
    const before = line;
    const result = before.then(async () => await clock.sleep(heldMs)).then(answer);
    line = result.then(
      () => undefined,
      () => undefined,
    );
    return await result;
  };
}

function requestNameOf({ request }: ControlSetup, data: Uint8Array): string {
  const name = Object.entries(REQUEST).find(([number]) => Number(number) === request)?.[1] ?? `request ${request}`;
  if (name !== 'DNLOAD' || data.length === 0) return name === 'DNLOAD' ? 'leave' : name;
  const hex = Array.from(data, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return kindOf(data.length <= 5 ? hex : undefined, data.length);
}

/**
 * Identity and descriptors are those of `model`; class requests are answered from the recording. A request of a kind that
 * was recorded is answered as the next one of its kind, or as the last. Reads bring erased bytes.
 */
export function recordedPort(session: RecordedSession, model: UsbPort, clock: Clock): RecordedPort {
  const recording = replayOf(session);
  const inOrder = ordered(clock);
  return {
    identity: model.identity,
    interfaceNumber: model.interfaceNumber,
    alternates: model.alternates,
    configurationDescriptor: model.configurationDescriptor,
    gone: new Promise(() => undefined),
    sent: recording.sent,
    selectAlternate: async () => undefined,
    controlIn: async (setup, length) => {
      if (requestNameOf(setup, new Uint8Array()) === 'UPLOAD') {
        recording.begin('UPLOAD');
        return await inOrder(0, () => new Uint8Array(length).fill(ERASED));
      }
      const { bytes, heldMs } = recording.nextStatus();
      return await inOrder(heldMs, () => {
        if (!bytes) throw new FlashError('usb/stall', { setup });
        return bytes;
      });
    },
    controlOut: async (setup, data) => {
      recording.begin(requestNameOf(setup, data));
      await inOrder(0, () => undefined);
    },
    bulkIn: noBulk,
    bulkOut: noBulk,
    reset: async () => undefined,
    [Symbol.asyncDispose]: async () => undefined,
  };
}

/** A DFU interface has no endpoints (DFU 1.1 §4.2.3). */
async function noBulk(): Promise<never> {
  throw new FlashError('usb/transfer', { detail: 'DFU has no bulk endpoints' });
}
