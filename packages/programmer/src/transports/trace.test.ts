import { describe, expect, it } from 'vitest';
import { QuickClock } from '../../testing/clocks.ts';
import { alternate, scriptedPort } from '../../testing/scripted-port.ts';
import { FlashError } from '../errors.ts';
import type { ControlSetup, UsbPort } from '../ports/usb.ts';
import { recordTrace, replayTrace, type TraceLine } from './trace.ts';

const LIMIT = { timeoutMs: 1000 };
const request = (number: number, value = 0): ControlSetup => ({
  requestType: 'class',
  recipient: 'interface',
  request: number,
  value,
  index: 0,
});

/** A small run, and everything that it saw. */
async function run(port: UsbPort): Promise<unknown[]> {
  const seen: unknown[] = [port.identity, port.alternates, port.configurationDescriptor, port.interfaceNumber];
  await port.selectAlternate(1);
  seen.push(await port.controlIn(request(3), 6, LIMIT));
  await port.controlOut(request(1, 2), Uint8Array.of(0xca, 0xfe), LIMIT);
  seen.push(await port.controlIn(request(2, 1), 64, LIMIT).catch((error: unknown) => error));
  await port.reset();
  return seen;
}

async function recorded(): Promise<{ readonly seen: unknown[]; readonly lines: TraceLine[] }> {
  const clock = new QuickClock();
  const script = ['GETSTATUS -> 250 ms 000000000200', 'DNLOAD 2 cafe -> ok', 'UPLOAD 1 64 -> STALL'];
  const port = {
    ...scriptedPort(script, clock),
    alternates: [alternate('@Internal Flash  /0x08000000/1*1Kg')],
    configurationDescriptor: Uint8Array.of(9, 2, 0xff),
  };
  const lines: TraceLine[] = [];
  const seen = await run(recordTrace(port, clock, (line) => lines.push(line)));
  return { seen, lines };
}

/** Through the text of a file. */
const reread = (lines: readonly TraceLine[]): TraceLine[] =>
  lines.map((line) => JSON.parse(JSON.stringify(line)) as TraceLine);

/** The first port of the recording. */
const replayed = (lines: readonly TraceLine[]): UsbPort => taken(replayTrace(lines)());

function taken(port: UsbPort | undefined): UsbPort {
  if (!port) throw new Error('the recorded device is absent');
  return port;
}

describe('a trace', () => {
  it('has one line for the port and one for each transfer, with its time and its bytes', async () => {
    const { lines } = await recorded();
    expect(lines.map(({ type }) => type)).toEqual(['port', 'alternate', 'in', 'out', 'in', 'reset']);
    expect(lines[2]).toMatchObject({ length: 6, data: '000000000200' });
    expect(lines[3]).toMatchObject({ data: 'cafe' });
    expect(lines[4]).toMatchObject({ error: { code: 'usb/stall' } });
  });

  it('replays as the device answered, failures included', async () => {
    const { seen, lines } = await recorded();
    expect(await run(replayed(reread(lines)))).toEqual(seen);
  });

  it('that does not go on as the run does is an error that tells where', async () => {
    const { lines } = await recorded();
    const port = replayed(lines);
    await port.selectAlternate(1);
    await expect(port.controlIn(request(5), 1, LIMIT)).rejects.toMatchObject({
      code: 'trace/diverged',
      facts: {
        entry: 3,
        expected: 'in class 3 value 0 index 0 length 6',
        found: 'in class 5 value 0 index 0 length 1',
      },
    });
  });

  it('tells bytes that differ, and its end', async () => {
    const { lines } = await recorded();
    const port = replayed(lines);
    await port.selectAlternate(1);
    await port.controlIn(request(3), 6, LIMIT);
    await expect(port.controlOut(request(1, 2), Uint8Array.of(0xca, 0xff), LIMIT)).rejects.toMatchObject({
      facts: {
        entry: 4,
        expected: 'out class 1 value 2 index 0 data cafe',
        found: 'out class 1 value 2 index 0 data caff',
      },
    });
    await expect(replayed(lines.slice(0, 1)).reset()).rejects.toMatchObject({
      facts: { entry: 2, expected: 'the end', found: 'reset' },
    });
  });

  it('does not begin without a header', async () => {
    const { lines } = await recorded();
    for (const broken of [[], lines.slice(1)]) {
      expect(() => replayTrace(broken)()).toThrow(expect.objectContaining({ code: 'trace/diverged' }));
    }
  });

  it('has a header for each time that the device was opened, and is replayed in that order', async () => {
    const [first, second] = [await recorded(), await recorded()];
    const open = replayTrace([...first.lines, ...second.lines]);
    for (const { seen } of [first, second]) expect(await run(taken(open()))).toEqual(seen);
    expect(open).toThrow(
      expect.objectContaining({
        code: 'trace/diverged',
        facts: { entry: first.lines.length + second.lines.length + 1, expected: 'the end', found: 'open' },
      }),
    );
  });

  it('tells a device that is opened too early, and a transfer where it was opened', async () => {
    const { lines } = await recorded();
    const early = replayTrace([...lines, ...lines]);
    early();
    expect(early).toThrow(
      expect.objectContaining({ facts: { entry: 2, expected: 'alternate length 1', found: 'open' } }),
    );
    const port = replayed([...lines.slice(0, 1), ...lines]);
    await expect(port.selectAlternate(1)).rejects.toMatchObject({
      facts: { entry: 2, expected: 'open', found: 'alternate length 1' },
    });
  });

  it('knows a device that did not come back, however often it is looked for', async () => {
    const { lines } = await recorded();
    const open = replayTrace([...lines, { type: 'absent' }]);
    const port = taken(open());
    await run(port);
    expect([open(), open()]).toEqual([undefined, undefined]);
    await expect(port.reset()).rejects.toMatchObject({ facts: { expected: 'absent', found: 'reset' } });
  });
});

describe('a trace of bulk transfers', () => {
  /** A port whose device answers from a list; `undefined` is an answer that never comes. */
  function bulkPort(answers: readonly (Uint8Array | FlashError | undefined)[]): UsbPort {
    const left = [...answers];
    return {
      ...scriptedPort([]),
      bulkIn: async (_, __, options) => {
        const answer = left.shift();
        if (answer instanceof Error) throw answer;
        if (answer) return answer;
        return await new Promise((_resolve, reject) => {
          options.signal?.addEventListener('abort', () => reject(options.signal?.reason), { once: true });
        });
      },
      bulkOut: async () => undefined,
    };
  }

  async function runBulk(port: UsbPort): Promise<unknown[]> {
    const seen: unknown[] = [];
    await port.bulkOut(0x01, Uint8Array.of(0xca, 0xfe), LIMIT);
    seen.push(await port.bulkIn(0x81, 64, LIMIT));
    seen.push(await port.bulkIn(0x81, 64, LIMIT).catch((error: unknown) => error));
    const stop = new AbortController();
    const waiting = port.bulkIn(0x81, 64, { ...LIMIT, signal: stop.signal }).catch((error: unknown) => error);
    stop.abort('enough');
    seen.push(await waiting);
    return seen;
  }

  it('has their endpoints and bytes, and is replayed as it was, stalls and aborts too', async () => {
    const stall = new FlashError('usb/stall', { endpoint: 0x81 });
    const lines: TraceLine[] = [];
    const port = recordTrace(bulkPort([Uint8Array.of(1, 2), stall, undefined]), new QuickClock(), (line) =>
      lines.push(line),
    );
    const seen = await runBulk(port);
    expect(seen).toEqual([Uint8Array.of(1, 2), stall, 'enough']);
    expect(lines.slice(1)).toMatchObject([
      { type: 'bulk-out', endpoint: 0x01, data: 'cafe' },
      { type: 'bulk-in', endpoint: 0x81, length: 64, data: '0102' },
      { type: 'bulk-in', endpoint: 0x81, error: { code: 'usb/stall', facts: { endpoint: 0x81 } } },
      { type: 'bulk-in', endpoint: 0x81, aborted: true },
    ]);
    expect(await runBulk(replayed(reread(lines)))).toEqual(seen);
  });

  it('tells a run that sends other bytes, or to another endpoint', async () => {
    const lines: TraceLine[] = [];
    await runBulk(
      recordTrace(bulkPort([Uint8Array.of(1), Uint8Array.of(2), undefined]), new QuickClock(), (line) =>
        lines.push(line),
      ),
    );
    for (const [endpoint, byte] of [
      [0x01, 0xcb],
      [0x02, 0xca],
    ] as const) {
      const sent = replayed(lines).bulkOut(endpoint, Uint8Array.of(byte, 0xfe), LIMIT);
      await expect(sent).rejects.toMatchObject({
        code: 'trace/diverged',
        facts: { entry: 2, expected: 'bulk-out endpoint 1 data cafe' },
      });
    }
  });
});
