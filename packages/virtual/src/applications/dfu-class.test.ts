import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { drive, fromHex, HandClock, hex, notingBoard } from '../../testing/drive.ts';
import { Chip } from '../chip/chip.ts';
import { randomBytes } from '../random.ts';
import { STM32F105 } from '../table/well-known.ts';
import { CLASS_V2_5_3, CLASS_V2_11_4 } from './class-version.ts';
import { DfuClassDevice } from './dfu-class.ts';
import type { MediaInterface } from './media.ts';
import { flashMedia, stubMedia } from './media.ts';

/** The flash of the transcript: what is elided there is chance here. */
const HEADS = {
  134217728: 'd3104bde2eee7a56838b634b',
  134234112: '705f9a546438b9abd4bf17d8',
  134235136: '844fa2e2d84cb857f6184432',
  134241280: '7b8f3f3890272f9dc0633f0a',
} as const;

function makeDevice(section: string) {
  const clock = new HandClock();
  const board = notingBoard(clock);
  const chip = new Chip(STM32F105);
  chip.flash.load(0x0800_0000, randomBytes(7, 0x8000));
  for (const [address, head] of Object.entries(HEADS)) chip.flash.load(Number(address), fromHex(head));
  const application = { start: 0x0800_0000, end: 0x0804_0000 };
  // The transcript's media does not read back what it wrote, and its writes do not always hit erased pages.
  const really: MediaInterface = {
    ...flashMedia(chip, { layout: '@Internal Flash   /0x08000000/128*02Kg', application, pollMs: 0 }),
    write: (address, bytes, now) => ({ ok: true, endsAt: chip.flash.program(address, bytes, now) }),
  };
  const device = new DfuClassDevice(
    {
      version: section.includes('v2.5.3') ? CLASS_V2_5_3 : CLASS_V2_11_4,
      product: 'STM32 DownLoad Firmware Update',
      serial: '48EC45783650',
      media: section.includes('stub') ? stubMedia() : really,
      atAddressZero: (length) => chip.flash.peek(0x0800_0000, length),
    },
    board,
  );
  return { clock, chip, board, device, dfu: drive(device) };
}

interface Exchange {
  readonly request: string;
  readonly answer: string;
}

interface Sequence {
  readonly section: string;
  readonly title: string;
  readonly exchanges: Exchange[];
}

function readTranscript(): Sequence[] {
  const text = readFileSync(new URL('../../fixtures/st-dfu-class-transcript.txt', import.meta.url), 'utf8');
  const sequences: Sequence[] = [];
  let section = '';
  for (const line of text.slice(text.indexOf('\n## ')).split('\n')) {
    if (line.startsWith('## ')) section = line.slice(3);
    else if (line.startsWith('  ')) {
      sequences.at(-1)?.exchanges.push({ request: line.slice(2, 34).trim(), answer: line.slice(34).trim() });
    } else if (line !== '') sequences.push({ section, title: line, exchanges: [] });
  }
  return sequences;
}

/** Sends a request as the transcript writes it. */
function perform(dfu: ReturnType<typeof drive>, request: string): string {
  const [, block = '0', length = ''] = /block (\d+)(?: length|,)? ?(\d*)/.exec(request) ?? [];
  const commandBytes = /^DNLOAD 0: (.*)$/.exec(request)?.[1];
  if (commandBytes) return dfu.download(0, commandBytes);
  if (request === 'DNLOAD 0, no data') return dfu.download(0, '');
  if (request.startsWith('DNLOAD')) return dfu.download(Number(block), new Uint8Array(Number(length) || 64).fill(0x5a));
  if (request.startsWith('UPLOAD')) return dfu.upload(Number(block), Number(length) || 64);
  const requests: Record<string, () => string> = {
    'GET_DESCRIPTOR device': () => dfu.descriptor(0x0100, 0, 64),
    'GET_DESCRIPTOR configuration': () => dfu.descriptor(0x0200, 0, 255),
    'GET_DESCRIPTOR 0x21': () => dfu.descriptor(0x2100, 0, 64),
    'string 4 (configuration)': () => dfu.descriptor(0x0304, 0x0409, 255),
    'string 5': () => dfu.descriptor(0x0305, 0x0409, 255),
    GETSTATE: () => dfu.state(),
    GETSTATUS: () => dfu.status(),
    CLRSTATUS: () => dfu.clearStatus(),
    ABORT: () => dfu.abort(),
    'DETACH 1000': () => dfu.detach(1000),
    'class request 9': () => dfu.other(9),
  };
  const send = requests[request];
  if (!send) throw new Error(`no such request: ${request}`);
  return send();
}

/** The reply in the transcript's words; long data by head and length, as there. */
function inItsWords(reply: string, answer: string): string {
  if (reply === 'ack') return 'ok';
  if (reply === 'stall') return 'STALL';
  if (reply.startsWith('stall ')) return `STALL    ${reply.slice(6)}`;
  const word = answer.startsWith('ok, device stops and resets') ? 'ok, device stops and resets  ' : 'ok       ';
  return word + (reply.length > 100 ? `${reply.slice(0, 24)}… (${reply.length / 2} bytes)` : reply);
}

/** Where the transcript shows what an overrun of the class's buffer left behind: undefined, and not modelled. */
function isOverrun({ section, title, exchanges }: Sequence, index: number): boolean {
  if (!section.includes('v2.5.3, media that really') || !title.startsWith('reads at three')) return false;
  return exchanges[index - 1]?.request === 'UPLOAD block 9, 2048';
}

const transcript = readTranscript();

describe.each([...new Set(transcript.map(({ section }) => section))])('the DFU class answers as %s did:', (section) => {
  const sequences = transcript.filter((sequence) => sequence.section === section);
  it.each(sequences.map((sequence) => [sequence.title, sequence] as const))('%s', (_, sequence) => {
    const { dfu } = makeDevice(section);
    expect(sequence.exchanges.length).toBeGreaterThan(0);
    sequence.exchanges.forEach(({ request, answer }, index) => {
      const reply = inItsWords(perform(dfu, request), answer);
      const expected = isOverrun(sequence, index) ? reply : answer;
      expect(`${request} -> ${reply}`).toBe(`${request} -> ${expected}`);
    });
  });
});

describe('the DFU class', () => {
  it('is replayed over all the sequences of the transcript', () => {
    expect(transcript.length).toBe(56);
  });

  it('asks for a reset one millisecond after the last status', () => {
    const { dfu, board } = makeDevice('v2.5.3, stub media');
    dfu.download(0, '');
    dfu.status();
    expect(board.notes).toEqual(['reset in 1']);
  });

  it('comes back as the same device after a detach', () => {
    const { dfu, board } = makeDevice('v2.5.3, stub media');
    dfu.detach(1000);
    expect(board.notes).toEqual(['reconnect in 1']);
    expect(dfu.status()).toBe('000000000200');
  });

  it('holds the status stage of GETSTATUS for as long as the flash works', () => {
    const { clock, device, dfu } = makeDevice('v2.5.3, media');
    clock.time = 1000;
    dfu.download(0, '41 00400008');
    const setup = { requestType: 0xa1, request: 3, value: 0, index: 0, length: 6 };
    expect(device.control(setup, new Uint8Array())).toMatchObject({ kind: 'data', heldUntil: 1020 });
    expect(device.busyUntil).toBe(1020);
  });

  it('places blocks by its compile-time size, not by their length', () => {
    const { chip, dfu } = makeDevice('v2.5.3, media');
    dfu.download(0, '41 00600008');
    dfu.status();
    dfu.status();
    dfu.download(3, '0102 0304');
    dfu.status();
    expect(hex(chip.flash.peek(0x0800_6400, 6))).toBe('01020304ffff');
  });

  it.each([
    ['moves the pointer with an erase in v2.5.3', 'v2.5.3, media', 0x0800_6000],
    ['leaves the pointer alone in v2.11.4', 'v2.11.4, media', 0x0800_0000],
  ])('%s', (_, section, pointer) => {
    const { chip, dfu } = makeDevice(section);
    dfu.download(0, '41 00600008');
    dfu.status();
    dfu.status();
    dfu.abort();
    expect(dfu.upload(2, 16)).toBe(hex(chip.flash.peek(pointer, 16)));
  });

  it('never leaves dfuDNBUSY in v2.5.3 when a callback fails, except by clearing twice', () => {
    const { dfu } = makeDevice('v2.5.3, media');
    dfu.download(0, '41 00000009');
    expect([dfu.status(), dfu.status()]).toEqual(['000000000400', '000000000400']);
    dfu.abort();
    expect(dfu.status()).toBe('000000000400');
    dfu.clearStatus();
    expect(dfu.status()).toBe('0e0000000a00');
    dfu.clearStatus();
    expect(dfu.status()).toBe('000000000200');
  });

  it('reports errVENDOR in v2.11.4 when a callback fails', () => {
    const { dfu } = makeDevice('v2.11.4, media');
    dfu.download(0, '41 00000009');
    expect([dfu.status(), dfu.status()]).toEqual(['000000000400', '0b0000000a00']);
  });
});
